"""Regions chosen for users: what nothing else beats, and k regions under limits."""
