from dataclasses import replace

from cloudgauge.measure.instant import Instant
from cloudgauge.model.plan import Pacing
from cloudgauge.model.quantity import NS_PER_S
from cloudgauge.planning.parts import Cutting
from cloudgauge.planning.seqs import SeqSpans
from cloudgauge.workflow.ahead import Ahead, ahead_of
from tests.fakes.plans import download_plan, object_in, plan_of, targets_of

PLAN = plan_of(targets_of(aws=3), pacing=Pacing(rounds=6, round_ns=20 * NS_PER_S))
PACING = Pacing(rounds=3, round_ns=120 * NS_PER_S)
FULL = Cutting(plan=PLAN, part_rounds=2, end_round=6)
NOON_NS = 1_800_000_000 * NS_PER_S


def at(mono_s: int) -> Instant:
    """So long after the first round was due, at noon."""
    return Instant(NOON_NS, mono_s * NS_PER_S, 0)


def test_who_begins_has_all_of_the_plan_before_it() -> None:
    assert ahead_of(FULL, 0, at(-60)) == Ahead(
        held=0,
        visits=18,
        transfers=0,
        rounds=6,
        duration_ns=120 * NS_PER_S,
        starts_wall_ns=NOON_NS + 60 * NS_PER_S,
        wait_ns=60 * NS_PER_S,
    )


def test_who_goes_on_has_rounds_on_time_and_those_it_missed() -> None:
    # Rounds 0 and one visit of 1 are there; 1 to 3 are missed, 4 comes in a second.
    held = replace(FULL, held=SeqSpans(spans=((0, 4),)))

    assert ahead_of(held, 4, at(79)) == Ahead(
        held=4,
        visits=14,
        transfers=0,
        rounds=5,
        duration_ns=100 * NS_PER_S,
        starts_wall_ns=NOON_NS + NS_PER_S,
        wait_ns=NS_PER_S,
    )


def test_what_comes_after_the_schedule_waits_for_nobody() -> None:
    held = replace(FULL, held=SeqSpans(spans=((0, 15),)))

    ahead = ahead_of(held, 6, at(500))

    assert (ahead.held, ahead.visits, ahead.rounds) == (15, 3, 1)
    assert (ahead.starts_wall_ns, ahead.wait_ns) == (None, 0)


def test_transfers_are_counted_apart_from_visits() -> None:
    plan = download_plan([object_in("aws", "place-0")], pacing=PACING)
    assert plan.transfers_per_round
    one_round = SeqSpans(spans=((0, plan.slots_per_round),))
    cutting = Cutting(plan=plan, part_rounds=1, end_round=3, held=one_round)

    ahead = ahead_of(cutting, 1, at(0))

    assert ahead.transfers == 2 * plan.transfers_per_round
    assert ahead.visits == 2 * plan.series_count
    assert ahead.held == plan.slots_per_round
