"""What can be measured: list it, show it, check it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from cloudgauge.catalog.files import shipped_files, user_files
from cloudgauge.catalog.geography import areas_of
from cloudgauge.catalog.index import Catalog
from cloudgauge.catalog.lint import errors_in, notes_on
from cloudgauge.catalog.loader import load_catalog
from cloudgauge.errors import ConfigError
from cloudgauge.model.target import (
    PROVIDER_NAMES,
    Confidence,
    Reach,
    Region,
    Selection,
    Target,
)
from cloudgauge.report.document import Cell, Column, Document, Scale, Table
from cloudgauge.workflow.choosing import by_option

_PATTERN_NOTE = (
    'confidence "pattern": the host follows a documented rule; this very name was '
    "not seen in a source"
)
_EDGE_NOTE = (
    'reach "edge": connections end at an edge near the vantage, not in the region'
)
_UNKNOWN_NOTE = 'reach "unknown": where its connections end was not verified'
_NO_CONTACT_NOTE = (
    "the shipped rows were read from documents and public code; no host was contacted"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueCheck:
    """The outcome of a lint.

    Attributes:
        error_count: Findings that keep a catalogue from being used.
    """

    document: Document
    error_count: int


def list_targets(selection: Selection, files: tuple[Path, ...] = ()) -> Document:
    """List the targets that a selection means.

    Raises:
        ConfigError: A file or a name in the selection is wrong.
    """
    # A target's id has a colon after the region, which sorts behind a digit: by
    # it, tokyo-2 would stand before tokyo.
    targets = sorted(
        load_catalog(files).select(selection, by_option),
        key=lambda target: (target.region.region_id, target.endpoint.service),
    )
    regions = {target.region.region_id for target in targets}
    providers = {target.region.provider for target in targets}
    return Document(
        kind="targets-list",
        title=(
            f"{_count(len(targets), 'target')} in {_count(len(regions), 'region')} "
            f"of {_count(len(providers), 'provider')}"
        ),
        tables=(_list_table(targets),),
        notes=_reading_notes(targets),
    )


def show_region(region_id: str, files: tuple[Path, ...] = ()) -> Document:
    """Show everything that is known of a region and its endpoints.

    Raises:
        ConfigError: A file is wrong, or there is no such region.
    """
    catalog = load_catalog(files)
    region = catalog.region(region_id)
    targets = catalog.targets_of(region_id)
    return Document(
        kind="targets-show",
        title=f"{region_id}: {region.name}, {_provider_name(region.provider)}",
        tables=(_facts_table(region), _endpoints_table(targets)),
        notes=(
            *(
                f"{target.endpoint.service}: {target.endpoint.note}"
                for target in targets
                if target.endpoint.note
            ),
            *_reading_notes(targets),
            _NO_CONTACT_NOTE,
        ),
        provenance=_provenance(catalog, region),
    )


def check_targets(files: tuple[Path, ...], *, today: date) -> CatalogueCheck:
    """Hold the shipped targets, and a user's own beside them, against the schema.

    Every finding is told, none hides another; a file of the user's may name
    regions of the shipped catalogue.
    """
    read = (*shipped_files(), *user_files(files))
    errors = errors_in(read)
    notes = notes_on(read, today)
    rows = [_finding("error", error) for error in errors]
    rows += [_finding("note", note) for note in notes]
    region_count = sum(len(file.table.region) for file in read if file.table)
    endpoint_count = sum(len(file.table.endpoint) for file in read if file.table)
    document = Document(
        kind="targets-check",
        title=(
            f"{_count(len(errors), 'error')}, {_count(len(notes), 'note')} in "
            f"{_count(len(read), 'file')} ({_count(region_count, 'region')}, "
            f"{_count(endpoint_count, 'endpoint')})"
        ),
        tables=(_findings_table(rows),),
    )
    return CatalogueCheck(document=document, error_count=len(errors))


def _list_table(targets: Sequence[Target]) -> Table:
    return Table(
        name="targets",
        title="",
        columns=(
            # What has no room on a narrow terminal is left out from the end; how well
            # a host is known never is.
            Column(name="region", label="region"),
            Column(name="confidence", label="confidence"),
            Column(name="service", label="service"),
            Column(name="host", label="host"),
            Column(name="city", label="city"),
            Column(name="country", label="country"),
            Column(name="status", label="status"),
            Column(name="reach", label="reach"),
            Column(name="partition", label="partition"),
            Column(name="on_by_default", label="default"),
        ),
        rows=tuple(
            (
                target.region.region_id,
                target.endpoint.provenance.confidence.value,
                target.endpoint.service,
                target.endpoint.host,
                target.region.city,
                target.region.country,
                target.region.status.value,
                target.endpoint.reach.value,
                target.region.partition.value,
                target.region.on_by_default,
            )
            for target in targets
        ),
    )


def _facts_table(region: Region) -> Table:
    facts: tuple[tuple[str, Cell], ...] = (
        ("id", region.region_id),
        ("name", region.name),
        ("provider", _provider_name(region.provider)),
        ("city", region.city),
        ("country", region.country),
        ("areas", ", ".join(areas_of(region)) or None),
        ("latitude_deg", f"{region.latitude_deg:g}"),
        ("longitude_deg", f"{region.longitude_deg:g}"),
        ("partition", region.partition.value),
        ("status", region.status.value),
        ("zones", None if region.zones is None else str(region.zones)),
        ("on_by_default", region.on_by_default),
        ("confidence", region.provenance.confidence.value),
        ("checked", region.provenance.checked.isoformat()),
        ("note", region.note or None),
    )
    return Table(
        name="region",
        title="",
        columns=(
            Column(name="key", label="key"),
            Column(name="value", label="value"),
        ),
        rows=facts,
    )


def _endpoints_table(targets: Sequence[Target]) -> Table:
    return Table(
        name="endpoints",
        title="endpoints",
        columns=(
            Column(name="service", label="service"),
            Column(name="confidence", label="confidence"),
            Column(name="primary", label="primary"),
            Column(name="reach", label="reach"),
            Column(name="url", label="url"),
            Column(name="expect", label="expected answer"),
            Column(name="checked", label="checked"),
        ),
        rows=tuple(
            (
                target.endpoint.service,
                target.endpoint.provenance.confidence.value,
                target.endpoint.primary,
                target.endpoint.reach.value,
                target.endpoint.url,
                _expected(target.endpoint.expect),
                target.endpoint.provenance.checked.isoformat(),
            )
            for target in targets
        ),
    )


def _findings_table(rows: Sequence[tuple[Cell, ...]]) -> Table:
    return Table(
        name="findings",
        title="",
        columns=(
            Column(name="severity", label="severity"),
            Column(name="where", label="where", scale=Scale.TEXT),
            Column(name="problem", label="problem"),
        ),
        rows=tuple(rows),
    )


def _finding(severity: str, found: ConfigError) -> tuple[Cell, ...]:
    return severity, found.where, found.problem


def _reading_notes(targets: Sequence[Target]) -> tuple[str, ...]:
    endpoints = [target.endpoint for target in targets]
    notes = []
    if any(e.provenance.confidence is Confidence.PATTERN for e in endpoints):
        notes.append(_PATTERN_NOTE)
    if any(e.reach is Reach.EDGE for e in endpoints):
        notes.append(_EDGE_NOTE)
    if any(e.reach is Reach.UNKNOWN for e in endpoints):
        notes.append(_UNKNOWN_NOTE)
    return tuple(notes)


def _provenance(catalog: Catalog, region: Region) -> tuple[str, ...]:
    lines = [f"region: {source}" for source in region.provenance.sources]
    for target in catalog.targets_of(region.region_id):
        lines += [
            f"{target.endpoint.service}: {source}"
            for source in target.endpoint.provenance.sources
        ]
    return tuple(lines)


def _provider_name(provider: str) -> str:
    return PROVIDER_NAMES.get(provider, provider)


def _expected(expect: tuple[int, ...]) -> str:
    return ", ".join(str(status) for status in expect) or "any below 500"


def _count(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
