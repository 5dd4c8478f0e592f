"""How long a bill of every region takes."""
