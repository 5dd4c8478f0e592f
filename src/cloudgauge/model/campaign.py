"""One plan for several vantage points: what is frozen, and what a part of it is."""

import re
from dataclasses import dataclass

from cloudgauge.model.plan import Plan
from cloudgauge.model.run import Vantage

_HEX_64 = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """A plan frozen for a campaign: equal bytes at every vantage.

    Attributes:
        plan: Complete, with the catalogue rows it was made of and its seed.
        plan_hash: SHA-256 of its canonical form, hexadecimal.
        tool_version: Of the cloudgauge that pinned it.
        catalogue_hash: SHA-256 of the catalogue rows and prices used, hexadecimal.
        pinned_wall_ns: When, UTC since 1970.
        vantages: Who is to take part, in the order of their names; none for whoever
            comes.
        start_wall_ns: When the first round begins, UTC since 1970; None for when
            each vantage is ready.
        part_rounds: Rounds of a part, at least 1; None for all in one part.
    """

    plan: Plan
    plan_hash: str
    tool_version: str
    catalogue_hash: str
    pinned_wall_ns: int
    vantages: tuple[Vantage, ...] = ()
    start_wall_ns: int | None = None
    part_rounds: int | None = None

    def __post_init__(self) -> None:
        for name in ("plan_hash", "catalogue_hash"):
            if not _HEX_64.fullmatch(getattr(self, name)):
                msg = f"{name} must be 64 hexadecimal digits"
                raise ValueError(msg)
        names = [vantage.name for vantage in self.vantages]
        if names != sorted(set(names)):
            msg = "vantages must have names of their own, in the order of their names"
            raise ValueError(msg)
        for name in ("pinned_wall_ns", "start_wall_ns"):
            instant_ns = getattr(self, name)
            if instant_ns is not None and not 0 <= instant_ns < 2**63:
                msg = f"{name} must be in [0, 2^63), got {instant_ns}"
                raise ValueError(msg)
        if self.part_rounds is not None and self.part_rounds < 1:
            msg = f"part_rounds must be at least 1, got {self.part_rounds}"
            raise ValueError(msg)
