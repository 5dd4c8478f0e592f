"""The schema of price rows: one price, its unit, its date and its source each."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from cloudgauge.catalog.keys import (
    Amount,
    Currency,
    Line,
    Note,
    Price,
    RegionId,
    SeenConfidence,
    Slug,
    at_least_one,
)
from cloudgauge.model.tariff import Pool
from cloudgauge.settings.toml_file import Row, Word, Words

_GIB = 2**30
_BYTES_IN = {"GB": 10**9, "GiB": _GIB}


class _DatedRow(Row):
    """What every price row says.

    Attributes:
        regions: For which it holds, at least one.
        dated: When the source said so; the first day of the month or year where
            it names no day.
    """

    regions: Annotated[Words[RegionId], AfterValidator(at_least_one)]
    dated: date
    confidence: SeenConfidence
    source: Words[Line]
    checked: date
    note: Note = ""


class _BytesRow(_DatedRow):
    """What every row of traffic says.

    Attributes:
        unit: As the vendor writes it.
        unit_bytes: What the vendor counts in one; left out: 10^9 bytes in a GB,
            2^30 in a GiB. Some write GB and count 2^30.
    """

    unit: Literal["GB", "GiB"]
    unit_bytes: Literal[1_000_000_000, 1_073_741_824] | None = None

    @model_validator(mode="after")
    def _as_many_as_it_says(self) -> "_BytesRow":
        if self.unit == "GiB" and self.unit_bytes not in {None, _GIB}:
            msg = f"want {_GIB} bytes in a GiB, got {self.unit_bytes}"
            raise ValueError(msg)
        return self

    @property
    def bytes_in_unit(self) -> int:
        """Bytes in a unit as the vendor counts them."""
        return self.unit_bytes or _BYTES_IN[self.unit]


class _TieredRow(_BytesRow):
    """One tier of a price of traffic.

    Attributes:
        receivers: Where the receivers are, if the price depends on that; "" for
            anywhere. For traffic between regions, a region or an area.
        route: The vendor's word for the way it takes.
        by_default: Whether traffic takes this route when nobody chose one.
        tier_start: First unit of a month that has this price, from 0.
        tier_end: First unit that has it no more; left out for the last tier.
        pool: What a month's units are added up over: each region alone, or all
            regions of the row for the whole account.
    """

    receivers: Note = ""
    route: Slug
    by_default: bool
    tier_start: Annotated[int, Field(ge=0)]
    tier_end: Annotated[int, Field(gt=0)] | None = None
    pool: Word[Pool] = Pool.REGION
    price: Price
    currency: Currency


class EgressRow(_TieredRow):
    """``[[egress]]``: what a unit of traffic out of some regions costs, in one tier.

    For an upper bound each of its receivers counts, wherever the vantage is.
    """

    destination: Literal["internet"]


class TransferRow(_TieredRow):
    """``[[transfer]]``: the same of traffic that stays with the provider.

    Attributes:
        price: Of a unit that is moved, all that is charged for it: where both sides
            pay, the sum of both.
    """

    destination: Literal["other-region", "same-region-other-zone"]


class MachineRow(_DatedRow):
    """``[[machine]]``: an hour of a Linux machine, on demand.

    Attributes:
        sku: The vendor's name of it.
        by_default: Whether this is the machine that stands for its region where
            nobody chose one.
    """

    sku: Line
    vcpus: Annotated[int, Field(ge=1)]
    memory_gib: Amount
    by_default: bool
    price: Price
    currency: Currency
    unit: Literal["hour"]


class Ipv4Row(_DatedRow):
    """``[[ipv4]]``: an hour of a public IPv4 address."""

    price: Price
    currency: Currency
    unit: Literal["hour"]


class AllowanceRow(_BytesRow):
    """``[[allowance]]``: traffic to the Internet that is free each month.

    Of what the vendor gives beside its tiers. What stands in the vendor's own list
    as a tier of price 0 is such a tier.

    Attributes:
        regions: Over which it is given, once for all of them together.
        routes: To whose traffic; none for that of every route.
        volume: In units.
    """

    destination: Literal["internet"]
    routes: Words[Slug] = ()
    volume: Amount


TieredRow = EgressRow | TransferRow
PricedRow = EgressRow | TransferRow | MachineRow | Ipv4Row
PriceRow = PricedRow | AllowanceRow
TABLES = ("egress", "transfer", "machine", "ipv4", "allowance")
