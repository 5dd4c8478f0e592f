"""How fast, and in how much memory, EC2's regional price file is read."""
