"""Who has delivered what of a campaign, who is late, and what does not fit; pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from cloudgauge.model.campaign import Pin
from cloudgauge.planning.pin import campaign_of
from cloudgauge.workflow.campaign_problems import Problem, set_problems, twin_problems
from cloudgauge.workflow.campaign_rounds import Gap, Span, gaps_of, span_of
from cloudgauge.workflow.cells import OtherSet, VantageCells, cells_of, other_set
from cloudgauge.workflow.delivered import Delivered, Stock


class State(StrEnum):
    """How far a vantage is.

    ``COMPLETE``: every cell is there. ``UNDER_WAY``: all that was due is. ``WAITING``:
    nothing is due yet. ``LATE``: the campaign goes on, and a part that was due is not
    there. ``INCOMPLETE``: the campaign is over, and cells are lacking. ``MISSING``:
    nothing came, and something was due.
    """

    COMPLETE = "complete"
    UNDER_WAY = "under way"
    WAITING = "waiting"
    LATE = "late"
    INCOMPLETE = "incomplete"
    MISSING = "missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class VantageStatus:
    """How far one vantage is.

    Attributes:
        planned: Cells of all rounds.
        held: Of those, how many there are; by the manifests alone an estimate that
            is exact unless sets hold the same cells.
        twice: Cells that more than one set holds; by the manifests alone at least.
        sets: How many count.
        gaps: Which rounds lack cells, in their order.
        late_ns: For how long what is not there has been due; None if nothing is, or
            nobody knows.
        newest_wall_ns: When its newest set ended, by its clock, UTC since 1970.
    """

    vantage: str
    state: State
    planned: int
    held: int
    twice: int
    sets: int
    gaps: tuple[Gap, ...]
    late_ns: int | None
    newest_wall_ns: int | None

    @property
    def lacking(self) -> int:
        """Cells that are not there."""
        return self.planned - self.held


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignStatus:
    """How far a campaign is.

    Attributes:
        vantages: Those that the pin names and those that measured for it, in the order
            of their names.
        problems: What does not fit, by vantage.
        strangers: Sets in the store that are of something else.
        by_samples: The cells were counted, not taken from manifests.
    """

    pin: Pin
    vantages: tuple[VantageStatus, ...]
    problems: tuple[Problem, ...]
    strangers: int
    by_samples: bool

    @property
    def is_complete(self) -> bool:
        """Every vantage that is to take part, and at least one, has every cell."""
        return bool(self.vantages) and all(
            one.state is State.COMPLETE for one in self.vantages
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Delivery:
    """A set of one of the campaign's vantages, and in what it is another's."""

    one: Delivered
    other: OtherSet


def campaign_status(
    pin: Pin, stock: Stock, *, now_ns: int, by_samples: bool
) -> CampaignStatus:
    """Judge what is in a store by a pin.

    Args:
        pin: Of the campaign.
        stock: What is in the store; with opened sets if *by_samples*.
        now_ns: By the clock of this machine, UTC since 1970.
        by_samples: Count the cells in the samples.

    Raises:
        StoreError: Samples cannot be read.
    """
    found = _by_vantage(pin, stock.sets)
    counted = {
        name: _each_run_once([one.one for one in rows if one.other.is_counted])
        for name, rows in found.items()
    }
    cells: Mapping[str, VantageCells] = {}
    if by_samples:
        sets = [one.result for rows in counted.values() for one in rows if one.result]
        cells = {one.vantage: one for one in cells_of(pin, sets)}
    vantages = tuple(
        _status(pin, name, counted[name], cells.get(name), now_ns)
        for name in sorted(found)
    )
    problems = [
        *_problems_of(pin, found, counted, now_ns),
        *_of_store(pin, stock, sorted(found)),
    ]
    return CampaignStatus(
        pin=pin,
        vantages=vantages,
        problems=tuple(
            sorted(problems, key=lambda one: (one.vantage or "~", one.name))
        ),
        strangers=len(stock.sets) - sum(len(rows) for rows in found.values()),
        by_samples=by_samples,
    )


def _by_vantage(pin: Pin, sets: Sequence[Delivered]) -> dict[str, list[_Delivery]]:
    campaign = campaign_of(pin)
    found: dict[str, list[_Delivery]] = {one.name: [] for one in pin.vantages}
    for one in sets:
        name = one.manifest.run.vantage.name
        other = other_set(pin, campaign, one.manifest, one.name)
        # What a vantage measured before the plan was pinned is none of its business.
        early = one.manifest.run.started_wall_ns < pin.pinned_wall_ns
        is_ours = name in found and not early
        if is_ours or other.is_counted or _is_of_this(one, campaign):
            found.setdefault(name, []).append(_Delivery(one=one, other=other))
    return found


def _is_of_this(one: Delivered, campaign: str) -> bool:
    part = one.manifest.run.part
    return part is not None and part.campaign == campaign


def _each_run_once(sets: Sequence[Delivered]) -> list[Delivered]:
    return list({one.manifest.run.run_id: one for one in reversed(sets)}.values())[::-1]


def _status(
    pin: Pin,
    name: str,
    sets: Sequence[Delivered],
    cells: VantageCells | None,
    now_ns: int,
) -> VantageStatus:
    spans = [span_of(pin, one.manifest) for one in sets]
    gaps = gaps_of(pin, spans, cells)
    planned = pin.plan.visit_count
    held = planned - sum(gap.lacking for gap in gaps)
    state, late_ns = _timing(pin, spans, gaps, now_ns)
    ends = [one.manifest.outcome for one in sets]
    return VantageStatus(
        vantage=name,
        state=state,
        planned=planned,
        held=held,
        twice=cells.twice if cells else max(0, sum(s.visits for s in spans) - held),
        sets=len(sets),
        gaps=gaps,
        late_ns=late_ns,
        newest_wall_ns=max(
            (outcome.ended_wall_ns for outcome in ends if outcome), default=None
        ),
    )


def _timing(
    pin: Pin, spans: Sequence[Span], gaps: Sequence[Gap], now_ns: int
) -> tuple[State, int | None]:
    """How far a vantage is, and for how long what is lacking has been due."""
    if not gaps:
        return State.COMPLETE, None
    start_ns = _start_ns(pin, spans)
    if start_ns is None:
        return (State.INCOMPLETE if spans else State.MISSING), None
    rounds, span_ns = pin.plan.pacing.rounds, pin.plan.round_span_ns
    late_ns = now_ns - (start_ns + rounds * span_ns)
    if late_ns >= 0 and spans:
        return State.INCOMPLETE, late_ns
    of = pin.part_rounds or rounds
    # Of rounds that nothing came of the first tells which part is late; what a part
    # lacks is made up for after the last one.
    first = next((gap.first for gap in gaps if gap.is_whole), rounds)
    due_ns = start_ns + min(rounds, (first // of + 1) * of) * span_ns
    if first == rounds or due_ns > now_ns:
        return (State.UNDER_WAY if spans else State.WAITING), None
    return (State.LATE if spans else State.MISSING), now_ns - due_ns


def _start_ns(pin: Pin, spans: Sequence[Span]) -> int | None:
    """When the first round was due: as pinned, or as the vantage itself began."""
    if pin.start_wall_ns is not None:
        return pin.start_wall_ns
    span_ns = pin.plan.round_span_ns
    starts = [
        one.started_wall_ns - one.first * span_ns for one in spans if not one.is_rest
    ]
    return min(starts, default=None)


def _problems_of(
    pin: Pin,
    found: Mapping[str, Sequence[_Delivery]],
    counted: Mapping[str, Sequence[Delivered]],
    now_ns: int,
) -> Iterator[Problem]:
    for name, rows in found.items():
        for row in rows:
            if row.other.what:
                yield Problem(vantage=name, name=row.one.name, problem=row.other.detail)
        for one in counted[name]:
            yield from set_problems(pin, one, now_ns=now_ns)
        spans = [span_of(pin, one.manifest) for one in counted[name]]
        yield from twin_problems(
            [row.one for row in rows if row.other.is_counted], counted[name], spans
        )


def _of_store(pin: Pin, stock: Stock, names: Sequence[str]) -> Iterator[Problem]:
    """What is not whole or cannot be read, with the vantage that its name tells."""
    plan = pin.plan_hash[:8]
    for name in stock.half:
        yield Problem(
            vantage=_vantage_in(name, plan, names),
            name=name,
            problem="half uploaded: its manifest is not there; push it again",
        )
    for one in stock.unusable:
        yield Problem(
            vantage=_vantage_in(one.name, plan, names),
            name=one.name,
            problem=one.problem,
        )


def _vantage_in(name: str, plan: str, vantages: Sequence[str]) -> str | None:
    """The vantage that the name of a set's folder tells, if it is one of these."""
    return next((one for one in vantages if f"-{one}-{plan}" in name), None)
