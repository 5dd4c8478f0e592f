"""Proof by light of where endpoints are, in a private network whose truth is known."""
