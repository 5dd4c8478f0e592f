"""Results into text."""
