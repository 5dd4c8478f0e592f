"""The statistics tried on noise with a known truth, and how fast they are."""
