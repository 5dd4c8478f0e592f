"""When transfers are due: each round's one after another, in an order of its own."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from cloudgauge.model.plan import Plan
from cloudgauge.model.target import Family
from cloudgauge.planning.chance import chance, shuffled


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """What one download slot of each round is for."""

    target_id: str
    family: Family
    streams: int


def windows(plan: Plan, round_index: int) -> Iterator[tuple[int, Transfer]]:
    """Yield a round's transfers with their due times, when its visits are over.

    Each has `DownloadSpec.window_ns` to itself. The order is drawn for each round, by
    a chance of its own, so that what is downloaded moves no visit of latency.
    """
    if plan.download is None:
        return
    transfers = [
        Transfer(target_id=one.target_id, family=family, streams=streams)
        for one in plan.objects
        for family in plan.download.families
        for streams in plan.download.streams
    ]
    rng = random.Random(chance(plan.seed, round_index, "transfers"))
    window_ns = plan.download.window_ns
    end_ns = (round_index + 1) * plan.round_span_ns
    start_ns = end_ns - len(transfers) * window_ns
    for place, transfer in enumerate(shuffled(transfers, rng)):
        yield start_ns + place * window_ns, transfer
