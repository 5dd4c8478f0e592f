"""What the schema alone cannot see: rows that do not fit one another.

A mistake is told once, where it stands. A file that does not fit its schema is
told for that alone: what it may have said of a region is not called missing.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from cloudgauge.catalog.citation_lint import bad_rules, bad_sources, unused_keys
from cloudgauge.catalog.files import (
    Place,
    ReadFile,
    endpoint_rows,
    object_rows,
    price_rows,
    region_rows,
)
from cloudgauge.catalog.gathered import GatheredRows, gather, host_of
from cloudgauge.catalog.geography import AREAS
from cloudgauge.catalog.price_lint import bad_prices
from cloudgauge.errors import ConfigError
from cloudgauge.model.target import Reach
from cloudgauge.settings.toml_file import nearest

# Providers open, rename and close regions every month: what nobody has held
# against its source for a year is more likely wrong than not.
OLD = timedelta(days=365)


def errors_in(files: tuple[ReadFile, ...]) -> tuple[ConfigError, ...]:
    """Find everything that makes files unusable, in the order of the files."""
    rows = gather(files)
    found = [error for file in files for error in file.errors]
    for check in (
        _wrong_folders,
        _duplicates,
        _unknown_regions,
        _regions_without_one_primary,
        _regions_without_one_primary_object,
        _shared_hosts,
        bad_rules,
        bad_sources,
    ):
        found += check(rows)
    found += bad_prices(rows.prices)
    order = [file.where for file in files]
    return tuple(sorted(found, key=lambda error: _file_position(order, error)))


def notes_on(files: tuple[ReadFile, ...], today: date) -> tuple[ConfigError, ...]:
    """Find what a maintainer should look at, though nothing is broken by it."""
    found: list[ConfigError] = []
    for file in files:
        found += _old_rows(file, today)
        found += unused_keys(file)
    for place, row, _ in region_rows(files):
        if not any(row.country in countries for countries in AREAS.values()):
            problem = f'"{row.country}" is in no area, so no area selects {row.id}'
            found.append(ConfigError(place.key("country"), problem))
    return tuple(found)


def _file_position(order: list[str], error: ConfigError) -> int:
    positions = [
        position
        for position, where in enumerate(order)
        if error.where == where or error.where.startswith(f"{where}: ")
    ]
    return positions[0] if positions else len(order)


def _wrong_folders(rows: GatheredRows) -> Iterator[ConfigError]:
    named = [(place, "id", row.id) for place, row, _ in rows.regions]
    for place, key, region_id in (*named, *rows.region_keys):
        provider = place.file.provider
        if provider is not None and not region_id.startswith(f"{provider}/"):
            problem = f'want "{provider}/…" in this folder, got "{region_id}"'
            yield ConfigError(place.key(key), problem)


def _duplicates(rows: GatheredRows) -> Iterator[ConfigError]:
    named = [(place.key("id"), row.id) for place, row, _ in rows.regions]
    named += [
        (place.key("service"), f"{row.region}:{row.service}")
        for place, row, _ in rows.endpoints
    ]
    named += [
        (place.key("name"), f"{row.region}:{row.name}")
        for place, row, _ in rows.objects
    ]
    first: dict[str, str] = {}
    for where, name in named:
        if name in first:
            yield ConfigError(where, f'"{name}" stands already at {first[name]}')
        first.setdefault(name, where)


def _unknown_regions(rows: GatheredRows) -> Iterator[ConfigError]:
    if not rows.all_known:
        return
    known = {row.id for _, row, _ in rows.regions} | rows.claimed_ids
    for place, key, region_id in rows.region_keys:
        if region_id not in known:
            meant = nearest(region_id, known)
            hint = f'; did you mean "{meant}"?' if meant else ""
            yield ConfigError(place.key(key), f'no region "{region_id}"{hint}')


def _regions_without_one_primary(rows: GatheredRows) -> Iterator[ConfigError]:
    having: set[str] = set()
    primary: dict[str, Place] = {}
    for place, row, _ in rows.endpoints:
        having.add(row.region)
        if not row.primary:
            continue
        other = primary.setdefault(row.region, place)
        if other is not place:
            problem = f"{row.region} has its primary endpoint at {other.key('primary')}"
            yield ConfigError(place.key("primary"), problem)
        if row.reach is Reach.EDGE:
            problem = "an endpoint at the edge cannot stand for its region"
            yield ConfigError(place.key("primary"), problem)
    if not rows.all_known:
        return
    for place, region, _ in rows.regions:
        if region.id in primary or region.id in rows.claimed_ids:
            continue
        problem = (
            f"{region.id} has no primary endpoint; mark one with primary = true"
            if region.id in having
            else f"{region.id} has no endpoint"
        )
        yield ConfigError(place.key("id"), problem)


def _regions_without_one_primary_object(rows: GatheredRows) -> Iterator[ConfigError]:
    # A primary object of the user's own takes the place of a shipped one.
    primary: dict[tuple[str, bool], Place] = {}
    first: dict[str, Place] = {}
    for place, row, _ in rows.objects:
        first.setdefault(row.region, place)
        if not row.primary:
            continue
        shipped = place.file.provider is not None
        other = primary.setdefault((row.region, shipped), place)
        if other is not place:
            problem = f"{row.region} has its primary object at {other.key('primary')}"
            yield ConfigError(place.key("primary"), problem)
        if row.reach is Reach.EDGE:
            problem = "an object at the edge cannot stand for its region"
            yield ConfigError(place.key("primary"), problem)
    having = {region_id for region_id, _ in primary} | rows.claimed_ids
    for region_id, place in first.items():
        if rows.all_known and region_id not in having:
            problem = f"{region_id} has no primary object; mark one with primary = true"
            yield ConfigError(place.key("primary"), problem)


def _shared_hosts(rows: GatheredRows) -> Iterator[ConfigError]:
    first: dict[str, tuple[Place, str]] = {}
    for place, row, _ in rows.hosted:
        if row.reach is not Reach.IN_REGION:
            continue
        other, region_id = first.setdefault(host_of(row), (place, row.region))
        if region_id != row.region:
            problem = (
                f"{host_of(row)} cannot be in {row.region} and in {region_id}, as "
                f"{other.key('url')} has it"
            )
            yield ConfigError(place.key("url"), problem)


def _old_rows(file: ReadFile, today: date) -> Iterator[ConfigError]:
    for rows in (
        tuple(region_rows((file,))),
        tuple(endpoint_rows((file,))),
        tuple(object_rows((file,))),
        tuple(price_rows((file,))),
    ):
        old = [(place, row) for place, row, _ in rows if today - row.checked > OLD]
        if old:
            place, row = min(old, key=lambda entry: entry[1].checked)
            more = f", as have {len(old) - 1} other rows" if len(old) > 1 else ""
            problem = f"has not been checked since {row.checked}{more}"
            yield ConfigError(place.key("checked"), problem)
