"""What a run in parts still has to do when it begins, for people who wait."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # Commands that measure nothing know what is ahead, and load no loop for it.
    from cloudgauge.measure.instant import Instant
    from cloudgauge.planning.parts import Cutting


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """What is left to be done, and what need not be.

    Attributes:
        held: Visits and transfers of the plan that are there already.
        visits: That are left.
        transfers: Likewise.
        rounds: Of which something is left.
        duration_ns: How long these take, from the first of them on.
        starts_wall_ns: When the next round on schedule is due, UTC since 1970; None
            where nothing is left but what was missed.
        wait_ns: Until then.
    """

    held: int
    visits: int
    transfers: int
    rounds: int
    duration_ns: int
    starts_wall_ns: int | None = None
    wait_ns: int = 0


def ahead_of(cutting: Cutting, next_round: int, now: Instant) -> Ahead:
    """What is left of a plan that has an end.

    Args:
        cutting: Its parts, and what is held of it.
        next_round: The first one that can still be made on schedule.
        now: After the cutting's first round was due; negative before.
    """
    plan = cutting.plan
    on_time = tuple(cutting.on_schedule(next_round))
    parts = (*on_time, *cutting.afterwards(next_round))
    rounds = sum(len(part.rounds) for part in parts)
    slots = sum(part.slots for part in parts)
    span = plan.pacing.rounds - cutting.first_round
    transfers = span * plan.transfers_per_round
    transfers -= sum(1 for _ in cutting.held_transfers())
    starts_wall_ns, wait_ns = None, 0
    if on_time:
        due_ns = (on_time[0].first_round - cutting.first_round) * plan.round_span_ns
        wait_ns = max(0, due_ns - now.mono_ns)
        starts_wall_ns = now.wall_ns + due_ns - now.mono_ns
    return Ahead(
        held=span * plan.slots_per_round - slots,
        visits=slots - transfers,
        transfers=transfers,
        rounds=rounds,
        duration_ns=rounds * plan.round_span_ns,
        starts_wall_ns=starts_wall_ns,
        wait_ns=wait_ns,
    )
