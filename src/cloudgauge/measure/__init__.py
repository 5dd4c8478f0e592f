"""The only prober."""
