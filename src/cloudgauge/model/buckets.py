"""The buckets of the histograms that metrics are exported in."""

from cloudgauge.model.quantity import NS_PER_MS

BOUNDS_NS = tuple(
    round(ms * NS_PER_MS)
    for ms in (
        *(0.5, 1, 2, 3, 5, 7.5, 10, 15, 20, 30, 40, 50, 60, 75, 100, 125, 150, 175),
        *(200, 225, 250, 300, 350, 400, 500, 750, 1_000, 2_000, 5_000, 10_000),
    )
)
"""Upper ends of the histograms' buckets, which belong to them; then infinity."""
