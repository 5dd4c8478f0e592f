"""What a user writes in TOML, read once, refused early, with every error at once."""
