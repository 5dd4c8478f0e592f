"""What of a campaign's sets does not fit; pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from itertools import pairwise

from cloudgauge.model.campaign import Pin
from cloudgauge.model.run import RunInfo, StopReason
from cloudgauge.workflow.campaign_rounds import Span
from cloudgauge.workflow.clock_problems import (
    ClockReading,
    clock_problems,
    schedule_problems,
)
from cloudgauge.workflow.delivered import Delivered
from cloudgauge.workflow.doubts import ending_doubts, redaction_doubts
from cloudgauge.workflow.likeness import rows_checked


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something that does not fit.

    Attributes:
        vantage: Of whom; None where nobody can tell.
        name: Of the set.
        problem: One sentence without a subject.
    """

    vantage: str | None
    name: str
    problem: str


def set_problems(pin: Pin, one: Delivered, *, now_ns: int) -> Iterator[Problem]:
    """What does not fit of one set that counts.

    Args:
        pin: Of the campaign.
        one: A set.
        now_ns: By the clock of this machine, UTC since 1970.
    """
    run = one.manifest.run
    told = (
        *ending_doubts(one.manifest.outcome),
        *redaction_doubts(run),
        *_of_clock(pin, one, now_ns),
        *_of_vantage(pin, run),
    )
    for problem in told:
        yield Problem(vantage=run.vantage.name, name=one.name, problem=problem)


def twin_problems(
    named: Sequence[Delivered], sets: Sequence[Delivered], spans: Sequence[Span]
) -> Iterator[Problem]:
    """What does not fit of a vantage's sets beside one another.

    Args:
        named: All that count, in the order of their names.
        sets: The same, each run once.
        spans: Of *sets*.
    """
    first_of = {one.manifest.run.run_id: one for one in sets}
    for one in named:
        first = first_of[one.manifest.run.run_id]
        if first is not one:
            yield _said(one, f"is the same run as {first.name}; it counts once")
    in_time = sorted(
        zip(sets, spans, strict=True), key=lambda pair: pair[1].started_wall_ns
    )
    at_once = list(_all_at_once(in_time))
    yield from at_once
    if at_once:
        # Of two machines in turn each set would be another's than the one before.
        return
    for (one, _), (other, _) in pairwise(in_time):
        problem = _one_after_another(one, other)
        if problem:
            yield _said(other, problem)


def _all_at_once(in_time: Sequence[tuple[Delivered, Span]]) -> Iterator[Problem]:
    for place, (one, mine) in enumerate(in_time):
        for other, its in in_time[place + 1 :]:
            if its.started_wall_ns >= mine.ended_wall_ns:
                break
            problem = _at_once(one, mine, other, its)
            if problem:
                yield _said(other, problem)


def _said(one: Delivered, problem: str) -> Problem:
    vantage = one.manifest.run.vantage.name
    return Problem(vantage=vantage, name=one.name, problem=problem)


def _at_once(one: Delivered, mine: Span, other: Delivered, its: Span) -> str:
    """Two sets that one machine cannot have made; "" if one can."""
    if not _at_the_same_time(mine, its):
        return ""
    differing = _machine_differences(one.manifest.run, other.manifest.run)
    if differing:
        return (
            f"measured at the same time as {one.name} by another machine "
            f"({', '.join(differing)}): two machines have one name"
        )
    both = min(mine.end, its.end) - max(mine.first, its.first)
    if both > 0 and not (mine.is_rest or its.is_rest):
        return (
            f"measured rounds of {one.name} at the same time: two machines may have "
            "one name"
        )
    return ""


def _one_after_another(one: Delivered, other: Delivered) -> str:
    """What changed from a vantage's set to its next; "" for nothing."""
    mine, its = one.manifest.run, other.manifest.run
    if (mine.simulation is None) != (its.simulation is None):
        return f"of another network than {one.name}: one of the two is a private one"
    differing = _machine_differences(mine, its)
    if differing:
        return f"another {', '.join(differing)} than in {one.name} before it"
    return ""


def _at_the_same_time(mine: Span, its: Span) -> bool:
    # The tail of a part overlaps the next one's begin; two runs overlap by more.
    begin_ns = max(mine.started_wall_ns, its.started_wall_ns)
    end_ns = min(mine.ended_wall_ns, its.ended_wall_ns)
    shorter_ns = min(one.ended_wall_ns - one.started_wall_ns for one in (mine, its))
    return end_ns > begin_ns and 2 * (end_ns - begin_ns) >= shorter_ns


def _machine_differences(mine: RunInfo, its: RunInfo) -> tuple[str, ...]:
    """What one machine does not change while it measures; copies leave it out."""
    if mine.redacted or its.redacted:
        return ()
    here, there = mine.environment, its.environment
    found = [
        name.replace("_", " ")
        for name in ("system", "machine", "cpu_count", "python")
        if getattr(here, name) != getattr(there, name)
    ]
    if mine.vantage != its.vantage:
        found.append("description of the vantage")
    return tuple(found)


def _of_clock(pin: Pin, one: Delivered, now_ns: int) -> Iterator[str]:
    run, outcome = one.manifest.run, one.manifest.outcome
    if outcome is None:
        return
    reading = ClockReading(
        started_wall_ns=run.started_wall_ns,
        ended_wall_ns=outcome.ended_wall_ns,
        rows_checked=rows_checked(one.manifest),
        moved_ns=one.moved_ns,
    )
    yield from clock_problems(reading, now_ns=now_ns)
    part = run.part
    rounds = pin.plan.pacing.rounds if part is None else part.rounds
    on_schedule = outcome.stop_reason is StopReason.FINISHED and outcome.complete
    whole = on_schedule and not (part is not None and part.is_rest)
    yield from schedule_problems(
        reading,
        # The last round has begun by then.
        least_ns=(rounds - 1) * pin.plan.round_span_ns if whole else 0,
        pinned_wall_ns=pin.pinned_wall_ns,
    )


def _of_vantage(pin: Pin, run: RunInfo) -> Iterator[str]:
    """What a vantage says of itself in another way than the pin does."""
    pinned = {one.name: one for one in pin.vantages}
    wanted = pinned.get(run.vantage.name)
    if wanted is None:
        if pinned:
            yield f'the pin names no vantage "{run.vantage.name}"'
        return
    differing = [
        field.name
        for field in fields(wanted)
        if getattr(wanted, field.name) not in (None, getattr(run.vantage, field.name))
    ]
    if differing:
        named = ", ".join(differing)
        yield f"describes its vantage in another way than the pin does: {named}"
