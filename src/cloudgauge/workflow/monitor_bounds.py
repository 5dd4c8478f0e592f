"""What a monitor may keep, what it has, and which runs are its own; loads nothing."""

import hashlib
from dataclasses import dataclass

from cloudgauge.model.quantity import NS_PER_S
from cloudgauge.model.run import RunInfo
from cloudgauge.store.long_term_layout import FoldedRun

# After so long hours are folded to days: three weeks, of which each day of the week
# has three.
HOURS_KEPT_NS = 21 * 24 * 3_600 * NS_PER_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What a monitor may keep.

    Attributes:
        keep_ns: Result sets that ended longer ago go.
        keep_bytes: The oldest go until all that the monitor has is at most this.
        hours_ns: Days that ended longer ago are no longer kept hour by hour.
    """

    keep_ns: int
    keep_bytes: int
    hours_ns: int = HOURS_KEPT_NS


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What a monitor's folder holds.

    Attributes:
        sets: Sealed result sets, those of others too.
        sets_bytes: What they take.
        journals_bytes: What parts take that are not sealed.
        record_bytes: What the long-term record takes.
    """

    sets: int
    sets_bytes: int
    journals_bytes: int
    record_bytes: int

    @property
    def total_bytes(self) -> int:
        """Everything."""
        return self.sets_bytes + self.journals_bytes + self.record_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What a pass did, and what is there after it.

    Attributes:
        sealed: Journals that became sets.
        folded: Sets whose samples went into the record.
        days: Days that were folded.
        pruned: Sets that went.
        room: What everything takes.
        newest: The newest run in the record; None if there is none.
        problems: What could not be done, a line each.
    """

    sealed: int
    folded: int
    days: int
    pruned: int
    room: Room
    newest: FoldedRun | None
    problems: tuple[str, ...]


def monitor_campaign(plan_hash: str) -> str:
    """What the parts of a monitor of a plan are parts of.

    It follows from the plan, so a set says by itself whether a monitor made it.
    """
    return hashlib.sha256(f"monitor {plan_hash}".encode("ascii")).hexdigest()[:32]


def is_of_monitor(run: RunInfo) -> bool:
    """Whether a run is a part of a monitor."""
    return run.part is not None and run.part.campaign == monitor_campaign(run.plan_hash)
