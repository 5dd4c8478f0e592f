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
from cloudgauge.planning.shares import check_share, share_of, spaced, spread, stagger_ns
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


@pytest.mark.parametrize("sharers", [1, 2, 3, 5, 8])
@pytest.mark.parametrize("rate", [0.3, 1.0, 2.0, 3.7, 5.0, 11.0])
def test_however_dense_their_schedule_vantages_one_after_another_keep_the_ceiling(
    rate: float, sharers: int
) -> None:
    ceilings = Ceilings(visits_per_s=1e6, visits_per_s_provider=1e6)
    one_host = [target("aws", f"place-{at}", host="one.example") for at in range(30)]
    plan = plan_of(one_host, ceilings=replace(ceilings, visits_per_s_host=rate))
    # All at once, so that nothing but the share keeps them apart.
    dense = [replace(slot, due_ns=0) for slot in slots(plan)]
    step_ns = stagger_ns(plan)

    together = sorted(
        slot.due_ns + place * step_ns
        for slot in spaced(dense, plan, sharers)
        for place in range(sharers)
    )

    window = window_of(rate)
    assert min(least_spans(together, window.count)) >= window.span_ns


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


def test_a_share_of_more_than_one_visit_a_second_is_of_whole_visits() -> None:
    ceilings = Ceilings(visits_per_s_host=5.0)

    assert share_of(ceilings, 2) == replace(ceilings, visits_per_s_host=2.0)
    assert share_of(Ceilings(visits_per_s_host=2.5), 1).visits_per_s_host == 2.5


def test_vantages_are_spread_as_far_as_a_round_holds_their_share_twice_over() -> None:
    plan = plan_of(targets_of(aws=3), pacing=Pacing(rounds=6, round_ns=40 * NS_PER_S))

    # Three hosts: five times 1.1 s must fit into a round twice, and that twice over.
    assert spread(plan, 5) == 1
    assert spread(plan, 2) == 4
    assert spread(download_plan([object_in("aws", "place-1")]), 5) == 1


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
