from dataclasses import replace
from itertools import islice, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudgauge.model.plan import Ceilings, Pacing, Plan, Slot
from cloudgauge.model.quantity import NS_PER_S
from cloudgauge.planning.parts import Cutting, PartPlan
from cloudgauge.planning.schedule import slots
from cloudgauge.planning.seqs import SeqSpans
from tests.fakes.plans import download_plan, object_in, plan_of, target, targets_of
from tests.planning.strategies import plans

PLAN = plan_of(
    targets_of(aws=4, azure=3), pacing=Pacing(rounds=10, round_ns=20 * NS_PER_S)
)
PER_ROUND = PLAN.slots_per_round
SPAN_NS = PLAN.round_span_ns


def cut(
    plan: Plan = PLAN,
    *,
    part_rounds: int = 4,
    held: SeqSpans | None = None,
    sharers: int = 1,
) -> Cutting:
    return Cutting(
        plan=plan,
        part_rounds=part_rounds,
        end_round=plan.pacing.rounds,
        held=held or SeqSpans(),
        sharers=sharers,
    )


def what(slot: Slot) -> tuple[int, int, str, int, str]:
    """What a slot is, whenever it is due."""
    return slot.seq, slot.round_index, slot.target_id, slot.replica, slot.family.value


def rounds_of(parts: list[PartPlan]) -> list[tuple[int, int]]:
    return [(part.first_round, part.span) for part in parts]


def test_parts_on_schedule_have_all_slots_of_a_plan_once() -> None:
    parts = list(cut().on_schedule(0))

    assert rounds_of(parts) == [(0, 4), (4, 4), (8, 2)]
    assert [part.slots for part in parts] == [28, 28, 14]
    made = [slot for part in parts for slot in cut().slots_of(part)]
    assert sorted(slot.seq for slot in made) == list(range(PLAN.visit_count))


def test_one_part_is_the_schedule_of_the_plan() -> None:
    (part,) = cut(part_rounds=10).on_schedule(0)

    assert list(cut(part_rounds=10).slots_of(part)) == list(slots(PLAN))


def test_a_part_keeps_the_time_of_its_rounds() -> None:
    (part, *_) = cut().on_schedule(6)

    assert rounds_of([part]) == [(6, 2)]
    made = list(cut().slots_of(part))
    assert {slot.round_index for slot in made} == {6, 7}
    for slot in made:
        began_ns = (slot.round_index - 6) * SPAN_NS
        assert began_ns <= slot.due_ns < began_ns + SPAN_NS


def test_who_joins_late_makes_the_same_slots_as_the_others() -> None:
    (whole, *_) = cut().on_schedule(4)
    (late, *_) = cut().on_schedule(6)

    its = [
        replace(one, due_ns=one.due_ns + 2 * SPAN_NS) for one in cut().slots_of(late)
    ]
    assert its == [one for one in cut().slots_of(whole) if one.round_index >= 6]


def test_a_part_of_which_all_is_held_is_left_out() -> None:
    held = SeqSpans(spans=((4 * PER_ROUND, 8 * PER_ROUND),))

    assert rounds_of(list(cut(held=held).on_schedule(2))) == [(2, 2), (8, 2)]


def test_held_slots_are_not_made_again_and_move_no_other() -> None:
    held = SeqSpans.of([1, 3, 4, 20])

    (part, *_) = cut(held=held).on_schedule(0)

    assert part.slots == 28 - 4
    (whole, *_) = cut().on_schedule(0)
    wanted = [slot for slot in cut().slots_of(whole) if slot.seq not in held]
    assert list(cut(held=held).slots_of(part)) == wanted


def test_a_run_without_end_goes_on_drawing_rounds() -> None:
    endless = Cutting(plan=PLAN, part_rounds=4)

    parts = list(islice(endless.on_schedule(1_000_003), 3))

    assert rounds_of(parts) == [(1_000_003, 1), (1_000_004, 4), (1_000_008, 4)]
    made = list(endless.slots_of(parts[1]))
    first = 1_000_004 * PER_ROUND
    assert [slot.seq for slot in made] == list(range(first, first + 28))
    assert made[0].due_ns < SPAN_NS


def test_what_was_missed_is_made_afterwards_without_the_rounds_between() -> None:
    # Of round 0 the last two, round 1 whole, nothing of 2 to 4, of 5 one slot.
    spans = ((0, 5), (14, 5 * PER_ROUND + 3), (5 * PER_ROUND + 4, 7 * PER_ROUND))
    cutting = cut(held=SeqSpans(spans=spans))

    (part,) = cutting.afterwards(7)

    assert part == PartPlan(rounds=(0, 1, 5), slots=2 + 7 + 1, is_rest=True)
    assert (part.first_round, part.span) == (0, 6)
    made = list(cutting.slots_of(part))
    assert [slot.seq for slot in made] == [5, 6, *range(7, 14), 5 * PER_ROUND + 3]
    assert made[0].due_ns == 0
    assert made[-1].due_ns < 3 * SPAN_NS
    drawn = {
        slot.seq: slot
        for first in (0, 4)
        for slot in slots(PLAN, first_round=first)
        if slot.round_index // 4 * 4 == first
    }
    assert list(map(what, made)) == [what(drawn[slot.seq]) for slot in made]


def test_what_was_missed_comes_in_parts_too() -> None:
    parts = list(cut(part_rounds=3).afterwards(8))

    assert [list(part.rounds) for part in parts] == [[0, 1, 2], [3, 4, 5], [6, 7]]
    assert all(part.is_rest for part in parts)
    assert list(cut(held=SeqSpans(spans=((0, 70),))).afterwards(10)) == []


def test_what_was_before_the_first_round_was_never_wanted() -> None:
    begun = Cutting(plan=PLAN, part_rounds=4, first_round=3, end_round=10)

    assert [list(part.rounds) for part in begun.afterwards(5)] == [[3, 4]]


@given(
    plan=plans(),
    part_rounds=st.integers(1, 5),
    next_round=st.integers(0, 4),
    lost=st.sets(st.integers(0, 200)),
)
@settings(max_examples=60)
def test_whatever_was_held_all_parts_together_lack_nothing_and_make_nothing_twice(
    plan: Plan, part_rounds: int, next_round: int, lost: set[int]
) -> None:
    next_round = min(next_round, plan.pacing.rounds)
    held = SeqSpans.of(set(range(plan.visit_count)) - lost)
    cutting = cut(plan, part_rounds=part_rounds, held=held)

    parts = [*cutting.on_schedule(next_round), *cutting.afterwards(next_round)]

    made = [list(cutting.slots_of(part)) for part in parts]
    assert [len(its) for its in made] == [part.slots for part in parts]
    seqs = [slot.seq for its in made for slot in its]
    assert sorted(seqs) == sorted(one for one in lost if one < plan.visit_count)
    for its in made:
        assert all(a.due_ns <= b.due_ns for a, b in pairwise(its))


def test_who_joins_late_keeps_the_times_at_which_the_others_share_a_host() -> None:
    # So dense that many a visit is put off, as far as the ones before it ask.
    targets = [target("aws", f"place-{at}", host="one.example") for at in range(12)]
    ceilings = Ceilings(visits_per_s_host=1.0)
    pacing = Pacing(rounds=4, round_ns=60 * NS_PER_S)
    plan = plan_of(targets, ceilings=ceilings, pacing=pacing)
    whole = cut(plan, part_rounds=4, sharers=4)
    late = cut(plan, part_rounds=4, sharers=4, held=SeqSpans.of([25, 26, 30]))

    due_ns = {
        slot.seq: slot.due_ns
        for part in whole.on_schedule(0)
        for slot in whole.slots_of(part)
    }
    (part,) = late.on_schedule(2)
    made = list(late.slots_of(part))

    as_drawn = {slot.seq: slot.due_ns for slot in slots(plan)}
    assert sum(due_ns[seq] > as_drawn[seq] for seq in due_ns) > 10
    began_ns = 2 * plan.round_span_ns
    assert all(slot.due_ns + began_ns == due_ns[slot.seq] for slot in made)
    assert len(made) == 21


def test_downloads_are_made_up_for_after_their_visits() -> None:
    objects = [object_in("aws", f"place-{index}") for index in range(2)]
    plan = download_plan(objects, targets=targets_of(aws=3))
    per_round = plan.slots_per_round
    held = SeqSpans.of(set(range(per_round)) - {0, per_round - 1})
    cutting = cut(plan, part_rounds=1, held=held)

    (part,) = cutting.afterwards(1)

    visit, transfer = cutting.slots_of(part)
    assert (visit.seq, visit.streams) == (0, None)
    assert transfer.seq == per_round - 1
    assert transfer.streams is not None


def test_transfers_that_are_held_are_those_that_were_drawn() -> None:
    objects = [object_in("aws", f"place-{index}") for index in range(2)]
    plan = download_plan(objects, targets=targets_of(aws=3))
    drawn = [slot for slot in slots(plan) if slot.streams is not None]
    held = SeqSpans.of([0, 1, drawn[1].seq, drawn[-1].seq])

    assert list(cut(plan, held=held).held_transfers()) == [drawn[1], drawn[-1]]
    assert list(cut(plan, held=SeqSpans.of([0])).held_transfers()) == []
    assert list(cut(held=SeqSpans.of([0])).held_transfers()) == []


@pytest.mark.parametrize(("part_rounds", "first_round"), [(0, 0), (1, -1)])
def test_a_cutting_of_nothing_is_refused(part_rounds: int, first_round: int) -> None:
    with pytest.raises(ValueError, match="part_rounds must be at least 1"):
        Cutting(plan=PLAN, part_rounds=part_rounds, first_round=first_round)
