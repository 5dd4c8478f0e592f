"""A day of a monitor in minutes: does its memory stay, and its disk, and every cell?"""
