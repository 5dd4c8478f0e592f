"""What a prober is asked: a share, and how targets are reached from this machine."""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from cloudgauge.fleet.seat import KeptShare
from cloudgauge.model.campaign import Pin
from cloudgauge.model.run import Vantage
from cloudgauge.planning.pin import pin_from_json
from cloudgauge.workflow.share import ShareRequest, share_to_json


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How targets are reached from here, as options said it.

    Attributes:
        hosts_file: Names pointed at addresses of the user's own; None for none.
        ca_file: Roots to trust; None for the usual ones.
        private_allowed: Private addresses may be targets.
        contact: URL for the User-Agent; None for the default.
    """

    hosts_file: Path | None = None
    ca_file: Path | None = None
    private_allowed: bool = False
    contact: str | None = None


def asker(vantage: Vantage, results: Path, reach: Reach) -> Callable[[KeptShare], str]:
    """What makes of a share the request for its prober."""

    def ask(kept: KeptShare) -> str:
        pin = pin_from_json(kept.pin, "the pinned plan")
        return share_to_json(
            ShareRequest(
                pin=pin,
                vantage=described(pin, vantage),
                results=results,
                start_wall_ns=kept.start_wall_ns,
                sharers=kept.sharers,
                already=tuple((first, end) for first, end in kept.already),
                ca_file=reach.ca_file,
                hosts_file=reach.hosts_file,
                private_allowed=reach.private_allowed,
                contact=reach.contact,
            )
        )

    return ask


def described(pin: Pin, vantage: Vantage) -> Vantage:
    """The vantage as it says of itself, with what only the pin says."""
    pinned = next((one for one in pin.vantages if one.name == vantage.name), None)
    if pinned is None:
        return vantage
    told: dict[str, Any] = {
        field.name: getattr(pinned, field.name)
        for field in fields(Vantage)
        if getattr(vantage, field.name) is None
    }
    return replace(vantage, **told)
