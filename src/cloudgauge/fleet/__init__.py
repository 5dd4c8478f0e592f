"""One plan at many vantage points, on the distributed engine."""
