"""How many samples one machine answers for, how fast, and how sure that is."""
