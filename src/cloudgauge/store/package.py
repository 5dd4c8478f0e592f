"""The files that tell others what a set is: datapackage.json and CITATION.cff."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from cloudgauge.model.quantity import NS_PER_S
from cloudgauge.store.manifest import Manifest

_MEDIA_TYPES = {
    "json": "application/json",
    "parquet": "application/vnd.apache.parquet",
    "csv": "text/csv",
    "txt": "text/plain",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedFile:
    """A file of a set.

    Attributes:
        name: Relative to the folder, with ``/``.
        sha256: Of its content, hexadecimal.
    """

    name: str
    size_bytes: int
    sha256: str


def data_package(manifest: Manifest, files: tuple[SealedFile, ...]) -> str:
    """Describe a set as a Data Package, version 2.

    Parquet files are plain file resources: Table Schema has no binary tables,
    and their columns are described in them and in FORMAT.md.
    """
    return _package((manifest,), f"cloudgauge-{manifest.run.run_id}", files)


def merged_package(manifests: Sequence[Manifest], files: tuple[SealedFile, ...]) -> str:
    """Describe a merged set, as `data_package` does one run's.

    Args:
        manifests: Of its members, at least one.
        files: All of them, those of members too.
    """
    runs = ",".join(sorted(one.run.run_id for one in manifests))
    digest = hashlib.sha256(runs.encode("ascii")).hexdigest()
    return _package(manifests, f"cloudgauge-merged-{digest[:32]}", files)


def _package(
    manifests: Sequence[Manifest], name: str, files: tuple[SealedFile, ...]
) -> str:
    plain = {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": name,
        "title": _title(manifests),
        "created": f"{_last_start(manifests):%Y-%m-%dT%H:%M:%SZ}",
        "resources": [_resource(file) for file in files],
    }
    return json.dumps(plain, indent=1, sort_keys=True) + "\n"


def citation(manifest: Manifest) -> str:
    """Say how to cite a set, in the Citation File Format 1.2.0."""
    return merged_citation((manifest,))


def merged_citation(manifests: Sequence[Manifest]) -> str:
    """Say how to cite a merged set; its vantages are its authors.

    Args:
        manifests: Of its members, at least one.
    """
    vantages = dict.fromkeys(one.run.vantage.name for one in manifests)
    authors = (f"  - name: {json.dumps(f'vantage {name}')}" for name in vantages)
    # A JSON string of ASCII is a YAML string.
    lines = (
        "cff-version: 1.2.0",
        "message: If you use these measurements, please cite them as below.",
        "type: dataset",
        f"title: {json.dumps(_title(manifests))}",
        "authors:",
        *authors,
        f"date-released: {_last_start(manifests):%Y-%m-%d}",
        "identifiers:",
        *(line for one in manifests for line in _identifier(one)),
    )
    return "\n".join(lines) + "\n"


def _identifier(manifest: Manifest) -> tuple[str, ...]:
    return (
        "  - type: other",
        f"    value: {json.dumps(f'cloudgauge:{manifest.run.run_id}')}",
        "    description: identifier of the run",
    )


def _last_start(manifests: Sequence[Manifest]) -> datetime:
    wall_ns = max(one.run.started_wall_ns for one in manifests)
    return datetime.fromtimestamp(wall_ns // NS_PER_S, tz=UTC)


def _title(manifests: Sequence[Manifest]) -> str:
    plans = " and ".join(dict.fromkeys(one.plan.name for one in manifests))
    vantages = " and ".join(dict.fromkeys(one.run.vantage.name for one in manifests))
    runs = [one.run for one in manifests]
    notes = (
        ", simulated network" if any(run.simulation for run in runs) else "",
        ", imported" if any(run.imported for run in runs) else "",
        ", redacted" if any(run.redacted for run in runs) else "",
    )
    return f"cloudgauge: {plans} from {vantages}{''.join(notes)}"


def _resource(file: SealedFile) -> dict[str, object]:
    suffix = file.name.rsplit(".", 1)[-1] if "." in file.name else "txt"
    resource: dict[str, object] = {
        "name": file.name.lower().replace("/", "-"),
        "path": file.name,
        "type": "file",
        "format": suffix,
        "bytes": file.size_bytes,
        "hash": f"sha256:{file.sha256}",
    }
    if suffix in _MEDIA_TYPES:
        resource["mediatype"] = _MEDIA_TYPES[suffix]
    return resource
