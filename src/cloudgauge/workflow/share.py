"""What a process that measures a vantage's share of a campaign is asked.

Light to load, for whoever starts such a process (`share_process`) and listens to it.
"""

from dataclasses import dataclass
from pathlib import Path

from cloudgauge.errors import ConfigError
from cloudgauge.model.campaign import Pin
from cloudgauge.model.run import Vantage
from cloudgauge.planning.pin import pin_from_json, pin_to_json
from cloudgauge.planning.plain import (
    canonical_json,
    from_plain,
    parse_json_table,
    to_plain,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareRequest:
    """One vantage's share of a campaign.

    Attributes:
        pin: The campaign's.
        vantage: Who measures; a pin with vantages must name it.
        results: Folder in which the parts' sets are made, and looked for.
        start_wall_ns: When round 0 is due, UTC since 1970; None for what the pin says.
        sharers: Vantages that share the ceiling of a host, this one too.
        already: Slots that are held elsewhere and need not be made: first and one past
            the last of each span of numbers.
        ca_file: Roots of TLS of the user's own; None for the usual ones.
        hosts_file: Names pointed at addresses of the user's own, or None.
        private_allowed: Private addresses may be targets.
        contact: URL or address for the User-Agent; None for the default.
        patience_s: How long to wait for another process that still measures the same
            into the same folder, such as one whose parent was killed.
    """

    pin: Pin
    vantage: Vantage
    results: Path
    start_wall_ns: int | None = None
    sharers: int = 1
    already: tuple[tuple[int, int], ...] = ()
    ca_file: Path | None = None
    hosts_file: Path | None = None
    private_allowed: bool = False
    contact: str | None = None
    patience_s: float = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """The same as JSON has it: the pin and spans as text, paths too."""

    pin: str
    vantage: Vantage
    results: str
    start_wall_ns: int | None
    sharers: int
    already: tuple[tuple[int, ...], ...]
    ca_file: str | None
    hosts_file: str | None
    private_allowed: bool
    contact: str | None
    patience_s: float


def check_vantage(pin: Pin, vantage: Vantage) -> Vantage:
    """Refuse a vantage that a pin does not name, if it names any.

    Returns:
        The vantage as the pin describes it, or as it is given where the pin says no
        more than its name.

    Raises:
        ConfigError: Saying which ones the pin names.
    """
    named = {one.name: one for one in pin.vantages}
    if not named:
        return vantage
    if vantage.name not in named:
        where = "--vantage"
        problem = f'the pin is for {", ".join(named)}, not for "{vantage.name}"'
        raise ConfigError(where, problem)
    pinned = named[vantage.name]
    return vantage if pinned == Vantage(name=pinned.name) else pinned


def share_to_json(request: ShareRequest) -> str:
    """Write a request as one line of ASCII, without its end."""
    asked = _Asked(
        pin=pin_to_json(request.pin),
        vantage=request.vantage,
        results=str(request.results),
        start_wall_ns=request.start_wall_ns,
        sharers=request.sharers,
        already=request.already,
        ca_file=None if request.ca_file is None else str(request.ca_file),
        hosts_file=None if request.hosts_file is None else str(request.hosts_file),
        private_allowed=request.private_allowed,
        contact=request.contact,
        patience_s=request.patience_s,
    )
    return canonical_json(to_plain(asked))


def share_from_json(text: str, where: str) -> ShareRequest:
    """Read what `share_to_json` wrote; *where* names its origin in messages.

    Raises:
        ConfigError: It is no such request.
    """
    asked = from_plain(_Asked, parse_json_table(text, where), where)
    if any(len(span) != 2 for span in asked.already):
        key = f"{where}: already"
        raise ConfigError(key, "want pairs of numbers")
    return ShareRequest(
        pin=pin_from_json(asked.pin, f"{where}: pin"),
        vantage=asked.vantage,
        results=Path(asked.results),
        start_wall_ns=asked.start_wall_ns,
        sharers=asked.sharers,
        already=tuple((first, end) for first, end in asked.already),
        ca_file=None if asked.ca_file is None else Path(asked.ca_file),
        hosts_file=None if asked.hosts_file is None else Path(asked.hosts_file),
        private_allowed=asked.private_allowed,
        contact=asked.contact,
        patience_s=asked.patience_s,
    )
