import pytest

from cloudgauge.model.coverage import QUARTER_NS, full_quarters, is_burst

HOUR_NS = QUARTER_NS // 6


@pytest.mark.parametrize(
    ("hours", "wanted"),
    [
        ([], ()),
        ([1], ()),
        ([1, 2], (0,)),
        # Two rounds of one quarter are two of the same day.
        ([1, 25], ()),
        ([1, 2, 7, 8, 13], (0, 1)),
        ([1, 2, 7, 8, 13, 14], (0, 1, 2)),
        ([5.99, 6.01, 23, 23.5, 24.1, 24.2], (0, 3)),
    ],
)
def test_a_quarter_of_a_day_counts_with_two_rounds(
    hours: list[float], wanted: tuple[int, ...]
) -> None:
    assert full_quarters(round(hour * HOUR_NS) for hour in hours) == wanted


def test_fewer_than_three_quarters_are_a_burst() -> None:
    assert is_burst(())
    assert is_burst((0, 1))
    assert not is_burst((0, 1, 3))
