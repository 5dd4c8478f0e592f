"""What the schema alone cannot see: rows that do not fit one another.

A mistake is told once, where it stands. A file that does not fit its schema is
told for that alone: what it may have said of a region is not called missing.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlsplit

from cloudgauge.catalog.files import Place, ReadFile, endpoint_rows, region_rows
from cloudgauge.catalog.geography import AREAS
from cloudgauge.catalog.rows import EndpointRow, RegionRow, TargetFile, is_slug
from cloudgauge.errors import ConfigError
from cloudgauge.model.target import Confidence, Reach
from cloudgauge.settings.toml_file import nearest

# Providers open, rename and close regions every month: what nobody has held
# against its source for a year is more likely wrong than not.
OLD = timedelta(days=365)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rows:
    """All rows that fit their schema, and what other files claim."""

    regions: tuple[tuple[Place, RegionRow, TargetFile], ...]
    endpoints: tuple[tuple[Place, EndpointRow, TargetFile], ...]
    claimed_ids: frozenset[str]
    all_known: bool


def errors_in(files: tuple[ReadFile, ...]) -> tuple[ConfigError, ...]:
    """Find everything that makes files unusable, in the order of the files."""
    rows = _Rows(
        regions=tuple(region_rows(files)),
        endpoints=tuple(endpoint_rows(files)),
        claimed_ids=frozenset().union(*(file.claimed_ids or () for file in files)),
        all_known=all(file.claimed_ids is not None for file in files),
    )
    found = [error for file in files for error in file.errors]
    for check in (
        _wrong_folders,
        _duplicates,
        _unknown_regions,
        _regions_without_one_primary,
        _shared_hosts,
        _bad_rules,
        _bad_sources,
    ):
        found += check(rows)
    order = [file.where for file in files]
    return tuple(sorted(found, key=lambda error: _file_position(order, error)))


def notes_on(files: tuple[ReadFile, ...], today: date) -> tuple[ConfigError, ...]:
    """Find what a maintainer should look at, though nothing is broken by it."""
    found: list[ConfigError] = []
    for file in files:
        found += _old_rows(file, today)
        found += _unused_keys(file)
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


def _wrong_folders(rows: _Rows) -> Iterator[ConfigError]:
    named = [(place, "id", row.id) for place, row, _ in rows.regions]
    named += [(place, "region", row.region) for place, row, _ in rows.endpoints]
    for place, key, region_id in named:
        provider = place.file.provider
        if provider is not None and not region_id.startswith(f"{provider}/"):
            problem = f'want "{provider}/…" in this folder, got "{region_id}"'
            yield ConfigError(place.key(key), problem)


def _duplicates(rows: _Rows) -> Iterator[ConfigError]:
    first: dict[tuple[str, ...], Place] = {}
    named = [(place, "id", (row.id,)) for place, row, _ in rows.regions]
    services = [
        (place, "service", (row.region, row.service))
        for place, row, _ in rows.endpoints
    ]
    for place, key, name in [*named, *services]:
        other = first.setdefault(name, place)
        if other is not place:
            problem = f'"{":".join(name)}" stands already at {other.key(key)}'
            yield ConfigError(place.key(key), problem)


def _unknown_regions(rows: _Rows) -> Iterator[ConfigError]:
    if not rows.all_known:
        return
    known = {row.id for _, row, _ in rows.regions} | rows.claimed_ids
    for place, row, _ in rows.endpoints:
        if row.region not in known:
            meant = nearest(row.region, known)
            hint = f'; did you mean "{meant}"?' if meant else ""
            problem = f'no region "{row.region}"{hint}'
            yield ConfigError(place.key("region"), problem)


def _regions_without_one_primary(rows: _Rows) -> Iterator[ConfigError]:
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


def _shared_hosts(rows: _Rows) -> Iterator[ConfigError]:
    first: dict[str, tuple[Place, str]] = {}
    for place, row, _ in rows.endpoints:
        if row.reach is not Reach.IN_REGION:
            continue
        other, region_id = first.setdefault(_host(row), (place, row.region))
        if region_id != row.region:
            problem = (
                f"{_host(row)} cannot be in {row.region} and in {region_id}, as "
                f"{other.key('url')} has it"
            )
            yield ConfigError(place.key("url"), problem)


def _bad_rules(rows: _Rows) -> Iterator[ConfigError]:
    for place, row, table in rows.endpoints:
        if row.rule is None:
            if row.confidence is Confidence.PATTERN:
                problem = "a host known by its pattern alone must name its rule"
                yield ConfigError(place.key("rule"), problem)
            continue
        rule = table.rules.get(row.rule)
        if rule is None:
            yield ConfigError(place.key("rule"), _no_key("rule", row.rule, table.rules))
            continue
        wanted = rule.host.replace("{code}", row.region.partition("/")[2])
        if _host(row) != wanted:
            problem = (
                f'want the host "{wanted}" by rule "{row.rule}", got "{_host(row)}"'
            )
            yield ConfigError(place.key("url"), problem)
        if not row.source and row.confidence is not Confidence.PATTERN:
            problem = (
                f'want "pattern", got "{row.confidence}": '
                f'nothing but rule "{row.rule}" speaks for this host'
            )
            yield ConfigError(place.key("confidence"), problem)


def _bad_sources(rows: _Rows) -> Iterator[ConfigError]:
    cited = [(place, row.source, table, False) for place, row, table in rows.regions]
    cited += [
        (place, row.source, table, row.rule is not None)
        for place, row, table in rows.endpoints
    ]
    for place, sources, table, has_rule in cited:
        if not sources and not has_rule:
            yield ConfigError(place.key("source"), "want at least one source")
        for index, source in enumerate(sources):
            if is_slug(source) and source not in table.sources:
                problem = _no_key("source", source, table.sources)
                yield ConfigError(place.key(f"source[{index}]"), problem)


def _old_rows(file: ReadFile, today: date) -> Iterator[ConfigError]:
    for rows in (tuple(region_rows((file,))), tuple(endpoint_rows((file,)))):
        old = [(place, row) for place, row, _ in rows if today - row.checked > OLD]
        if old:
            place, row = min(old, key=lambda entry: entry[1].checked)
            more = f", as have {len(old) - 1} other rows" if len(old) > 1 else ""
            problem = f"has not been checked since {row.checked}{more}"
            yield ConfigError(place.key("checked"), problem)


def _unused_keys(file: ReadFile) -> Iterator[ConfigError]:
    if file.table is None:
        return
    table = file.table
    cited = {source for row in table.region for source in row.source}
    cited |= {source for row in table.endpoint for source in row.source}
    for key in table.sources:
        if key not in cited:
            yield ConfigError(f"{file.where}: sources.{key}", "no row cites it")
    followed = {row.rule for row in table.endpoint}
    for key in table.rules:
        if key not in followed:
            yield ConfigError(f"{file.where}: rules.{key}", "no endpoint follows it")


def _no_key(word: str, name: str, known: Iterable[str]) -> str:
    meant = nearest(name, known)
    hint = f'; did you mean "{meant}"?' if meant else ""
    return f'no {word} "{name}" in [{word}s] of this file{hint}'


def _host(row: EndpointRow) -> str:
    return urlsplit(row.url).hostname or ""
