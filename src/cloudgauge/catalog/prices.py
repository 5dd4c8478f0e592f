"""What traffic out of a region costs: price rows into the dearest that may apply."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cloudgauge.catalog.files import (
    Place,
    ReadFile,
    egress_rows,
    shipped_files,
    user_files,
)
from cloudgauge.catalog.lint import errors_in
from cloudgauge.catalog.price_rows import EgressRow
from cloudgauge.catalog.rows import TargetFile
from cloudgauge.errors import ConfigErrors
from cloudgauge.model.price import EgressPrice, Money
from cloudgauge.model.target import Provenance

_Rows = Iterable[tuple[Place, EgressRow, TargetFile]]


@dataclass(frozen=True, slots=True, kw_only=True)
class EgressPrices:
    """The dearest known price of traffic from each region to the Internet.

    Attributes:
        prices: In the order of region id and currency, each pair once. A region
            or currency that is missing is unknown, never free.
    """

    prices: tuple[EgressPrice, ...]
    _by_key: Mapping[tuple[str, str], EgressPrice] = field(
        init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        keys = [(price.region_id, price.price.currency) for price in self.prices]
        if keys != sorted(set(keys)):
            msg = "prices must be unique and in the order of region and currency"
            raise ValueError(msg)
        by_key = dict(zip(keys, self.prices, strict=True))
        object.__setattr__(self, "_by_key", by_key)

    def of(self, region_id: str, currency: str) -> EgressPrice | None:
        """Price of a region in a currency; None where nobody knows it.

        No price is taken from a neighbour or another currency.
        """
        return self._by_key.get((region_id, currency))

    def of_region(self, region_id: str) -> tuple[EgressPrice, ...]:
        """All that is known of a region's price, in order of currency; may be none."""
        return tuple(price for price in self.prices if price.region_id == region_id)


def load_egress_prices(extra_files: tuple[Path, ...] = ()) -> EgressPrices:
    """Load the shipped prices of traffic to the Internet and a user's own.

    Args:
        extra_files: Target files of the user's own. A price that they give for a
            region in a currency takes the place of the shipped ones.

    Raises:
        ConfigErrors: All that is wrong in all files, in the order of the files.
        MachineError: The installation has no catalogue.
    """
    return build_egress_prices((*shipped_files(), *user_files(extra_files)))


def build_egress_prices(files: tuple[ReadFile, ...]) -> EgressPrices:
    """Take from files that were read the dearest price of each region and currency.

    An upper bound has to hold for who chose nothing: of the routes that traffic
    takes by default, all tiers and all receivers, the dearest.

    Raises:
        ConfigErrors: All that is wrong in all files, in the order of the files.
    """
    errors = errors_in(files)
    if errors:
        raise ConfigErrors(errors)
    rows = tuple(egress_rows(files))
    dearest = _dearest(entry for entry in rows if entry[0].file.provider)
    dearest |= _dearest(entry for entry in rows if not entry[0].file.provider)
    return EgressPrices(prices=tuple(dearest[key] for key in sorted(dearest)))


def _dearest(rows: _Rows) -> dict[tuple[str, str], EgressPrice]:
    found: dict[tuple[str, str], EgressPrice] = {}
    for _, row, table in rows:
        for region_id in row.regions if row.by_default else ():
            price = _price(region_id, row, table)
            key = (region_id, row.currency)
            other = found.get(key)
            if other is None or price.of(_SAME).amount > other.of(_SAME).amount:
                found[key] = price
    return found


# Prices for a GB and for a GiB are compared by what the same bytes cost.
_SAME = 2**30


def _price(region_id: str, row: EgressRow, table: TargetFile) -> EgressPrice:
    sources = [table.sources.get(source, source) for source in row.source]
    to = f" to receivers in {row.receivers}" if row.receivers else ""
    tier = f"tier from {row.tier_start} {row.unit} a month"
    return EgressPrice(
        region_id=region_id,
        price=Money(amount=row.price, currency=row.currency),
        unit=row.unit,
        dated=row.dated,
        provenance=Provenance(
            sources=(f"{sources[0]} (route {row.route}{to}, {tier})", *sources[1:]),
            checked=row.checked,
            confidence=row.confidence,
        ),
    )
