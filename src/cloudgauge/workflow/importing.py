"""Other people's measurements as a result set, for the same figures and doubts."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cloudgauge import __version__
from cloudgauge.catalog.loader import load_catalog
from cloudgauge.report.document import Document
from cloudgauge.settings.mapping_file import (
    ForeignFormat,
    ImportMapping,
    check_mapping,
    read_mapping,
)
from cloudgauge.store.foreign import ForeignTable, parse_csv, read_foreign, unpivot
from cloudgauge.store.imported import write_imported
from cloudgauge.store.openmetrics import MetricNames, parse_metrics
from cloudgauge.store.ping_log import parse_ping
from cloudgauge.workflow.imported_runs import Origin, imported_runs
from cloudgauge.workflow.observations import observe
from cloudgauge.workflow.results import Results, load

if TYPE_CHECKING:
    from cloudgauge.analysis.frame import Frame


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRequest:
    """A file that is to be imported.

    Attributes:
        source: The file.
        mapping: How to read it; a TOML file.
        into: The folder to make.
        target_files: The user's own, whose regions the file may speak of.
    """

    source: Path
    mapping: Path
    into: Path
    target_files: tuple[Path, ...] = ()


def import_file(request: ImportRequest) -> Document:
    """Make a set of a file of others, or a merged set if it has several vantages.

    Raises:
        ConfigError: The mapping or the file is wrong, naming key or line, or there
            is something at the folder.
        MachineError: A file cannot be read, or the folder not be written.
    """
    mapping = read_mapping(request.mapping)
    source = _read(request.source, mapping)
    notes = _import(source, mapping, request.into, request.target_files)
    document = load(request.into).document()
    return replace(document, kind="import", notes=(*notes, *document.notes))


def import_samples(
    source: str | Path | Frame,
    mapping: str | Path | Mapping[str, Any],
    into: str | Path,
    *,
    target_files: Sequence[str | Path] = (),
) -> Results:
    """Make a result set of somebody else's measurements, and open it.

    What is not known of them (rounds, schedule, clocks) is said wherever the set is
    shown.

    Args:
        source: A file, or a pandas DataFrame.
        mapping: How to read it: a TOML file, or the same keys in Python; FORMAT.md
            has them.
        into: The folder to make; several vantages make a merged set.
        target_files: Your own target files, whose regions the source may speak of.

    Raises:
        ConfigError: The mapping or the source is wrong, naming key or line, or there
            is something at the folder.
        MachineError: A file cannot be read, or the folder not be written.
    """
    if isinstance(mapping, str | Path):
        chosen = read_mapping(Path(mapping))
    else:
        chosen = check_mapping(mapping)
    if isinstance(source, str | Path):
        read = _read(Path(source), chosen)
    else:
        # pandas takes half a second: only who has a frame waits for it.
        from cloudgauge.analysis import foreign_frame  # noqa: PLC0415  see above

        table, digest = foreign_frame.table_of_frame(source)
        read = _Source(table=_shaped(table, chosen), name="", digest=digest)
    _import(read, chosen, Path(into), tuple(map(Path, target_files)))
    return load(into)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    table: ForeignTable
    name: str
    digest: str


def _read(path: Path, mapping: ImportMapping) -> _Source:
    text, content = read_foreign(path)
    return _Source(
        table=_table(text, path.name, mapping),
        name=path.name,
        digest=hashlib.sha256(content).hexdigest(),
    )


def _table(text: str, name: str, mapping: ImportMapping) -> ForeignTable:
    if mapping.format is ForeignFormat.PING:
        return parse_ping(text, name)
    if mapping.format in (ForeignFormat.OPENMETRICS, ForeignFormat.PROMETHEUS):
        names = MetricNames(
            value=mapping.columns.value,
            success=mapping.columns.success,
            milliseconds=mapping.format is ForeignFormat.PROMETHEUS,
        )
        return parse_metrics(text, name, names)
    return _shaped(parse_csv(text, name), mapping)


def _shaped(table: ForeignTable, mapping: ImportMapping) -> ForeignTable:
    return unpivot(table) if mapping.format is ForeignFormat.MATRIX else table


def _import(
    source: _Source, mapping: ImportMapping, into: Path, target_files: tuple[Path, ...]
) -> tuple[str, ...]:
    """Write the set; what is to be told of the source."""
    observed = observe(source.table, mapping)
    origin = Origin(
        name=source.name,
        digest=source.digest,
        mapping=mapping,
        catalog=load_catalog(target_files),
    )
    runs = imported_runs(origin, observed.observations)
    write_imported(runs, into, tool_version=__version__)
    left_out = (
        f"values that are absent, and left out as the mapping says: {observed.absent}"
    )
    again = (
        f"rows that say what an earlier one said, left out: {observed.again}, the "
        f"first at {observed.first_again}"
    )
    return (
        *source.table.notes,
        *((left_out,) if observed.absent else ()),
        *((again,) if observed.again else ()),
    )
