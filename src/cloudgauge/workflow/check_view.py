"""What a live check found, as tables: each target, and each provider."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cloudgauge.catalog.evidence import Evidence, Finding, Network
from cloudgauge.model.sample import Sample
from cloudgauge.model.target import Target
from cloudgauge.report.document import Cell, Column, Document, Scale, Table
from cloudgauge.workflow.evidence_view import VERDICTS

_UNKNOWN_NOTE = (
    '"not known": nothing can be said of the row from here; its confidence stays'
)
_PRIVATE_NOTE = (
    "names were answered by a private network or a hosts file: this evidence never "
    "counts in the real network"
)
_TARGET_COLUMNS = (
    # What has no room on a narrow terminal is left out from the end.
    Column(name="target", label="target"),
    Column(name="row", label="row"),
    Column(name="outcome", label="outcome"),
    Column(name="status", label="status", scale=Scale.PLAIN),
    Column(name="connect_rtt_ms", label="connect", scale=Scale.MILLISECONDS),
    Column(name="size_bytes", label="size", scale=Scale.BYTES),
    Column(name="tls_version", label="TLS"),
    Column(name="address", label="address"),
    Column(name="detail", label="detail"),
    Column(name="all_addresses", label="all addresses"),
    Column(name="url", label="url"),
)
_PROVIDER_COLUMNS = (
    Column(name="provider", label="provider"),
    Column(name="targets", label="asked", scale=Scale.COUNT),
    Column(name="holds", label="rows that hold", scale=Scale.COUNT),
    Column(name="does_not_hold", label="that do not", scale=Scale.COUNT),
    Column(name="not_known", label="not known", scale=Scale.COUNT),
    Column(name="objects", label="objects", scale=Scale.COUNT),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What was seen of one target.

    Attributes:
        is_object: It is something to download, not an endpoint.
        addresses: All that its name has, both families.
    """

    target: Target
    is_object: bool
    sample: Sample
    addresses: tuple[str, ...]
    finding: Finding


def check_document(
    looks: Sequence[Look], evidence: Evidence, path: Path | None
) -> Document:
    """Tell what a check found.

    Args:
        looks: In the order of the targets' ids.
        evidence: What was written down.
        path: Where to; None if there was nothing.
    """
    verdicts = Counter(look.finding.holds for look in looks)
    told = (
        f"{verdicts[True]} hold, {verdicts[False]} do not, {verdicts[None]} not known"
    )
    notes = [_UNKNOWN_NOTE] if verdicts[None] else []
    if evidence.network is Network.PRIVATE:
        notes.append(_PRIVATE_NOTE)
    return Document(
        kind="targets-live-check",
        title=f"{len(looks)} rows checked from {evidence.place}: {told}",
        tables=(
            Table(
                name="targets",
                title="",
                columns=_TARGET_COLUMNS,
                rows=tuple(_target_row(look) for look in looks),
            ),
            Table(
                name="providers",
                title="by provider",
                columns=_PROVIDER_COLUMNS,
                rows=tuple(_provider_rows(looks)),
            ),
        ),
        notes=tuple(notes),
        provenance=() if path is None else (f"evidence: {path}",),
    )


def _target_row(look: Look) -> tuple[Cell, ...]:
    sample, finding = look.sample, look.finding
    kernel = sample.kernel
    rtt_us = kernel.connect_rtt_us if kernel is not None else None
    return (
        finding.target_id,
        VERDICTS[finding.holds],
        finding.outcome,
        sample.status,
        None if rtt_us is None else rtt_us / 1_000,
        finding.size_bytes,
        sample.connection.tls_version,
        sample.connection.remote_address,
        sample.failure_detail or None,
        " ".join(look.addresses) or None,
        finding.url,
    )


def _provider_rows(looks: Sequence[Look]) -> list[tuple[Cell, ...]]:
    rows: list[tuple[Cell, ...]] = []
    for provider in sorted({look.target.region.provider for look in looks}):
        of_it = [look for look in looks if look.target.region.provider == provider]
        verdicts = Counter(look.finding.holds for look in of_it)
        objects = sum(look.is_object for look in of_it)
        counts = (verdicts[True], verdicts[False], verdicts[None], objects)
        rows.append((provider, len(of_it), *counts))
    return rows
