"""What a workload is billed for, region by region: tiers, allowances, exact sums.

A price is read as its vendor bills it: in the vendor's unit, tier by tier, over what
the vendor adds up. Nothing here converts a currency, rounds, or takes a missing
price for zero.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal, localcontext
from enum import StrEnum
from itertools import pairwise

from cloudgauge.model.price import Money
from cloudgauge.model.target import Provenance

# Sums of products of a tier's price (at most 20 digits) and a volume (at most 30)
# are exact in it.
_EXACT = Context(prec=100)
_BYTES_IN = {"GB": (10**9, 2**30), "GiB": (2**30,), "hour": (1,)}


class Charge(StrEnum):
    """What is paid for."""

    MACHINE = "machine"
    PUBLIC_IPV4 = "public-ipv4"
    TO_INTERNET = "to-internet"
    TO_OTHER_REGION = "to-other-region"
    TO_OTHER_ZONE = "to-other-zone"


class Pool(StrEnum):
    """Over what a month's volume is added up before tiers are applied."""

    REGION = "region"
    ACCOUNT = "account"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """A price for the part of a month's volume in [start, end).

    Attributes:
        start: In units of the tariff, >= 0.
        end: Above `start`; None has no end.
        price: Of one unit, >= 0; 0 only where the vendor says that it is free.
    """

    start: Decimal
    end: Decimal | None
    price: Decimal

    def __post_init__(self) -> None:
        if not (self.start.is_finite() and self.start >= 0):
            msg = f"start of a tier must be finite and >= 0, got {self.start}"
            raise ValueError(msg)
        if self.end is not None and not (
            self.end.is_finite() and self.end > self.start
        ):
            msg = f"end of a tier must be above its start {self.start}, got {self.end}"
            raise ValueError(msg)
        if not (self.price.is_finite() and self.price >= 0):
            msg = f"price of a tier must be finite and >= 0, got {self.price}"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tariff:
    """One charge in some regions, with all its tiers.

    Attributes:
        row: Where it stands, file and table, so that a figure can be traced.
        charge: What is paid for.
        region_ids: ``provider/code``, at least one; it holds for each of them.
        currency: ISO 4217; never converted.
        unit: ``GB``, ``GiB`` or ``hour``, as the vendor writes it.
        unit_bytes: Bytes in a unit as the vendor counts them (some write GB and
            count 2^30); 1 for hours.
        tiers: In order, each where the one before ends; the first begins at 0. A
            volume past the end of the last has no known price.
        pool: What is added up over a month before tiers are applied.
        receivers: Where the receivers are, if the price depends on that; "" for
            anywhere. For traffic between regions, the region or the area.
        route: The vendor's word for the way that traffic takes; "" elsewhere.
        by_default: Whether it is paid where nobody chose a route or machine.
        sku: The vendor's name of a machine; "" elsewhere.
        vcpus: Of a machine; None elsewhere.
        memory_gib: Of a machine; None elsewhere.
        dated: When its source said so.
        note: What to know about it; may be "".
    """

    row: str
    charge: Charge
    region_ids: tuple[str, ...]
    currency: str
    unit: str
    unit_bytes: int
    tiers: tuple[Tier, ...]
    pool: Pool = Pool.REGION
    receivers: str = ""
    route: str = ""
    by_default: bool = True
    sku: str = ""
    vcpus: int | None = None
    memory_gib: Decimal | None = None
    dated: date
    provenance: Provenance
    note: str = ""

    def __post_init__(self) -> None:
        if not self.region_ids:
            msg = f"{self.row}: want at least one region"
            raise ValueError(msg)
        if self.unit_bytes not in _BYTES_IN.get(self.unit, ()):
            msg = (
                f'{self.row}: unit must be "GB", "GiB" or "hour" with the bytes in it, '
                f'got "{self.unit}" of {self.unit_bytes}'
            )
            raise ValueError(msg)
        if not self.tiers or self.tiers[0].start != 0:
            msg = f"{self.row}: the first tier must begin at 0"
            raise ValueError(msg)
        for below, above in pairwise(self.tiers):
            if below.end != above.start:
                kind = "overlap" if _reaches_into(below, above) else "have a gap"
                msg = (
                    f"{self.row}: tiers from {below.start} and {above.start} {kind}: "
                    f"the first ends at {below.end}"
                )
                raise ValueError(msg)

    def cost_of(self, volume: Decimal) -> Money | None:
        """What *volume* units in one month cost, exactly.

        Returns:
            None where the volume goes past the last tier that is known.

        Raises:
            ValueError: If *volume* is negative or not finite.
        """
        if not (volume.is_finite() and volume >= 0):
            msg = f"a volume must be finite and >= 0, got {volume}"
            raise ValueError(msg)
        last = self.tiers[-1].end
        if last is not None and volume > last:
            return None
        with localcontext(_EXACT):
            amount = Decimal(0)
            for tier in self.tiers:
                end = volume if tier.end is None else min(volume, tier.end)
                if end > tier.start:
                    amount += (end - tier.start) * tier.price
        return Money(amount=amount, currency=self.currency)


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What a vendor gives free each month and does not count into any tier.

    An allowance that the vendor writes as a tier of price 0 is such a tier instead.

    Attributes:
        row: Where it stands.
        region_ids: Over which it is given, once for all of them together.
        routes: To whose traffic it is given; none for that of every route.
        volume: In units, > 0.
        unit: ``GB`` or ``GiB``.
        unit_bytes: Bytes in a unit as the vendor counts them.
    """

    row: str
    region_ids: tuple[str, ...]
    routes: tuple[str, ...] = ()
    volume: Decimal
    unit: str
    unit_bytes: int
    dated: date
    provenance: Provenance
    note: str = ""

    def __post_init__(self) -> None:
        if not self.region_ids:
            msg = f"{self.row}: want at least one region"
            raise ValueError(msg)
        if not (self.volume.is_finite() and self.volume > 0):
            msg = f"{self.row}: an allowance must be finite and > 0, got {self.volume}"
            raise ValueError(msg)
        if self.unit == "hour" or self.unit_bytes not in _BYTES_IN.get(self.unit, ()):
            msg = (
                f'{self.row}: unit must be "GB" or "GiB" with the bytes in it, '
                f'got "{self.unit}" of {self.unit_bytes}'
            )
            raise ValueError(msg)


def _reaches_into(below: Tier, above: Tier) -> bool:
    return below.end is None or below.end > above.start
