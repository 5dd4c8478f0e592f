from itertools import pairwise

from cloudgauge.model.buckets import BOUNDS_NS
from cloudgauge.model.quantity import NS_PER_MS, NS_PER_S


def test_buckets_rise_from_half_a_millisecond_to_the_default_timeout() -> None:
    assert BOUNDS_NS[0] * 2 == NS_PER_MS
    assert BOUNDS_NS[-1] == 10 * NS_PER_S
    assert all(low < high for low, high in pairwise(BOUNDS_NS))


def test_no_bucket_is_wider_than_its_own_lower_end_below_a_second() -> None:
    below = [bound for bound in BOUNDS_NS if bound <= NS_PER_S]
    assert all(high <= 2 * low for low, high in pairwise(below))
