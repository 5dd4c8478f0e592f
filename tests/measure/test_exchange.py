"""How exact an answer's stamp is."""

import pytest

from cloudgauge.measure.exchange import Exchange
from cloudgauge.measure.instant import Arrival, Instant

SENT = Instant(10**18, 0, 0)


@pytest.mark.parametrize(
    ("records_ns", "segments", "several"),
    [
        ([1], 1, False),
        ([1, 1], 1, False),  # two records in one segment
        ([1, 2], 2, False),  # a ticket, then the answer, kept apart
        ([1, 2, 3], 3, False),
        ([1], 2, True),  # one record in two segments, or two that were joined
        ([1, 1], 2, True),  # two records whose segments were joined
        ([1, 2], 3, True),
        ([], 1, True),  # no whole record
    ],
)
def test_a_stamp_is_exact_if_each_segment_has_shown_its_own(
    *, records_ns: list[int], segments: int, several: bool
) -> None:
    exchange = Exchange(SENT, segments=7)
    for record_ns in records_ns:
        exchange.note_record(record_ns)
    exchange.first = Arrival(SENT, 1, several=False)
    exchange.judge_first(7 + segments)
    assert exchange.first.several is several


def test_without_the_kernels_count_nothing_is_judged() -> None:
    exchange = Exchange(SENT)
    exchange.first = Arrival(SENT, None, several=False)
    exchange.judge_first(None)
    assert not exchange.first.several


def test_nothing_is_judged_before_the_answer_has_begun() -> None:
    exchange = Exchange(SENT, segments=0)
    exchange.judge_first(5)
    assert exchange.first is None
