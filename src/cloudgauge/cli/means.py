"""The options that say where a run is made from and what it may reach."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class FailOn(StrEnum):
    """Conditions that make an exit code of their own."""

    PARTIAL = "partial"


VantageOption = Annotated[
    str | None,
    typer.Option(
        "--vantage", metavar="NAME", help="Where we measure from [vantage.toml]."
    ),
]
ResultsOption = Annotated[
    Path,
    typer.Option("--results", metavar="DIR", help="Where result sets are made."),
]
HostsOption = Annotated[
    Path | None,
    typer.Option(
        "--hosts", metavar="FILE", help="Addresses of your own, as in hosts(5)."
    ),
]
CaFileOption = Annotated[
    Path | None,
    typer.Option("--ca-file", metavar="FILE", help="Roots of your own to trust."),
]
PrivateOption = Annotated[
    bool,
    typer.Option("--allow-private", help="Private addresses may be targets."),
]
WorldOption = Annotated[
    bool,
    typer.Option("--world", help="In the private network; nothing leaves the machine."),
]
ContactOption = Annotated[
    str | None,
    typer.Option(
        "--contact", metavar="URL", help="Whom servers' owners may ask about you."
    ),
]
FailOnOption = Annotated[
    FailOn | None,
    typer.Option(
        "--fail-on", help="partial: exit 3 if some target never answered well."
    ),
]
RaisedOption = Annotated[
    bool,
    typer.Option(
        "--raised-ceilings",
        help="Allow the set's plan ceilings above the defaults, as it has them.",
    ),
]
UntilDecidedOption = Annotated[
    bool,
    typer.Option(
        "--until-decided",
        help="Who is shown to be worse than the best leaves; the rest ends it early.",
    ),
]
SnapshotOption = Annotated[
    bool,
    typer.Option(
        "--snapshot",
        help="With --until-decided: before three quarters of a day are covered, too.",
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """When targets may leave the schedule.

    Attributes:
        until_decided: When they are shown to be worse than the best.
        snapshot: Also before the rounds have covered the day.
    """

    until_decided: bool = False
    snapshot: bool = False


_NOBODY_LEAVES = Leaving()


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What the options said.

    Attributes:
        world: Make the run in the private network.
        scenario: What that network is like, or None.
        vantage_at: Where to stand in it, as it was written, or None.
        target_files: Whose names it answers, beside the shipped ones.
        leaving: When targets may leave the schedule.
    """

    vantage: str | None
    results: Path
    hosts: Path | None
    ca_file: Path | None
    allow_private: bool
    contact: str | None
    fail_on: FailOn | None
    world: bool
    scenario: Path | None
    vantage_at: str | None
    target_files: tuple[Path, ...] = ()
    leaving: Leaving = _NOBODY_LEAVES
