from collections import defaultdict
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudgauge.errors import LimitExceeded
from cloudgauge.model.plan import Ceilings, Pacing, Plan, Slot
from cloudgauge.model.quantity import NS_PER_S
from cloudgauge.planning.schedule import slots
from cloudgauge.planning.shares import check_share, share_of, spaced, stagger_ns
from cloudgauge.planning.spacing import window_of
from tests.fakes.plans import download_plan, object_in, plan_of, target, targets_of
from tests.planning.strategies import plans


def least_spans(due_ns: list[int], count: int) -> list[int]:
    """The span from each visit to the one that is *count* after it."""
    return [b - a for a, b in zip(due_ns, due_ns[count:], strict=False)]


def by_host(plan: Plan, made: list[Slot]) -> dict[str, list[int]]:
    hosts = {one.target_id: one.endpoint.host for one in plan.targets}
    found: dict[str, list[int]] = defaultdict(list)
    for slot in made:
        if slot.streams is None:
            found[hosts[slot.target_id]].append(slot.due_ns)
    return found


@given(plan=plans())
@settings(max_examples=50)
def test_a_whole_schedule_passes_as_it_is(plan: Plan) -> None:
    assert list(spaced(slots(plan), plan)) == list(slots(plan))


@given(plan=plans(), sharers=st.integers(2, 9))
@settings(max_examples=50)
def test_each_host_is_visited_as_seldom_as_its_share_asks(
    plan: Plan, sharers: int
) -> None:
    made = list(spaced(slots(plan), plan, sharers))

    window = window_of(plan.ceilings.visits_per_s_host / sharers)
    for times in by_host(plan, made).values():
        assert min(least_spans(times, window.count), default=2**62) >= window.span_ns
    assert all(a.due_ns <= b.due_ns for a, b in pairwise(made))
    assert sorted(slot.seq for slot in made) == list(range(plan.visit_count))
    due_ns = {slot.seq: slot.due_ns for slot in slots(plan)}
    assert all(slot.due_ns >= due_ns[slot.seq] for slot in made)


def test_vantages_that_begin_one_after_another_never_meet_at_a_host() -> None:
    sharers = 5
    plan = plan_of(targets_of(aws=3), pacing=Pacing(rounds=6, round_ns=40 * NS_PER_S))
    step_ns = stagger_ns(plan)

    together: dict[str, list[int]] = defaultdict(list)
    for place in range(sharers):
        made = list(spaced(slots(plan), plan, sharers))
        for host, times in by_host(plan, made).items():
            together[host] += [at + place * step_ns for at in times]

    assert step_ns >= NS_PER_S
    for times in together.values():
        assert len(times) == 6 * sharers
        assert min(least_spans(sorted(times), 1)) >= NS_PER_S


def test_transfers_stay_where_they_are() -> None:
    objects = [object_in("aws", f"place-{index}") for index in range(3)]
    plan = download_plan(objects, targets=targets_of(aws=4))

    made = list(spaced(slots(plan), plan, 4))

    transfers = [slot for slot in made if slot.streams is not None]
    assert transfers == [slot for slot in slots(plan) if slot.streams is not None]


def test_a_share_is_of_the_host_alone() -> None:
    ceilings = Ceilings(visits_per_s_host=2.0)

    assert share_of(ceilings, 4) == replace(ceilings, visits_per_s_host=0.5)
    with pytest.raises(ValueError, match="at least one to share a ceiling, got 0"):
        share_of(ceilings, 0)


def test_a_plan_whose_hosts_are_visited_too_often_together_is_refused() -> None:
    two = [target("aws", f"place-{index}", host="one.example") for index in range(2)]
    plan = plan_of(two, pacing=Pacing(rounds=2, round_ns=10 * NS_PER_S))
    check_share(plan, 1)
    check_share(plan, 2)

    with pytest.raises(LimitExceeded) as caught:
        check_share(plan, 8)

    assert caught.value.limit == "visits_per_s_host"
    assert str(caught.value) == (
        "visits_per_s_host: 8 vantages share 1 visits a second to one.example, which "
        "has 2 a round of each: a round of at least 35s200ms would do, the plan's is "
        "10s; pin it with longer rounds, or take fewer vantages, or raise "
        "ceilings.visits_per_s_host"
    )
    longer = Pacing(rounds=2, round_ns=35_200_000_000)
    check_share(replace(plan, pacing=longer), 8)


def test_a_plan_without_visits_shares_nothing() -> None:
    check_share(download_plan([object_in("aws", "place-1")]), 100)
