"""Decisions before the first packet, all pure."""
