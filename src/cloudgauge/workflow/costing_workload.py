"""A workload as it was written, held against the regions and prices that are known."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from cloudgauge.billing.workload import (
    Addresses,
    Machines,
    Traffic,
    Workload,
    plain_word,
)
from cloudgauge.catalog.geography import AREAS, areas_of
from cloudgauge.catalog.index import Catalog
from cloudgauge.catalog.tariffs import Tariffs
from cloudgauge.errors import ConfigError, ConfigErrors
from cloudgauge.model.target import Region
from cloudgauge.model.tariff import Charge
from cloudgauge.settings.toml_file import nearest
from cloudgauge.settings.workload_file import EgressRow, WorkloadRow

_INTERNET = "internet"
_OTHER_ZONES = "other-zones"
# Vendors' words for areas that are larger or smaller than ours.
_AROUND = {"north-america": ("americas",), "latin-america": ("americas",)}
_OF_COUNTRY = {"AU": "australia"}


def known_workload(
    row: WorkloadRow, where: str, catalog: Catalog, tariffs: Tariffs
) -> Workload:
    """Make a workload of what was written.

    Args:
        row: What was written.
        where: Names it in messages.
        catalog: Regions that it may name.
        tariffs: Prices, whose routes and places of receivers it may name.

    Raises:
        ConfigErrors: Names that nothing has, each with the nearest one.
        ConfigError: It uses nothing.
    """
    errors = tuple(_unknown_names(row, where, catalog, tariffs))
    if errors:
        raise ConfigErrors(errors)
    try:
        return Workload(
            name=row.name,
            machines=tuple(
                Machines(
                    count=one.count,
                    hours=_decimal(one.hours),
                    skus=one.sku,
                    regions=one.regions,
                )
                for one in row.machine
            ),
            addresses=tuple(
                Addresses(
                    count=one.count, hours=_decimal(one.hours), regions=one.regions
                )
                for one in row.address
            ),
            traffic=tuple(_traffic(one, catalog) for one in row.egress),
            routes=row.routes,
        )
    except ValueError as exc:
        raise ConfigError(where, str(exc)) from exc


def _decimal(hours: float) -> Decimal:
    # The shortest decimal that reads back equal: what stands in the file.
    return Decimal(repr(hours))


def _traffic(row: EgressRow, catalog: Catalog) -> Traffic:
    if row.to == _OTHER_ZONES:
        return Traffic(volume_bytes=row.volume, to_zones=True, regions=row.regions)
    if row.to == _INTERNET:
        return Traffic(volume_bytes=row.volume, regions=row.regions)
    if "/" not in row.to:
        words = (row.to, *_AROUND.get(plain_word(row.to).replace(" ", "-"), ()))
        return Traffic(volume_bytes=row.volume, receivers=words, regions=row.regions)
    return Traffic(
        volume_bytes=row.volume,
        to_region=row.to,
        receivers=tuple(_words_of(catalog.region(row.to))),
        regions=row.regions,
    )


def _words_of(region: Region) -> Iterator[str]:
    """Every word by which a price row may mean a region, the narrowest first."""
    if region.country in _OF_COUNTRY:
        yield _OF_COUNTRY[region.country]
    areas = areas_of(region)
    yield from areas
    yield from dict.fromkeys(word for area in areas for word in _AROUND.get(area, ()))


def _unknown_names(
    row: WorkloadRow, where: str, catalog: Catalog, tariffs: Tariffs
) -> Iterator[ConfigError]:
    regions = [region.region_id for region in catalog.regions]
    for key, name in _regions_in(row):
        if name not in regions:
            yield _error(where, key, _unknown("region", name, regions))
    if len(set(row.together)) != len(row.together):
        yield _error(where, "together", "names a region twice")
    destinations = _destinations(tariffs)
    words = {plain_word(name) for name in destinations}
    for number, entry in enumerate(row.egress):
        if "/" not in entry.to and plain_word(entry.to) not in words:
            problem = _unknown("destination", entry.to, destinations)
            yield _error(where, f"egress[{number}].to", problem)
    providers = catalog.providers
    for key, name in _providers_in(row):
        if name not in providers:
            yield _error(where, key, _unknown("provider", name, providers))
    for provider, route in row.routes.items():
        routes = _routes(provider, tariffs)
        if provider in providers and route not in routes:
            yield _error(where, f"routes.{provider}", _unknown("route", route, routes))


def _regions_in(row: WorkloadRow) -> Iterator[tuple[str, str]]:
    """Every region that is named, after its key."""
    yield from (("together", name) for name in row.together)
    for table, entries in (
        ("machine", row.machine),
        ("address", row.address),
        ("egress", row.egress),
    ):
        for number, entry in enumerate(entries):
            yield from ((f"{table}[{number}].in", name) for name in entry.regions)
    for number, egress in enumerate(row.egress):
        if "/" in egress.to:
            yield f"egress[{number}].to", egress.to


def _providers_in(row: WorkloadRow) -> Iterator[tuple[str, str]]:
    """Every provider that is named, after its key."""
    yield from (("routes", provider) for provider in row.routes)
    for number, machine in enumerate(row.machine):
        for provider in machine.sku:
            if provider:
                yield f"machine[{number}].sku", provider


def _destinations(tariffs: Tariffs) -> list[str]:
    named = {
        tariff.receivers
        for tariff in tariffs.tariffs
        if tariff.charge is Charge.TO_INTERNET and tariff.receivers
    }
    return sorted({_INTERNET, _OTHER_ZONES, *AREAS, *named})


def _routes(provider: str, tariffs: Tariffs) -> list[str]:
    """The routes out of a provider's regions that have a price."""
    return sorted(
        {
            tariff.route
            for tariff in tariffs.tariffs
            if tariff.charge is Charge.TO_INTERNET
            and tariff.region_ids[0].startswith(f"{provider}/")
        }
    )


def _error(where: str, key: str, problem: str) -> ConfigError:
    return ConfigError(f"{where}: {key}", problem)


def _unknown(what: str, name: str, known: Iterable[str]) -> str:
    names = sorted(known)
    meant = nearest(name, names)
    if meant:
        return f'no {what} "{name}"; did you mean "{meant}"?'
    some = "" if len(names) > 20 else f"; want one of {', '.join(names)}"
    return f'no {what} "{name}"{some}'
