"""What can be measured: list it, show it, check it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from cloudgauge.catalog.files import price_rows, shipped_files, user_files
from cloudgauge.catalog.lint import errors_in, notes_on
from cloudgauge.catalog.prices import load_egress_prices
from cloudgauge.errors import ConfigError
from cloudgauge.model.price import EgressPrice
from cloudgauge.model.target import Region, Selection, Target
from cloudgauge.report.document import Cell, Column, Document, Scale, Table
from cloudgauge.workflow.catalogue_view import (
    download_notes,
    endpoints_table,
    facts_table,
    list_table,
    objects_table,
    provider_name,
    reading_notes,
)
from cloudgauge.workflow.choosing import EvidenceShelf, by_option, known_catalog
from cloudgauge.workflow.evidence_view import evidence_tables

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


def list_targets(
    selection: Selection,
    files: tuple[Path, ...] = (),
    shelf: EvidenceShelf | None = None,
) -> Document:
    """List the targets that a selection means.

    Args:
        selection: Which.
        files: Target files of the user's own, beside the shipped.
        shelf: Earlier live checks, whose findings overlay the rows; None for none.

    Raises:
        ConfigError: A file or a name in the selection is wrong.
    """
    catalog = known_catalog(files, shelf)
    # A target's id has a colon after the region, which sorts behind a digit: by
    # it, tokyo-2 would stand before tokyo.
    targets = sorted(
        catalog.select(selection, by_option),
        key=lambda target: (target.region.region_id, target.endpoint.service),
    )
    regions = {target.region.region_id for target in targets}
    providers = {target.region.provider for target in targets}
    downloads = {
        item.region.region_id: item.endpoint.service
        for item in catalog.objects
        if item.endpoint.primary
    }
    return Document(
        kind="targets-list",
        title=(
            f"{_count(len(targets), 'target')} in {_count(len(regions), 'region')} "
            f"of {_count(len(providers), 'provider')}"
        ),
        tables=(list_table(targets, downloads),),
        notes=(*reading_notes(targets), *download_notes(regions, downloads)),
    )


def show_region(
    region_id: str,
    files: tuple[Path, ...] = (),
    shelf: EvidenceShelf | None = None,
) -> Document:
    """Show everything that is known of a region, its endpoints, objects and prices.

    Args:
        region_id: Such as ``aws/eu-west-1``.
        files: Target files of the user's own, beside the shipped.
        shelf: As for `list_targets`.

    Raises:
        ConfigError: A file is wrong, or there is no such region.
    """
    catalog = known_catalog(files, shelf)
    region = catalog.region(region_id)
    targets = catalog.targets_of(region_id)
    objects = catalog.objects_of(region_id)
    prices = load_egress_prices(files).of_region(region_id)
    shown = (*targets, *objects)
    return Document(
        kind="targets-show",
        title=f"{region_id}: {region.name}, {provider_name(region.provider)}",
        tables=(
            facts_table(region, prices),
            endpoints_table(targets),
            *((objects_table(objects),) if objects else ()),
            *evidence_tables(shown, shelf),
        ),
        notes=(
            *(
                f"{target.endpoint.service}: {target.endpoint.note}"
                for target in shown
                if target.endpoint.note
            ),
            *reading_notes(targets, objects),
            *download_notes({region_id}, {item.region.region_id for item in objects}),
            _NO_CONTACT_NOTE,
        ),
        provenance=tuple(_provenance(region, shown, prices)),
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
    tables = [file.table for file in read if file.table]
    counted = (
        ("region", sum(len(table.region) for table in tables)),
        ("endpoint", sum(len(table.endpoint) for table in tables)),
        ("object", sum(len(table.object) for table in tables)),
        ("price", sum(1 for _ in price_rows(read))),
    )
    document = Document(
        kind="targets-check",
        title=(
            f"{_count(len(errors), 'error')}, {_count(len(notes), 'note')} in "
            f"{_count(len(read), 'file')} "
            f"({', '.join(_count(count, word) for word, count in counted)})"
        ),
        tables=(_findings_table(rows),),
    )
    return CatalogueCheck(document=document, error_count=len(errors))


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


def _provenance(
    region: Region, targets: Sequence[Target], prices: Sequence[EgressPrice]
) -> Iterator[str]:
    cited = [("region", region.provenance)]
    cited += [
        (target.endpoint.service, target.endpoint.provenance) for target in targets
    ]
    cited += [(f"egress in {p.price.currency}", p.provenance) for p in prices]
    for what, provenance in cited:
        for source in provenance.sources:
            yield f"{what}: {source}"


def _count(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
