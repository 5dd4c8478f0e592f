"""Which rounds of a campaign lack cells at a vantage; pure.

A manifest says of which rounds a set is and how many slots it carried out, not which.
Sets whose rounds meet are therefore taken together: what lacks of their rounds is
certain, in which of them it lacks is not. Samples tell both.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from cloudgauge.model.campaign import Pin
from cloudgauge.store.manifest import Manifest
from cloudgauge.workflow.cells import VantageCells


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Which rounds a set is of, and how much of them it has.

    Attributes:
        first: The first of its rounds.
        end: One past the last, at most the plan's.
        visits: Slots with a sample.
    """

    first: int
    end: int
    visits: int
    is_rest: bool
    started_wall_ns: int
    ended_wall_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Rounds that lack cells.

    Attributes:
        first: The first of them.
        last: The last of them.
        lacking: How many cells they lack together.
        is_whole: Nothing of them is there.
    """

    first: int
    last: int
    lacking: int
    is_whole: bool


def span_of(pin: Pin, manifest: Manifest) -> Span:
    """Of which rounds a set of the pinned plan is."""
    run, rounds = manifest.run, pin.plan.pacing.rounds
    part = run.part
    first = 0 if part is None else part.first_round
    end = rounds if part is None else first + part.rounds
    outcome = manifest.outcome
    return Span(
        first=min(first, rounds),
        end=min(end, rounds),
        visits=manifest.counts.visits,
        is_rest=part is not None and part.is_rest,
        started_wall_ns=run.started_wall_ns,
        ended_wall_ns=outcome.ended_wall_ns if outcome else run.started_wall_ns,
    )


def gaps_of(
    pin: Pin, spans: Sequence[Span], cells: VantageCells | None
) -> tuple[Gap, ...]:
    """Which rounds lack cells, in their order.

    Args:
        pin: Of the campaign.
        spans: Of a vantage's sets.
        cells: What was counted in their samples; None to go by the manifests.
    """
    if cells is not None:
        return tuple(_counted_gaps(cells))
    return tuple(_joined(list(_gaps_between(pin, spans))))


def _counted_gaps(cells: VantageCells) -> Iterator[Gap]:
    lacking = [one for one in cells.odd_rounds if one.lacking]

    def run(pair: tuple[int, int]) -> tuple[int, bool]:
        place, at = pair
        return lacking[at].round_index - place, not lacking[at].held

    for (_, is_whole), pairs in groupby(enumerate(range(len(lacking))), run):
        rounds = [lacking[at] for _, at in pairs]
        yield Gap(
            first=rounds[0].round_index,
            last=rounds[-1].round_index,
            lacking=sum(one.lacking for one in rounds),
            is_whole=is_whole,
        )


def _gaps_between(pin: Pin, spans: Sequence[Span]) -> Iterator[Gap]:
    rounds = pin.plan.pacing.rounds
    per_round = pin.plan.visit_count // rounds
    at = 0
    for first, end, visits in _met(spans):
        if at < first:
            yield _whole(at, first, per_round)
        lacking = (end - first) * per_round - visits
        if lacking > 0:
            none = visits == 0
            yield Gap(first=first, last=end - 1, lacking=lacking, is_whole=none)
        at = end
    if at < rounds:
        yield _whole(at, rounds, per_round)


def _whole(first: int, end: int, per_round: int) -> Gap:
    count = (end - first) * per_round
    return Gap(first=first, last=end - 1, lacking=count, is_whole=True)


def _met(spans: Sequence[Span]) -> Iterator[tuple[int, int, int]]:
    """First round, one past the last, and slots, of sets whose rounds meet."""
    begun: tuple[int, int, int] | None = None
    for one in sorted(spans, key=lambda one: (one.first, one.end)):
        if one.first >= one.end:
            continue
        if begun is not None and one.first < begun[1]:
            begun = begun[0], max(begun[1], one.end), begun[2] + one.visits
            continue
        if begun is not None:
            yield begun
        begun = one.first, one.end, one.visits
    if begun is not None:
        yield begun


def _joined(gaps: Sequence[Gap]) -> Iterator[Gap]:
    """Whole gaps that follow one another as one."""
    held: Gap | None = None
    for gap in gaps:
        if held is not None and held.is_whole and gap.is_whole:
            held = Gap(
                first=held.first,
                last=gap.last,
                lacking=held.lacking + gap.lacking,
                is_whole=True,
            )
            continue
        if held is not None:
            yield held
        held = gap
    if held is not None:
        yield held
