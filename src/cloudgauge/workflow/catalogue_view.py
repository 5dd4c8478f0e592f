"""The catalogue as tables: targets, a region, its endpoints and objects."""

from collections.abc import Collection, Mapping, Sequence

from cloudgauge.catalog.geography import areas_of
from cloudgauge.model.price import EgressPrice
from cloudgauge.model.quantity import format_byte_count
from cloudgauge.model.target import (
    PROVIDER_NAMES,
    Confidence,
    Reach,
    Region,
    Target,
)
from cloudgauge.model.transfer import LEAST_OBJECT_BYTES
from cloudgauge.report.document import Cell, Column, Table
from cloudgauge.workflow.download_view import NO_TARGET

_LEAST = format_byte_count(LEAST_OBJECT_BYTES)
_NO_DOWNLOAD_NOTE = (
    f"{NO_TARGET}: nothing public of {_LEAST} or more is known there; a file of your "
    "own (--targets) can name an object"
)
_LENGTH_NOTE = (
    "an object's size is its Content-Length on the day of the download; below "
    f"{_LEAST} it is refused"
)
_PATTERN_NOTE = (
    'confidence "pattern": the host follows a documented rule; this very name was '
    "not seen in a source"
)
_PATTERN_OBJECT_NOTE = (
    'confidence "pattern" of an object: its url follows a documented rule; this very '
    "url was not seen in a source"
)
_EDGE_NOTE = (
    'reach "edge": connections end at an edge near the vantage, not in the region'
)
_UNKNOWN_NOTE = 'reach "unknown": where its connections end was not verified'


def list_table(targets: Sequence[Target], downloads: Mapping[str, str]) -> Table:
    """One row a target.

    Args:
        targets: In the order in which they are shown.
        downloads: Names of the primary objects by region id.
    """
    return Table(
        name="targets",
        title="",
        columns=(
            # What has no room on a narrow terminal is left out from the end; how well
            # a host is known never is, nor that there is nothing to download.
            Column(name="region", label="region"),
            Column(name="confidence", label="confidence"),
            Column(name="download", label="download"),
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
                downloads.get(target.region.region_id, NO_TARGET),
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


def facts_table(region: Region, prices: Sequence[EgressPrice]) -> Table:
    """What is known of a region, one fact a row."""
    facts: tuple[tuple[str, Cell], ...] = (
        ("id", region.region_id),
        ("name", region.name),
        ("provider", provider_name(region.provider)),
        ("city", region.city),
        ("country", region.country),
        ("areas", ", ".join(areas_of(region)) or None),
        ("latitude_deg", f"{region.latitude_deg:g}"),
        ("longitude_deg", f"{region.longitude_deg:g}"),
        ("uncertainty_km", f"{region.uncertainty_km:g}"),
        ("partition", region.partition.value),
        ("status", region.status.value),
        ("zones", None if region.zones is None else str(region.zones)),
        ("on_by_default", region.on_by_default),
        ("egress", "; ".join(_priced(price) for price in prices) or "no price"),
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


def endpoints_table(targets: Sequence[Target]) -> Table:
    """The endpoints of a region, one a row."""
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


def objects_table(objects: Sequence[Target]) -> Table:
    """What can be downloaded from a region, one object a row."""
    return Table(
        name="objects",
        title="objects to download",
        columns=(
            Column(name="name", label="name"),
            Column(name="confidence", label="confidence"),
            Column(name="primary", label="primary"),
            Column(name="reach", label="reach"),
            # A whole url has room on a wide terminal alone.
            Column(name="host", label="host"),
            Column(name="url", label="url"),
            Column(name="checked", label="checked"),
        ),
        rows=tuple(
            (
                item.endpoint.service,
                item.endpoint.provenance.confidence.value,
                item.endpoint.primary,
                item.endpoint.reach.value,
                item.endpoint.host,
                item.endpoint.url,
                item.endpoint.provenance.checked.isoformat(),
            )
            for item in objects
        ),
    )


def reading_notes(
    targets: Sequence[Target], objects: Sequence[Target] = ()
) -> tuple[str, ...]:
    """Explain the words in tables of targets that not every reader knows."""
    endpoints = [target.endpoint for target in (*targets, *objects)]
    notes = []
    if _has_pattern(targets):
        notes.append(_PATTERN_NOTE)
    if _has_pattern(objects):
        notes.append(_PATTERN_OBJECT_NOTE)
    if any(e.reach is Reach.EDGE for e in endpoints):
        notes.append(_EDGE_NOTE)
    if any(e.reach is Reach.UNKNOWN for e in endpoints):
        notes.append(_UNKNOWN_NOTE)
    if objects:
        notes.append(_LENGTH_NOTE)
    return tuple(notes)


def download_notes(
    region_ids: Collection[str], having: Collection[str]
) -> tuple[str, ...]:
    """Say what to do about regions that are not among those *having* an object."""
    return () if set(region_ids) <= set(having) else (_NO_DOWNLOAD_NOTE,)


def _has_pattern(targets: Sequence[Target]) -> bool:
    return any(
        target.endpoint.provenance.confidence is Confidence.PATTERN
        for target in targets
    )


def _priced(price: EgressPrice) -> str:
    return f"at most {price.price} a {price.unit} ({price.dated})"


def provider_name(provider: str) -> str:
    """The provider's own name, where it is one of ours."""
    return PROVIDER_NAMES.get(provider, provider)


def _expected(expect: tuple[int, ...]) -> str:
    return ", ".join(str(status) for status in expect) or "any below 500"
