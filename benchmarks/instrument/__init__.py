"""The tool measured by itself, beside its peers, against a known truth."""
