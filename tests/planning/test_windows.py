from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudgauge.model.download import DownloadSpec
from cloudgauge.model.plan import Ceilings, Pacing, Plan, ProbeKind, Slot
from cloudgauge.model.quantity import NS_PER_S
from cloudgauge.model.target import Family
from cloudgauge.planning.schedule import slots
from cloudgauge.planning.windows import windows
from tests.fakes.plans import download_plan, object_in, plan_of, target, targets_of
from tests.planning.strategies import plans

OBJECTS = [object_in("aws", f"place-{k}") for k in range(4)]
SHORT = DownloadSpec(transfer_ns=3 * NS_PER_S, timeout_ns=NS_PER_S, idle_ns=0)
specs = st.builds(
    DownloadSpec,
    streams=st.sampled_from([(1,), (1, 8), (2, 4, 16)]),
    idle_ns=st.integers(0, 60 * NS_PER_S),
    families=st.sampled_from([(Family.IPV4,), (Family.IPV4, Family.IPV6)]),
)


def transfers_of(plan: Plan) -> list[Slot]:
    return [slot for slot in slots(plan) if slot.kind is ProbeKind.DOWNLOAD]


def visits_of(plan: Plan) -> list[Slot]:
    return [slot for slot in slots(plan) if slot.kind is ProbeKind.LATENCY]


@given(plan=plans(), download=specs, count=st.integers(1, 5))
def test_each_round_downloads_every_object_in_every_way_after_its_visits(
    plan: Plan, download: DownloadSpec, count: int
) -> None:
    objects = tuple(object_in("aws", f"file-{k}") for k in range(count))
    both = replace(plan, objects=objects, download=download)
    made = list(slots(both))

    assert [slot.seq for slot in made] == list(range(both.visit_count))
    assert all(a.due_ns <= b.due_ns for a, b in pairwise(made))
    rounds: dict[int, list[Slot]] = defaultdict(list)
    for slot in made:
        rounds[slot.round_index].append(slot)
    wanted = {
        (one.target_id, family, streams): 1
        for one in objects
        for family in download.families
        for streams in download.streams
    }
    for round_slots in rounds.values():
        visits, transfers = (
            round_slots[: plan.series_count],
            round_slots[plan.series_count :],
        )
        assert {slot.kind for slot in visits} == {ProbeKind.LATENCY}
        ways = Counter((s.target_id, s.family, s.streams) for s in transfers)
        assert ways == wanted
        assert {slot.replica for slot in transfers} == {0}


def due_of(transfers: Sequence[Slot], round_index: int) -> list[int]:
    return [slot.due_ns for slot in transfers if slot.round_index == round_index]


def test_transfers_are_due_one_window_after_another_when_the_visits_are_over() -> None:
    plan = download_plan(OBJECTS, targets=targets_of(gcp=3), download=SHORT)

    transfers = transfers_of(plan)

    # Two rounds of 18 s of visits and eight transfers of 4 s.
    assert plan.round_span_ns == 50 * NS_PER_S
    assert due_of(transfers, 0) == [(18 + 4 * k) * NS_PER_S for k in range(8)]
    assert due_of(transfers, 1) == [(68 + 4 * k) * NS_PER_S for k in range(8)]
    later = [slot for slot in visits_of(plan) if slot.round_index == 1]
    assert all(50 * NS_PER_S <= slot.due_ns < 68 * NS_PER_S for slot in later)


def test_a_plan_without_targets_has_transfers_from_the_start() -> None:
    plan = download_plan(OBJECTS[:1], download=SHORT)

    made = list(slots(plan))

    assert [slot.due_ns for slot in made] == [k * 4 * NS_PER_S for k in range(4)]
    assert [slot.round_index for slot in made] == [0, 0, 1, 1]


def test_downloads_move_no_visit_but_by_the_time_they_take() -> None:
    pacing = Pacing(rounds=5, round_ns=18 * NS_PER_S)
    # So many a second that no visit gives way to one of the round before.
    free = Ceilings(visits_per_s_host=100, visits_per_s_provider=100)
    alone = plan_of(targets_of(aws=20, gcp=10), pacing=pacing, ceilings=free)
    both = replace(alone, objects=tuple(OBJECTS), download=SHORT)
    shift_ns = both.round_span_ns - pacing.round_ns

    moved = [
        replace(slot, seq=0, due_ns=slot.due_ns - slot.round_index * shift_ns)
        for slot in visits_of(both)
    ]

    assert moved == [replace(slot, seq=0) for slot in slots(alone)]


def test_a_visit_that_was_put_off_puts_off_the_transfer_after_it() -> None:
    # Refused by check_limits: five visits a second apart in a round of one second.
    crowded = [target("aws", f"place-{k}", host="one.example") for k in range(5)]
    pacing = Pacing(rounds=1, round_ns=NS_PER_S)
    plan = download_plan(OBJECTS[:1], targets=crowded, download=SHORT, pacing=pacing)

    last_visit, first, second = list(slots(plan))[-3:]

    assert first.due_ns == last_visit.due_ns > 4 * NS_PER_S
    assert second.due_ns == 5 * NS_PER_S


def test_order_is_drawn_anew_each_round_from_the_seed() -> None:
    plan = download_plan(OBJECTS, pacing=Pacing(rounds=6, round_ns=1))

    def orders(of: Plan) -> list[list[tuple[str, int]]]:
        return [[(t.target_id, t.streams) for _, t in windows(of, k)] for k in range(6)]

    assert len({tuple(order) for order in orders(plan)}) == 6
    assert orders(plan) == orders(replace(plan))
    assert orders(plan) != orders(replace(plan, seed=2))


def test_order_of_a_seed_is_the_same_on_every_version_of_python() -> None:
    plan = download_plan(OBJECTS[:2])

    order = [(t.target_id[4:11], t.streams) for _, t in windows(plan, 0)]

    assert order == [("place-1", 8), ("place-0", 1), ("place-1", 1), ("place-0", 8)]


def test_any_transfer_may_come_first() -> None:
    plan = download_plan(OBJECTS)
    firsts: Counter[tuple[str, int]] = Counter()
    for round_index in range(800):
        _, first = next(windows(plan, round_index))
        firsts[first.target_id, first.streams] += 1

    # Each of eight a hundred times, with a standard deviation of 9.4.
    assert len(firsts) == 8
    assert all(count == pytest.approx(100, abs=4 * 9.4) for count in firsts.values())


def test_a_plan_of_latency_has_no_transfers() -> None:
    assert list(windows(plan_of(targets_of(aws=1)), 0)) == []
