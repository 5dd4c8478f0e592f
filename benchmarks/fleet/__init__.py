"""A fleet of vantages on one machine, each with a network of its own."""
