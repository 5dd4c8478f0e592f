"""The end of a campaign: every cell counted, one merged set, or the reason why not."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from cloudgauge import __version__
from cloudgauge.errors import StoreError
from cloudgauge.fleet.clock_offset import clock_text
from cloudgauge.fleet.commission import Collected
from cloudgauge.fleet.roster import Place
from cloudgauge.model.campaign import Pin
from cloudgauge.model.quantity import NS_PER_S
from cloudgauge.store.merge import write_merged
from cloudgauge.store.merged import found_sets
from cloudgauge.store.remote import open_store
from cloudgauge.store.resultset import ResultSet
from cloudgauge.store.verify import verify
from cloudgauge.workflow.cells import VantageCells, cells_of
from cloudgauge.workflow.likeness import Difference
from cloudgauge.workflow.merging import MergeRequest, merge_sets

# Beyond this a clock is worth a note: dates in its sets are off by as much.
_CLOCK_NOTED_NS = NS_PER_S


class Fate(StrEnum):
    """What became of a vantage's share."""

    COMPLETE = "complete"
    INCOMPLETE = "incomplete"
    LOST = "lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class VantageEnd:
    """What came of a vantage.

    Attributes:
        why: Why it is not complete, as far as it is known; "" for nothing.
    """

    fate: Fate
    cells: VantageCells
    place: Place
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignEnd:
    """What came of a campaign.

    Attributes:
        merged: The merged set; None if there is none.
        staging: Where the parts are; None if they are all in the merged set.
        notes: What a reader must not miss.
    """

    pin: Pin
    campaign: str
    vantages: tuple[VantageEnd, ...]
    merged: Path | None
    staging: Path | None
    interrupted: bool
    notes: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """Whether no cell of any vantage is lacking."""
        return all(one.fate is Fate.COMPLETE for one in self.vantages)


def _fetch(collected: Collected, store: str, said: Callable[[str], None]) -> None:
    for name in collected.stored if store else ():
        said(f"fetching {name}")
        open_store(store).pull(name, collected.inbox.parts)


def finish_campaign(
    pin: Pin,
    collected: Collected,
    *,
    store: str,
    results: Path,
    said: Callable[[str], None],
) -> CampaignEnd:
    """Bring the parts together, count every cell, and merge if none is lacking.

    Args:
        pin: Of the campaign.
        collected: What has come of it.
        store: Where parts were pushed to; "" if they came here.
        results: Where the merged set is made.
        said: Is told how it goes.

    Raises:
        StoreError: A part is corrupt, or differs from the others in what it should
            not.
        MachineError: The disk is full, or the store cannot be reached.
    """
    inbox = collected.inbox
    _fetch(collected, store, said)
    sets = [ResultSet.open(inbox.parts / name) for name in inbox.held()]
    cells = {one.vantage: one for one in cells_of(pin, sets)}
    ends = tuple(_end_of(place, cells, pin) for place in collected.places)
    merged: Path | None = None
    staging: Path | None = inbox.folder
    notes = list(_notes(ends, collected))
    if all(one.fate is Fate.COMPLETE for one in ends):
        merged = results / _merged_name(pin, sets)
        if is_merged(sets, merged):
            said(f"every cell is there, and was merged before: {merged}")
        else:
            said("every cell is there; merging")
            merge_parts(sets, merged)
        inbox.emptied()
        staging = None
    elif not collected.interrupted:
        notes.append(
            "nothing was merged, since cells are lacking; what came is in "
            f"{inbox.parts}, and cloudgauge merge makes a set of it as it is"
        )
    return CampaignEnd(
        pin=pin,
        campaign=collected.campaign,
        vantages=ends,
        merged=merged,
        staging=staging,
        interrupted=collected.interrupted,
        notes=tuple(notes),
    )


def _end_of(place: Place, cells: dict[str, VantageCells], pin: Pin) -> VantageEnd:
    name = place.vantage.name
    found = cells.get(name) or VantageCells(
        vantage=name, planned=pin.plan.visit_count, held=0, twice=0, sets=0
    )
    fate = Fate.INCOMPLETE if place.ended or place.failed else Fate.LOST
    if not found.lacking:
        fate = Fate.COMPLETE
    why = ""
    if fate is not Fate.COMPLETE:
        why = place.failed or place.refused or _silence(place)
    return VantageEnd(fate=fate, cells=found, place=place, why=why)


def _silence(place: Place) -> str:
    if place.heard_s is None:
        return "never came"
    if place.ended:
        return "ended without all of its cells"
    ago_s = round(time.monotonic() - place.heard_s)
    return f"last heard of {ago_s} s before the end"


def _notes(ends: tuple[VantageEnd, ...], collected: Collected) -> Iterator[str]:
    for one in ends:
        clock, name = one.place.clock, one.place.vantage.name
        if clock is not None and clock.surely_off_ns > _CLOCK_NOTED_NS:
            yield (
                f"{name}: its clock is {clock_text(clock)} from the scheduler's; its "
                "rounds kept time all the same, dates in its sets are off by as much"
            )
        if one.cells.twice:
            yield f"{name}: {one.cells.twice:,} cells were measured twice, and kept"
    if collected.interrupted:
        yield (
            "interrupted: workers go on; the same command with "
            f"{collected.inbox.folder / 'pin.json'} takes it up again"
        )


def is_merged(sets: Sequence[ResultSet], into: Path) -> bool:
    """Whether *into* is what `merge_parts` made of the same parts, unharmed.

    Raises:
        StoreError: It is corrupt, or no result set.
    """
    if not into.exists():
        return False
    folders = found_sets((into,))
    for folder in folders:
        verify(folder)
    held = {ResultSet.open(folder).manifest.run.run_id for folder in folders}
    return held == {one.manifest.run.run_id for one in _with_samples(sets)}


def merge_parts(sets: Sequence[ResultSet], into: Path) -> None:
    """Make one set of the parts, and verify it."""
    _write(_with_samples(sets), into)
    for folder in found_sets((into,)):
        verify(folder)


def _with_samples(sets: Sequence[ResultSet]) -> list[ResultSet]:
    # A prober that was killed before its first visit leaves a part of nothing.
    return [one for one in sets if one.manifest.counts.samples]


def _write(sets: list[ResultSet], into: Path) -> None:
    if len(sets) == 1:
        write_merged(sets, into, allowed=(), tool_version=__version__)
        return
    request = MergeRequest(
        paths=tuple(result.folder for result in sets),
        into=into,
        now_ns=time.time_ns(),
        # How far a clock is off was measured, and is said. All parts were made by one
        # version of one plan: one where nothing answered is as good as the others.
        allowed=frozenset({Difference.CLOCK, Difference.METRIC}),
    )
    merge_sets(request)


def _merged_name(pin: Pin, sets: list[ResultSet]) -> str:
    if not sets:
        problem = "no part of it came"
        raise StoreError(pin.plan.name, problem)
    begun_ns = min(result.manifest.run.started_wall_ns for result in sets)
    begun = datetime.fromtimestamp(begun_ns // NS_PER_S, tz=UTC)
    return f"{begun:%Y%m%dT%H%M%SZ}-fleet-{pin.plan_hash[:8]}"
