"""A month of a workload, as it is described: nothing here knows a price."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

HOURS_A_MONTH = Decimal(730)
# No month is longer, and no volume that anyone pays for larger: sums stay exact.
MOST_HOURS = Decimal(744)
MOST_COUNT = 10**6
MOST_BYTES = 10**18


@dataclass(frozen=True, slots=True, kw_only=True)
class Machines:
    """Machines that run.

    Attributes:
        count: Above 0.
        hours: Of each, a month; in (0, 744].
        skus: The vendor's name of the machine by provider, that of "" for every
            other; where it names none, the comparable one of the price sheet.
        regions: Only in these; none for all.
    """

    count: int
    hours: Decimal = HOURS_A_MONTH
    skus: Mapping[str, str] = field(default_factory=dict)
    regions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _check_count(self.count, self.hours)


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Public IPv4 addresses that are held.

    Attributes:
        count: Above 0.
        hours: Of each, a month; in (0, 744].
        regions: Only in these; none for all.
    """

    count: int
    hours: Decimal = HOURS_A_MONTH
    regions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _check_count(self.count, self.hours)


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """Traffic out of a region in a month.

    Attributes:
        volume_bytes: In (0, 10^18].
        receivers: Words for where the receivers are, the narrowest first; none for
            anywhere. They are compared by `plain_word`.
        to_region: Id of the region that it goes to; "" for the Internet. To a region
            of another provider it goes over the Internet.
        to_zones: Whether it goes to other zones of its own region.
        regions: Only out of these; none for all.
    """

    volume_bytes: int
    receivers: tuple[str, ...] = ()
    to_region: str = ""
    to_zones: bool = False
    regions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 0 < self.volume_bytes <= MOST_BYTES:
            msg = f"volume must be above 0 B and at most 10^18, got {self.volume_bytes}"
            raise ValueError(msg)
        if self.to_zones and (self.to_region or self.receivers):
            msg = "traffic to other zones has no other receivers"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """What runs in a month, wherever it runs.

    Attributes:
        name: For people.
        routes: The vendor's word for the way that traffic to the Internet takes, by
            provider; where it names none, the one that is taken by default.
    """

    name: str
    machines: tuple[Machines, ...] = ()
    addresses: tuple[Addresses, ...] = ()
    traffic: tuple[Traffic, ...] = ()
    routes: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not (self.machines or self.addresses or self.traffic):
            msg = "a workload must use something: machines, addresses or traffic"
            raise ValueError(msg)


def plain_word(word: str) -> str:
    """A word for an area without article, hyphens and capitals, to be compared by.

    "the Americas" and "americas" mean the same.
    """
    return word.casefold().replace("-", " ").strip().removeprefix("the ")


def _check_count(count: int, hours: Decimal) -> None:
    if not 0 < count <= MOST_COUNT:
        msg = f"count must be above 0 and at most 10^6, got {count}"
        raise ValueError(msg)
    if not (hours.is_finite() and 0 < hours <= MOST_HOURS):
        msg = f"hours must be above 0 and at most 744, got {hours}"
        raise ValueError(msg)
