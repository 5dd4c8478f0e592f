"""Which cloud region serves your users best, and how sure can you be."""

__version__ = "0.1.0"
