"""How long the page takes to write and to open, and how large it is."""
