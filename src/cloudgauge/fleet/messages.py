"""What scheduler and workers say to one another, and how it is written.

Each message is a frozen value, sent as JSON text: what comes is checked field by field,
and nothing but these values is made of it. The bytes of sets go beside them.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from cloudgauge.fleet.clock_offset import ClockOffset
from cloudgauge.model.run import Vantage
from cloudgauge.planning.plain import (
    canonical_json,
    from_plain,
    parse_json_table,
    to_plain,
)

_Made = TypeVar("_Made")


class State(StrEnum):
    """What a vantage is about."""

    MISSING = "missing"
    REFUSED = "refused"
    READY = "ready"
    MEASURING = "measuring"
    DELIVERING = "delivering"
    LEAVING = "leaving"
    AWAY = "away"
    FAILED = "failed"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hello:
    """A worker's first word.

    Attributes:
        vantage: As the worker describes it.
        seat: Which worker it is: 32 hexadecimal digits that stay the same when it is
            started anew in the same folder.
        tool_version: Of its cloudgauge.
        busy_with: Another campaign that it still measures for; "" for none.
    """

    vantage: Vantage
    seat: str
    tool_version: str
    busy_with: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Welcome:
    """The scheduler's answer to `Hello`.

    Attributes:
        refused: Why the worker may not take part; "" if it may.
        final: It need not try again.
        campaign: 32 hexadecimal digits.
        pin: The pinned plan, as its file has it.
        over: The campaign has ended; another may begin later.
    """

    refused: str = ""
    final: bool = False
    campaign: str = ""
    pin: str = ""
    over: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """A worker has read the plan and knows its clock.

    Attributes:
        plan_hash: Of the plan as the worker reads it.
        campaign: Of the pin as the worker reads it.
        held: Names of the campaign's sets in its folder.
    """

    plan_hash: str
    campaign: str
    clock: ClockOffset
    held: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The scheduler's answer to `Ready`.

    Attributes:
        refused: Why not; "" if it may take part.
        final: It need not try again.
        already: Slots of its share that the scheduler has and its folder has not:
            first and one past the last of each span.
    """

    refused: str = ""
    final: bool = False
    already: tuple[tuple[int, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A vantage's share of a campaign.

    Attributes:
        start_wall_ns: When its first round begins, by the scheduler's clock.
        sharers: Among how many the ceilings of a host are divided: all vantages, or
            more where they begin further apart.
        store: URL that sealed parts are pushed to; "" if they go to the scheduler.
    """

    campaign: str
    start_wall_ns: int
    sharers: int
    store: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tidings:
    """How a share goes, told every few seconds.

    Attributes:
        cells: Visits and transfers made.
        failures: Those that failed; of parts from before its worker was last started,
            exchanges that failed.
        sealed: Parts that are sealed.
        delivered: Parts that the scheduler or the store has.
        note: One line for people; "" for none.
    """

    state: State
    cells: int = 0
    failures: int = 0
    sealed: int = 0
    delivered: int = 0
    note: str = ""
    clock: ClockOffset | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """The scheduler's answer to `Tidings`.

    Attributes:
        known: It knows this worker; if not, the worker says hello again.
        over: The campaign has ended.
    """

    known: bool
    over: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedFile:
    """A file of a set, relative to its folder."""

    name: str
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A sealed set that the scheduler may lack.

    Attributes:
        name: Of its folder.
        checksums_sha256: Of its SHA256SUMS, which names it.
        files: All of them.
        stored: It is in the campaign's store already.
    """

    name: str
    checksums_sha256: str
    files: tuple[OfferedFile, ...] = ()
    stored: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The scheduler's answer to `Offer`, and to each piece.

    Attributes:
        held: It has the set, whole; nothing need be sent.
        file: Which file it wants next.
        offset_bytes: From where.
        refused: Why it does not want the set at all; "" if it does.
    """

    held: bool = False
    file: str = ""
    offset_bytes: int = 0
    refused: str = ""


def to_text(message: object) -> str:
    """Write a message."""
    return canonical_json(to_plain(message))


def from_text(kind: type[_Made], text: object) -> _Made:
    """Read a message of a *kind*.

    Raises:
        ConfigError: It is none.
    """
    where = kind.__name__.lower()
    return from_plain(kind, parse_json_table(str(text), where), where)
