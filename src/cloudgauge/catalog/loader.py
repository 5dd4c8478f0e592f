"""TOML tables into model values; every mistake names file, table and key."""

from dataclasses import replace
from pathlib import Path

from cloudgauge.catalog.files import (
    ReadFile,
    endpoint_rows,
    object_rows,
    region_rows,
    shipped_files,
    user_files,
)
from cloudgauge.catalog.index import Catalog
from cloudgauge.catalog.lint import errors_in
from cloudgauge.catalog.rows import EndpointRow, ObjectRow, RegionRow, TargetFile
from cloudgauge.errors import ConfigErrors
from cloudgauge.model.target import Endpoint, Provenance, Region, Target

# An object that answers anything but its content is not the object.
_OBJECT_STATUS = 200


def load_catalog(extra_files: tuple[Path, ...] = ()) -> Catalog:
    """Load the shipped targets and a user's own.

    Raises:
        ConfigErrors: All that is wrong in all files, in the order of the files.
        MachineError: The installation has no catalogue.
    """
    return build_catalog((*shipped_files(), *user_files(extra_files)))


def build_catalog(files: tuple[ReadFile, ...]) -> Catalog:
    """Make a catalogue of files that were read.

    Raises:
        ConfigErrors: All that is wrong in all files, in the order of the files.
    """
    errors = errors_in(files)
    if errors:
        raise ConfigErrors(errors)
    regions = {row.id: _region(row, table) for _, row, table in region_rows(files)}
    targets = [
        Target(region=regions[row.region], endpoint=_endpoint(row, table))
        for _, row, table in endpoint_rows(files)
    ]
    return Catalog(
        regions=tuple(regions[region_id] for region_id in sorted(regions)),
        targets=tuple(sorted(targets, key=lambda target: target.target_id)),
        objects=_objects(files, regions),
    )


def _objects(
    files: tuple[ReadFile, ...], regions: dict[str, Region]
) -> tuple[Target, ...]:
    rows = tuple(object_rows(files))
    # Who names an object of their own for a region means that one.
    owned = {
        row.region for place, row, _ in rows if row.primary and not place.file.provider
    }
    objects = []
    for place, row, table in rows:
        endpoint = _object(row, table)
        if place.file.provider and row.region in owned:
            endpoint = replace(endpoint, primary=False)
        objects.append(Target(region=regions[row.region], endpoint=endpoint))
    return tuple(sorted(objects, key=lambda item: item.target_id))


def _region(row: RegionRow, table: TargetFile) -> Region:
    provider, _, code = row.id.partition("/")
    region = Region(
        provider=provider,
        code=code,
        name=row.name,
        city=row.city,
        country=row.country,
        latitude_deg=row.latitude,
        longitude_deg=row.longitude,
        partition=row.partition,
        status=row.status,
        zones=row.zones,
        on_by_default=row.on_by_default,
        provenance=_provenance(row, table),
        note=row.note,
    )
    if row.uncertainty_km is None:
        return region
    return replace(region, uncertainty_km=row.uncertainty_km)


def _endpoint(row: EndpointRow, table: TargetFile) -> Endpoint:
    return Endpoint(
        service=row.service,
        url=row.url,
        expect=row.expect,
        reach=row.reach,
        primary=row.primary,
        provenance=_provenance(row, table),
        note=row.note,
    )


def _object(row: ObjectRow, table: TargetFile) -> Endpoint:
    return Endpoint(
        service=row.name,
        url=row.url,
        expect=(_OBJECT_STATUS,),
        reach=row.reach,
        primary=row.primary,
        provenance=_provenance(row, table),
        note=row.note,
    )


def _provenance(
    row: RegionRow | EndpointRow | ObjectRow, table: TargetFile
) -> Provenance:
    sources = [table.sources.get(source, source) for source in row.source]
    if not isinstance(row, RegionRow) and row.rule is not None:
        rule = table.rules[row.rule]
        sources.append(f"{rule.source} (rule {rule.template}: {rule.says})")
    return Provenance(
        sources=tuple(sources), checked=row.checked, confidence=row.confidence
    )
