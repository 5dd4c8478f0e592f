"""What a campaign is to be, and what has come of it; values."""

from dataclasses import dataclass
from pathlib import Path

from cloudgauge.fleet.identity import Identity
from cloudgauge.fleet.inbox import Inbox
from cloudgauge.fleet.roster import Place
from cloudgauge.model.campaign import Pin
from cloudgauge.model.quantity import NS_PER_S
from cloudgauge.model.run import Vantage

# From the order to the first round: a prober starts, finds what lies there already,
# and makes its journal, on a machine that may be slow.
DEFAULT_LEAD_NS = 10 * NS_PER_S


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignRequest:
    """What a campaign is to be.

    Attributes:
        vantages: Who is to take part, at least one, names unique.
        host: Where the scheduler listens.
        port: Likewise; 0 for any.
        results: Where the merged set is made, and the staging folder before it.
        store: URL that parts are pushed to; "" to have them sent here.
        staggered: Vantages begin one after the other rather than together.
        wait_ns: How long to wait until all vantages are there.
        patience_ns: How long after the last round to wait for one that is silent.
        lead_ns: From the order to the first round.
        clock_bound_ns: A clock that is further off is refused; None for none.
        verbose: The engine's own log is shown.
    """

    pin: Pin
    vantages: tuple[Vantage, ...]
    host: str
    port: int
    identity: Identity
    results: Path
    store: str = ""
    staggered: bool = False
    wait_ns: int
    patience_ns: int
    lead_ns: int = DEFAULT_LEAD_NS
    clock_bound_ns: int | None = None
    verbose: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """What has come of a campaign when its scheduler is done.

    Attributes:
        places: The vantages, in the order of their names.
        stored: Names of sets that lie in the store.
        interrupted: It was ended by a signal; workers go on.
    """

    campaign: str
    inbox: Inbox
    places: tuple[Place, ...]
    stored: tuple[str, ...]
    interrupted: bool
