"""How far a campaign is, as a document; and which conditions on it do not hold."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from cloudgauge.model.quantity import NS_PER_S, format_duration
from cloudgauge.planning.pin import campaign_of
from cloudgauge.report.document import Cell, Column, Document, Scale, Table
from cloudgauge.store.remote import open_store
from cloudgauge.store.remote_access import Access
from cloudgauge.workflow.campaign_rounds import Gap
from cloudgauge.workflow.campaign_status import (
    CampaignStatus,
    State,
    VantageStatus,
    campaign_status,
)
from cloudgauge.workflow.delivered import Told, stock_by_manifests, stock_by_samples
from cloudgauge.workflow.pinning import read_pin
from cloudgauge.workflow.results_view import utc_text


class Unmet(StrEnum):
    """What must not be.

    ``INCOMPLETE``: a vantage lacks cells. ``LATE``: one lacks what was due.
    ``PROBLEMS``: something does not fit.
    """

    INCOMPLETE = "incomplete"
    LATE = "late"
    PROBLEMS = "problems"


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusRequest:
    """Which campaign is looked at.

    Attributes:
        store: A folder or the URL of a store.
        pin: The file of the pinned plan.
        now_ns: By the clock of this machine, UTC since 1970.
        by_samples: Read and verify everything, not the manifests alone.
        access: Where to look for keys and endpoints; what this process was started
            with if None.
        told: Hears how many of how many sets were looked at.
    """

    store: str
    pin: Path
    now_ns: int
    by_samples: bool = False
    access: Access | None = None
    told: Told | None = None


def look_at_campaign(request: StatusRequest) -> CampaignStatus:
    """Say how far a campaign is by what is in a store.

    Raises:
        ConfigError: The pin is wrong, or the store's URL, or the store refuses.
        StoreError: There is no such folder.
        MachineError: The store cannot be reached.
    """
    pin = read_pin(request.pin)
    store = open_store(request.store, request.access)
    if request.by_samples:
        with stock_by_samples(store, request.told) as stock:
            return campaign_status(pin, stock, now_ns=request.now_ns, by_samples=True)
    stock = stock_by_manifests(store, request.told)
    return campaign_status(pin, stock, now_ns=request.now_ns, by_samples=False)


def unmet(status: CampaignStatus, conditions: Sequence[Unmet]) -> Iterator[str]:
    """Say which conditions do not hold, a sentence each."""
    for condition in conditions:
        match condition:
            case Unmet.INCOMPLETE:
                lacking = [
                    one.vantage
                    for one in status.vantages
                    if one.state is not State.COMPLETE
                ]
                if not status.is_complete:
                    yield f"incomplete: {', '.join(lacking) or 'nobody has delivered'}"
            case Unmet.LATE:
                late = [one.vantage for one in status.vantages if _is_late(one)]
                if late:
                    yield f"late: {', '.join(late)}"
            case Unmet.PROBLEMS:
                if status.problems:
                    yield f"problems: {len(status.problems)}"


def _is_late(one: VantageStatus) -> bool:
    return one.state in {State.LATE, State.INCOMPLETE, State.MISSING}


_VANTAGE_COLUMNS = (
    Column(name="vantage", label="vantage"),
    Column(name="state", label="state"),
    Column(name="late", label="late by"),
    Column(name="sets", label="sets", scale=Scale.COUNT),
    Column(name="planned", label="cells", scale=Scale.COUNT),
    Column(name="held", label="held", scale=Scale.COUNT),
    Column(name="lacking", label="lacking", scale=Scale.COUNT),
    Column(name="twice", label="twice", scale=Scale.COUNT),
    Column(name="newest", label="newest set ended"),
)
_GAP_COLUMNS = (
    Column(name="vantage", label="vantage"),
    # As rounds of parts are counted wherever sets are shown: from 1.
    Column(name="from_round", label="from round", scale=Scale.COUNT),
    Column(name="to_round", label="to round", scale=Scale.COUNT),
    Column(name="lacking", label="cells lacking", scale=Scale.COUNT),
)
_PROBLEM_COLUMNS = (
    Column(name="vantage", label="vantage"),
    Column(name="set", label="set"),
    Column(name="problem", label="what does not fit"),
)


def status_document(status: CampaignStatus) -> Document:
    """Show how far a campaign is: who, which rounds, and what does not fit."""
    return Document(
        kind="campaign-status",
        title=_title(status),
        tables=tuple(_tables(status)),
        notes=tuple(_notes(status)),
        provenance=(
            f"plan {status.pin.plan.name} {status.pin.plan_hash}",
            f"campaign {campaign_of(status.pin)}",
        ),
    )


def _title(status: CampaignStatus) -> str:
    name, total = status.pin.plan.name, len(status.vantages)
    if not total:
        return f"{name}: nobody has delivered"
    counts = dict.fromkeys(State, 0)
    for one in status.vantages:
        counts[one.state] += 1
    rest = "".join(
        f", {count} {state.value}"
        for state, count in counts.items()
        if count and state is not State.COMPLETE
    )
    noun = "vantage" if total == 1 else "vantages"
    return f"{name}: {counts[State.COMPLETE]} of {total} {noun} complete{rest}"


def _tables(status: CampaignStatus) -> Iterator[Table]:
    yield Table(
        name="vantages",
        title="",
        columns=_VANTAGE_COLUMNS,
        rows=tuple(_row(one) for one in status.vantages),
    )
    gaps = [(one.vantage, gap) for one in status.vantages for gap in one.gaps]
    if gaps:
        yield Table(
            name="gaps",
            title="what is lacking",
            columns=_GAP_COLUMNS,
            rows=tuple(_gap_row(vantage, gap) for vantage, gap in gaps),
        )
    if status.problems:
        yield Table(
            name="problems",
            title="what does not fit",
            columns=_PROBLEM_COLUMNS,
            rows=tuple((one.vantage, one.name, one.problem) for one in status.problems),
        )


def _row(one: VantageStatus) -> tuple[Cell, ...]:
    newest = one.newest_wall_ns
    return (
        one.vantage,
        one.state.value,
        None if one.late_ns is None else _about(one.late_ns),
        one.sets,
        one.planned,
        one.held,
        one.lacking,
        one.twice,
        None if newest is None else utc_text(newest),
    )


def _about(span_ns: int) -> str:
    """A duration by its two largest units or so."""
    unit_s = next((unit for unit in (3_600, 60) if span_ns >= 24 * unit * NS_PER_S), 1)
    return format_duration(span_ns // (unit_s * NS_PER_S) * unit_s * NS_PER_S)


def _gap_row(vantage: str, gap: Gap) -> tuple[Cell, ...]:
    return (vantage, gap.first + 1, gap.last + 1, gap.lacking)


def _notes(status: CampaignStatus) -> Iterator[str]:
    pin = status.pin
    if pin.start_wall_ns is not None:
        end_ns = pin.start_wall_ns + pin.plan.duration_ns
        yield f"from {utc_text(pin.start_wall_ns)} to {utc_text(end_ns)}, as pinned"
    elif any(one.state is State.MISSING for one in status.vantages):
        yield "no start was pinned: who has sent nothing may not have begun"
    if not pin.vantages:
        yield "the pin names no vantage: who sends nothing cannot be missed"
    if status.strangers:
        noun = "set is" if status.strangers == 1 else "sets are"
        yield f"{status.strangers} other {noun} in the store, and not of this campaign"
    if any(one.gaps for one in status.vantages):
        yield "rounds are counted from 1"
    if status.by_samples:
        yield "every set was read and verified; cells were counted one by one"
    else:
        yield (
            "by the manifests: how many cells lack is certain, in which of a set's "
            "rounds is not; --verify reads everything and counts them one by one"
        )
