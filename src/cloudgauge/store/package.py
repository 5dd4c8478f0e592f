"""The files that tell others what a set is: datapackage.json and CITATION.cff."""

import json
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
    started = datetime.fromtimestamp(manifest.run.started_wall_ns // NS_PER_S, tz=UTC)
    plain = {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": f"cloudgauge-{manifest.run.run_id}",
        "title": _title(manifest),
        "created": f"{started:%Y-%m-%dT%H:%M:%SZ}",
        "resources": [_resource(file) for file in files],
    }
    return json.dumps(plain, indent=1, sort_keys=True) + "\n"


def citation(manifest: Manifest) -> str:
    """Say how to cite a set, in the Citation File Format 1.2.0."""
    run = manifest.run
    started = datetime.fromtimestamp(run.started_wall_ns // NS_PER_S, tz=UTC)
    # A JSON string of ASCII is a YAML string.
    lines = (
        "cff-version: 1.2.0",
        "message: If you use these measurements, please cite them as below.",
        "type: dataset",
        f"title: {json.dumps(_title(manifest))}",
        "authors:",
        f"  - name: {json.dumps(f'vantage {run.vantage.name}')}",
        f"date-released: {started:%Y-%m-%d}",
        "identifiers:",
        "  - type: other",
        f"    value: {json.dumps(f'cloudgauge:{run.run_id}')}",
        "    description: identifier of the run",
    )
    return "\n".join(lines) + "\n"


def _title(manifest: Manifest) -> str:
    simulated = "" if manifest.run.simulation is None else ", simulated network"
    return (
        f"cloudgauge: {manifest.plan.name} from {manifest.run.vantage.name}{simulated}"
    )


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
