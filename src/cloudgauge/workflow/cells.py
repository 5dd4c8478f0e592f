"""Which cells of a campaign there are: planned, held, held twice, lacking.

A cell is one slot of the pinned plan at one vantage. `Slot.seq` counts over the whole
plan, so a cell has one number in every part of it, and no cell can be lost or be there
twice without being seen here.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from cloudgauge.analysis.held_cells import RoundCells, held_cells
from cloudgauge.model.campaign import Pin
from cloudgauge.model.run import RunInfo
from cloudgauge.planning.pin import campaign_of, catalogue_hash
from cloudgauge.store.manifest import Manifest
from cloudgauge.store.resultset import ResultSet
from cloudgauge.workflow.likeness import plan_differences

# What the rows of a catalogue are in a plan.
_ROWS = frozenset({"targets", "objects", "objectless", "egress_prices"})


class Otherness(StrEnum):
    """In what a set is not what was pinned.

    ``PLAN``: it was made by another plan. ``CATALOGUE``: by the same plan of other
    catalogue rows or prices. ``CAMPAIGN``: it is of another campaign of the same plan,
    or was begun before this one was pinned. ``VERSION``: another version of cloudgauge
    made it. Only with the last are its cells the campaign's.
    """

    PLAN = "plan"
    CATALOGUE = "catalogue"
    CAMPAIGN = "campaign"
    VERSION = "version"


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherSet:
    """A set, and in what it is not what was pinned.

    Attributes:
        name: Of its folder.
        what: In their order; none if it is what was pinned.
        detail: What differs, for people; "" for nothing.
    """

    name: str
    what: tuple[Otherness, ...]
    detail: str

    @property
    def is_counted(self) -> bool:
        """Whether its cells are the campaign's."""
        return not set(self.what) - {Otherness.VERSION}


@dataclass(frozen=True, slots=True, kw_only=True)
class VantageCells:
    """The cells of one vantage.

    Attributes:
        vantage: Its name.
        planned: Cells of the plan, all its rounds.
        held: Cells that a set of this campaign carried out.
        twice: Cells that more than one of them did.
        sets: How many sets of this campaign there are.
        beyond: Cells of rounds that the plan does not have.
        odd_rounds: Rounds that lack a cell or have one twice, in their order.
        others: Sets from this vantage that are not quite what was pinned.
    """

    vantage: str
    planned: int
    held: int
    twice: int
    sets: int
    beyond: int = 0
    odd_rounds: tuple[RoundCells, ...] = ()
    others: tuple[OtherSet, ...] = ()

    @property
    def lacking(self) -> int:
        """Cells that none carried out."""
        return self.planned - self.held


def cells_of(pin: Pin, sets: Sequence[ResultSet]) -> tuple[VantageCells, ...]:
    """Count the cells of each vantage; of the samples two columns are read.

    A cell is held if it was carried out, whatever came of it; a transfer that a kill
    cut short was not.

    A set of the same plan counts whether it is a part of the campaign or, begun after
    the plan was pinned, a run of its own.

    Args:
        pin: Of the campaign.
        sets: Each run once; those of other plans are named, and do not count.

    Returns:
        The vantages that the pin names and those that have measured for it, in the
        order of their names.

    Raises:
        StoreError: A set's samples cannot be read.
    """
    campaign = campaign_of(pin)
    found: dict[str, list[tuple[ResultSet, OtherSet]]] = {
        vantage.name: [] for vantage in pin.vantages
    }
    for result in sets:
        name = result.manifest.run.vantage.name
        other = other_set(pin, campaign, result.manifest, result.folder.name)
        if name in found or other.is_counted:
            found.setdefault(name, []).append((result, other))
    return tuple(_vantage_cells(pin, name, found[name]) for name in sorted(found))


def other_set(pin: Pin, campaign: str, manifest: Manifest, name: str) -> OtherSet:
    """Say in what a set is not what was pinned, if in anything.

    Args:
        pin: Of the campaign.
        campaign: What `campaign_of` calls it, which takes its time.
        manifest: Of the set.
        name: Of the set.
    """
    what = tuple(_otherness(pin, campaign, manifest))
    told = "; ".join(_told(pin, manifest, one) for one in what)
    return OtherSet(name=name, what=what, detail=told)


def _otherness(pin: Pin, campaign: str, manifest: Manifest) -> Iterator[Otherness]:
    run = manifest.run
    if run.plan_hash != pin.plan_hash:
        parts = plan_differences(pin.plan, manifest.plan)
        yield Otherness.CATALOGUE if _ROWS.issuperset(parts) else Otherness.PLAN
    elif not _is_of_campaign(pin, campaign, run):
        yield Otherness.CAMPAIGN
    if run.tool_version != pin.tool_version:
        yield Otherness.VERSION


def _is_of_campaign(pin: Pin, campaign: str, run: RunInfo) -> bool:
    if run.part is not None:
        return run.part.campaign == campaign
    # Of a plan that is measured each week the last week's runs are not this one's.
    return run.started_wall_ns >= pin.pinned_wall_ns


def _told(pin: Pin, manifest: Manifest, what: Otherness) -> str:
    run = manifest.run
    match what:
        case Otherness.VERSION:
            return (
                f"made by cloudgauge {run.tool_version}, pinned by {pin.tool_version}"
            )
        case Otherness.CAMPAIGN if run.part is not None:
            return f"a part of another campaign of the same plan, {run.part.campaign}"
        case Otherness.CAMPAIGN:
            return "begun, by its clock, before the plan was pinned"
        case Otherness.CATALOGUE:
            mine, its = pin.catalogue_hash[:8], catalogue_hash(manifest.plan)[:8]
            return f"made with catalogue rows {its}, pinned were {mine}"
        case _:
            parts = plan_differences(pin.plan, manifest.plan)
            verb = "differs" if len(parts) == 1 else "differ"
            named = ", ".join(parts)
            return f"made by another plan, {run.plan_hash[:8]}: {named} {verb}"


def _vantage_cells(
    pin: Pin, name: str, found: Sequence[tuple[ResultSet, OtherSet]]
) -> VantageCells:
    counted = [result for result, other in found if other.is_counted]
    cells = held_cells(counted, pin.plan)
    rounds = tuple(cells.rounds(pin.plan))
    return VantageCells(
        vantage=name,
        planned=pin.plan.visit_count,
        held=sum(one.held for one in rounds),
        twice=sum(one.twice for one in rounds),
        sets=len(counted),
        beyond=cells.beyond,
        odd_rounds=tuple(one for one in rounds if one.lacking or one.twice),
        others=tuple(other for _, other in found if other.what),
    )
