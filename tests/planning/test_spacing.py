import pytest

from cloudgauge.model.plan import ProbeSpec
from cloudgauge.model.quantity import NS_PER_MS, NS_PER_S
from cloudgauge.model.target import Family
from cloudgauge.planning.spacing import (
    Crowd,
    Window,
    crowds_of,
    least_round_ns,
    window_of,
)
from tests.fakes.plans import plan_of, target


@pytest.mark.parametrize(
    ("rate_per_s", "count", "span_ms"),
    [
        (10.0, 10, 1000),
        (1.0, 1, 1000),
        (2.5, 2, 800),
        (0.5, 1, 2000),
        (1000.0, 1000, 1000),
    ],
)
def test_a_rate_is_guarded_as_whole_visits_in_a_span(
    rate_per_s: float, count: int, span_ms: int
) -> None:
    window = window_of(rate_per_s)

    assert window == Window(count=count, span_ns=span_ms * NS_PER_MS)


def test_planned_span_has_a_tenth_of_slack() -> None:
    assert Window(count=1, span_ns=NS_PER_S).planned_span_ns == 1100 * NS_PER_MS


def test_crowds_count_families_and_controls() -> None:
    plan = plan_of(
        [
            target("aws", "a"),
            target("aws", "b", host="shared.example"),
            target("gcp", "c", host="shared.example"),
        ],
        controls=("gcp/c:object-storage",),
        probe=ProbeSpec(families=(Family.IPV4, Family.IPV6)),
    )

    counted = [(crowd.limit, crowd.name, crowd.series) for crowd in crowds_of(plan)]

    assert counted == [
        ("visits_per_s", "", 8),
        ("visits_per_s_provider", "aws", 4),
        ("visits_per_s_provider", "gcp", 4),
        ("visits_per_s_host", "a.aws.example", 2),
        ("visits_per_s_host", "shared.example", 6),
    ]


def test_least_round_holds_a_crowd_on_whole_places() -> None:
    # Two of three places: they can be only one place apart somewhere, so one place
    # must hold the 1.1 s, and the round three of them, with twice the room.
    window = Window(count=1, span_ns=NS_PER_S)
    crowd = Crowd(limit="visits_per_s_host", name="h", series=2, window=window, room=2)

    assert least_round_ns(crowd, 3) == 6600 * NS_PER_MS


def test_least_round_of_a_single_visit_is_its_span_with_room() -> None:
    window = Window(count=1, span_ns=NS_PER_S)
    crowd = Crowd(limit="visits_per_s_host", name="h", series=1, window=window, room=2)

    assert least_round_ns(crowd, 100) == 2200 * NS_PER_MS
