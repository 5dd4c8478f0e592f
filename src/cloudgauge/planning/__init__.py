"""Decisions before the first packet, all of them pure."""
