"""What a month is billed for: price rows into tariffs that can be traced to them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from cloudgauge.catalog.files import (
    Place,
    ReadFile,
    price_rows,
    shipped_files,
    user_files,
)
from cloudgauge.catalog.lint import errors_in
from cloudgauge.catalog.price_overlay import overlay_files
from cloudgauge.catalog.price_rows import (
    AllowanceRow,
    Ipv4Row,
    MachineRow,
    PricedRow,
)
from cloudgauge.catalog.rows import TargetFile
from cloudgauge.catalog.tariff_rows import allowance_of, charge_of, tariff_of
from cloudgauge.errors import ConfigErrors
from cloudgauge.model.tariff import Allowance, Charge, Tariff

_Priced = tuple[Place, PricedRow, TargetFile]
_Given = tuple[Place, AllowanceRow, TargetFile]
# What a sheet says anew: a region, and the name of one price there.
_Slot = tuple[str, ...]
# How much of it is region, charge and currency; the machine or the route comes next.
_TO_CURRENCY = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Tariffs:
    """Every price that is known, by region.

    Attributes:
        tariffs: In the order of region, charge, default before chosen, currency,
            route, receivers and sku of the first region of each.
        allowances: In the order of the files.
        refreshed: The `row` of each tariff and allowance that a refresh brought, in
            place of what is shipped.
        source_keys: Short names of sources by what provenance says of them.
    """

    tariffs: tuple[Tariff, ...]
    allowances: tuple[Allowance, ...] = ()
    refreshed: frozenset[str] = frozenset()
    source_keys: Mapping[str, str] = field(default_factory=dict)
    _by_region: Mapping[str, tuple[Tariff, ...]] = field(
        init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        by_region: dict[str, list[Tariff]] = {}
        for tariff in self.tariffs:
            for region_id in tariff.region_ids:
                by_region.setdefault(region_id, []).append(tariff)
        frozen = {
            region_id: tuple(sorted(found, key=_order))
            for region_id, found in by_region.items()
        }
        object.__setattr__(self, "_by_region", frozen)

    def of(  # noqa: PLR0913  four of them only narrow what is asked for, by name
        self,
        region_id: str,
        charge: Charge,
        *,
        currency: str | None = None,
        sku: str | None = None,
        route: str | None = None,
        receivers: str | None = None,
    ) -> tuple[Tariff, ...]:
        """Every price of a charge in a region; none where nobody knows it.

        What is None is not asked for: prices of every currency, machine, route and
        place of receivers are given, those that hold by default first.
        """
        wanted = (
            ("currency", currency),
            ("sku", sku),
            ("route", route),
            ("receivers", receivers),
        )
        return tuple(
            tariff
            for tariff in self.rows_of(region_id)
            if tariff.charge is charge
            and all(
                value is None or getattr(tariff, name) == value
                for name, value in wanted
            )
        )

    def rows_of(self, region_id: str) -> tuple[Tariff, ...]:
        """All that is known of a region's prices; may be none."""
        return self._by_region.get(region_id, ())

    def allowances_of(self, region_id: str) -> tuple[Allowance, ...]:
        """What is given free in a region; may be none."""
        return tuple(
            allowance
            for allowance in self.allowances
            if region_id in allowance.region_ids
        )


def load_tariffs(
    extra_files: tuple[Path, ...] = (), overlay: Path | None = None
) -> Tariffs:
    """Load the shipped prices, what a refresh brought, and a user's own.

    Args:
        extra_files: Target files of the user's own; the last word.
        overlay: The folder that refreshes write to; None or a folder that is not
            there for the shipped prices alone.

    Raises:
        ConfigErrors: All that is wrong in all files, in the order of the files.
        MachineError: The installation has no catalogue.
    """
    overlays = () if overlay is None else overlay_files(overlay)
    return build_tariffs((*shipped_files(), *overlays, *user_files(extra_files)))


def build_tariffs(files: tuple[ReadFile, ...]) -> Tariffs:
    """Make tariffs of files that were read.

    For one price (a charge in a region and a currency, of one machine, or by one route
    to one place) the last sheet that knows it speaks, and alone: the shipped one, then
    each refresh in the order of the files, then the user's own. Rows of two sheets are
    never mixed into one price, and a sheet that is silent about a price takes none
    away. Where it names a default, no older sheet's other one stands.

    Raises:
        ConfigErrors: All that is wrong in all files, in the order of the files.
    """
    errors = errors_in(files)
    if errors:
        raise ConfigErrors(errors)
    priced: list[_Priced] = []
    given: list[_Given] = []
    for place, row, table in price_rows(files):
        if isinstance(row, AllowanceRow):
            given.append((place, row, table))
        else:
            priced.append((place, row, table))
    tariffs = [
        tariff if stands else replace(tariff, by_default=False)
        for region_ids, rows, stands in _groups(priced)
        for tariff in (tariff_of(region_ids, rows),)
    ]
    tariffs.sort(key=lambda tariff: (tariff.region_ids[0], _order(tariff)))
    allowances = [allowance_of(*entry) for entry in _last_word(given)]
    brought = {file.where for file in files if file.refreshed}
    rows = [tariff.row for tariff in tariffs]
    rows += [allowance.row for allowance in allowances]
    tables = [file.table for file in files if file.table]
    return Tariffs(
        source_keys={
            text: key for table in tables for key, text in table.sources.items()
        },
        tariffs=tuple(tariffs),
        allowances=tuple(allowances),
        refreshed=frozenset(row for row in rows if row.rpartition(": ")[0] in brought),
    )


def _groups(
    rows: Iterable[_Priced],
) -> Iterator[tuple[tuple[str, ...], tuple[_Priced, ...], bool]]:
    """Rows of one price, the regions that have exactly these, and if it may stand.

    It may stand for its charge unless a later sheet names another default.
    """
    rows = tuple(rows)
    layers = _layers(place.file for place, _, _ in rows)
    last: dict[_Slot, int] = {}
    for slot, layer, row in _slots(rows, layers):
        last[slot] = max(last.get(slot, 0), layer)
        if _is_default(row):
            charge = slot[:_TO_CURRENCY]
            last[charge] = max(last.get(charge, 0), layer)
    chosen = {
        slot[: _TO_CURRENCY + 1]
        for slot, layer, row in _slots(rows, layers)
        if _is_default(row) and last[slot[:_TO_CURRENCY]] == layer
    }
    by_price: dict[_Slot, list[int]] = {}
    for number, entry in enumerate(rows):
        for slot, layer, _ in _slots((entry,), layers):
            if last[slot] == layer:
                by_price.setdefault(slot, []).append(number)
    alike: dict[tuple[bool, tuple[int, ...]], list[str]] = {}
    for slot, numbers in by_price.items():
        stands = slot[: _TO_CURRENCY + 1] in chosen
        alike.setdefault((stands, tuple(numbers)), []).append(slot[0])
    for (stands, numbers_), region_ids in alike.items():
        yield tuple(region_ids), tuple(rows[number] for number in numbers_), stands


def _slots(
    rows: Iterable[_Priced], layers: Mapping[str, int]
) -> Iterator[tuple[_Slot, int, PricedRow]]:
    """What each row says for each of its regions, and the layer that says it."""
    for place, row, _ in rows:
        name, layer = _name_of(row), layers[place.file.layer]
        for region_id in row.regions:
            yield (region_id, *name), layer, row


def _is_default(row: PricedRow) -> bool:
    return isinstance(row, Ipv4Row) or row.by_default


def _layers(files: Iterable[ReadFile]) -> dict[str, int]:
    """Which sheet has the last word: the one with the greatest number."""
    found: dict[str, int] = {}
    for file in sorted(files, key=_weight):
        found.setdefault(file.layer, len(found))
    return found


def _weight(file: ReadFile) -> int:
    if file.refreshed:
        return 1
    return 2 if file.provider is None else 0


def _name_of(row: PricedRow) -> tuple[str, ...]:
    charge = charge_of(row)
    if isinstance(row, MachineRow):
        return (charge, row.currency, row.sku, "")
    if isinstance(row, Ipv4Row):
        return (charge, row.currency, "", "")
    return (charge, row.currency, row.route, row.receivers)


def _last_word(rows: Iterable[_Given]) -> Iterator[_Given]:
    """Allowances that no later sheet says anew for one of their regions."""
    rows = tuple(rows)
    layers = _layers(place.file for place, _, _ in rows)
    for place, row, table in rows:
        said_anew = any(
            layers[other.file.layer] > layers[place.file.layer]
            and set(newer.routes) == set(row.routes)
            and not set(newer.regions).isdisjoint(row.regions)
            for other, newer, _ in rows
        )
        if not said_anew:
            yield place, row, table


def _order(tariff: Tariff) -> tuple[object, ...]:
    return (
        list(Charge).index(tariff.charge),
        not tariff.by_default,
        tariff.currency,
        tariff.route,
        tariff.receivers,
        tariff.sku,
    )
