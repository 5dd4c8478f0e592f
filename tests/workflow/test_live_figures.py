import math
import random
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from cloudgauge.stats.summary import quantile_interval
from cloudgauge.workflow.live_figures import LivePlan, LiveRun, RunningMedian

PLAN = LivePlan(
    name="made-up",
    rounds=2,
    visits=6,
    transfers=2,
    duration_s=60,
    transfer_s=10,
    target_ids=("aws/a:s3", "aws/b:s3", "gcp/a:run", "aws/a:blob", "gcp/a:blob"),
    prices={3: ("0.00000000009", "USD")},
)


@given(st.lists(st.integers(min_value=1, max_value=10**8), min_size=1, max_size=200))
def test_a_running_median_is_that_of_the_values_within_a_fifth_of_a_per_cent(
    values: list[int],
) -> None:
    running = RunningMedian()
    for value in values:
        running.add(value)
    found = running.median()
    assert found is not None
    assert found.n == len(values)
    middle = sorted(values)[(len(values) + 1) // 2 - 1] / 1_000
    assert abs(found.point - middle) <= 0.002 * middle
    wanted = quantile_interval(values, 0.5)
    if math.isinf(wanted.low):
        assert found.low is found.high is None
    else:
        assert found.low is not None
        assert found.high is not None
        assert abs(found.low - wanted.low / 1_000) <= 0.002 * found.low
        assert abs(found.high - wanted.high / 1_000) <= 0.002 * found.high


def test_without_a_value_there_is_no_median_and_one_value_has_no_interval() -> None:
    running = RunningMedian()
    assert running.median() is None
    running.add(5_000)
    found = running.median()
    assert found is not None
    assert (found.low, found.high, found.n) == (None, None, 1)


def test_what_timed_out_is_longer_than_everything_else() -> None:
    running = RunningMedian()
    for _ in range(10):
        running.add(5_000)
    for _ in range(11):
        running.add_longer()
    found = running.median()
    assert found is not None
    assert math.isinf(found.point)
    assert found.low is not None
    assert 4.9 < found.low < 5.1


def test_its_room_does_not_grow_with_the_values() -> None:
    running, rng = RunningMedian(), random.Random(1)
    for _ in range(20_000):
        running.add(int(50_000 * rng.lognormvariate(0, 0.05)))
    assert len(running._bins) < 300


def test_targets_are_in_order_of_what_is_wrong_with_them() -> None:
    run = LiveRun(PLAN)
    run.visited(0, 30_000, "")
    run.visited(1, 10_000, "")
    run.visited(1, None, "connect-timeout")
    run.visited(2, None, "refused")
    run.round_done()
    run.skipped(3)
    figures = run.figures()
    assert [row.name for row in figures.failing] == ["gcp/a:run", "aws/b:s3"]
    assert [row.last_failure for row in figures.failing] == [
        "refused",
        "connect-timeout",
    ]
    assert [row.name for row in figures.slowest] == ["aws/a:s3", "aws/b:s3"]
    assert [(row.name, row.visits, row.failed) for row in figures.providers] == [
        ("aws", 3, 1),
        ("gcp", 1, 1),
    ]
    assert figures.providers[1].median is None
    assert (figures.visits, figures.failed, figures.skipped) == (4, 2, 3)
    assert figures.rounds_done == 1


def test_bytes_are_paid_for_where_a_price_is_known() -> None:
    run = LiveRun(PLAN)
    run.received(500)
    run.pouring(3, 4, 10**9, 2 * 10**9)
    under_way = run.figures()
    assert under_way.pouring is not None
    assert (under_way.pouring.name, under_way.pouring.streams) == ("aws/a:blob", 4)
    assert under_way.spent == (("USD", Decimal("0.09")),)
    run.transferred(3, 2 * 10**9, "")
    run.transferred(4, 10**6, "stalled")
    ended = run.figures()
    assert ended.pouring is None
    assert ended.received_bytes == 2 * 10**9 + 10**6 + 500
    assert ended.spent == (("USD", Decimal("0.18")),)
    assert ended.unpriced_bytes == 10**6
    assert ended.transfers == 2
    assert [row.name for row in ended.failing] == ["gcp/a:blob"]
    assert ended.visits == 0
