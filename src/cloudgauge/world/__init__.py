"""A private Internet with a known truth."""
