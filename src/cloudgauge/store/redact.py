"""Write copies of result sets for sharing: whole and sealed anew, or not at all."""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.parquet as pq

from cloudgauge.errors import StoreError
from cloudgauge.store.checksums import read_checksums
from cloudgauge.store.folder import (
    CITATION,
    DATA_PACKAGE,
    MANIFEST,
    TARGETS,
    bins_name,
    keep,
    machine_errors,
    new_folder,
    plain_file,
    samples_name,
    write_whole,
)
from cloudgauge.store.journal_format import BIN_TABLE, SAMPLE_TABLE, JournalTable
from cloudgauge.store.manifest import Manifest, to_json
from cloudgauge.store.merge import fill_merged, whole_folder
from cloudgauge.store.package import citation
from cloudgauge.store.redacted_manifest import Wishes
from cloudgauge.store.resultset import ResultSet
from cloudgauge.store.seal import describe, repeated, used_rows
from cloudgauge.store.table import BATCH_ROWS, schema_of, write_parquet
from cloudgauge.store.verify import verify


@dataclass(frozen=True, slots=True, kw_only=True)
class RedactedSet:
    """A set, and what its copy is to be.

    Attributes:
        original: Sealed, and sound.
        manifest: Of the copy.
        wishes: What is taken out of its tables and its folder.
    """

    original: ResultSet
    manifest: Manifest
    wishes: Wishes


def write_redacted(redacted: RedactedSet, into: Path) -> None:
    """Write the copy of one set.

    Args:
        redacted: What is to be written.
        into: Where; must not be there, or be empty.

    Raises:
        ConfigError: There is something at *into*.
        StoreError: The original cannot be read.
        MachineError: The disk is full or the folder not writable.
    """
    with whole_folder(into) as made:
        _fill(made, redacted)


def write_redacted_merged(
    redacted: Sequence[RedactedSet],
    into: Path,
    *,
    allowed: tuple[str, ...],
    tool_version: str,
) -> None:
    """Write the copies of a merged set's members as a merged set; else as above.

    Args:
        redacted: At least one.
        into: Where.
        allowed: In which ways the user let the members differ.
        tool_version: Of cloudgauge; written down.
    """
    with (
        whole_folder(into) as made,
        machine_errors(into),
        TemporaryDirectory(dir=into.parent) as parts,
    ):
        folders = [Path(parts) / str(number) for number in range(len(redacted))]
        for folder, one in zip(folders, redacted, strict=True):
            folder.mkdir()
            _fill(folder, one)
        sets = [ResultSet.open(folder) for folder in folders]
        fill_merged(made, sets, allowed=allowed, tool_version=tool_version)


def write_redacted_each(redacted: Sequence[RedactedSet], into: Path) -> None:
    """Write the copies of several sets into one folder, each under a set's name.

    Args:
        redacted: At least one; each run once.
        into: Where; else as above.
    """
    with whole_folder(into) as made:
        for one in redacted:
            _fill(new_folder(made, one.manifest.run), one)
        keep(made)


def _fill(folder: Path, redacted: RedactedSet) -> None:
    original, wishes = redacted.original, redacted.wishes
    run, plan = redacted.manifest.run, redacted.manifest.plan
    tables = {samples_name(run): (SAMPLE_TABLE, wishes.columns)}
    if plan.objects or redacted.manifest.counts.bins:
        tables[bins_name(run)] = (BIN_TABLE, wishes.bin_columns)
    texts = {
        TARGETS: used_rows(plan),
        MANIFEST: to_json(redacted.manifest),
        CITATION: citation(redacted.manifest),
    }
    with machine_errors(folder):
        for name, (table, absent) in tables.items():
            path = folder / name
            path.parent.mkdir()
            with path.open("wb") as file:
                write_parquet(
                    file,
                    table.layout,
                    _batches(original, name, table, absent),
                    run_id=run.run_id,
                    plain=repeated(plan, table),
                )
            keep(path)
        for name, text in texts.items():
            write_whole(folder / name, text.encode("ascii"))
        names = [*tables, *texts]
        if wishes.with_files:
            names += _copy_files(original, folder)
        describe(folder, {name: folder / name for name in names})
        for inner in sorted(path for path in folder.rglob("*") if path.is_dir()):
            keep(inner)
        keep(folder)
    verify(folder)


def _batches(
    original: ResultSet, name: str, table: JournalTable, absent: frozenset[str]
) -> Iterator[pa.RecordBatch]:
    """The rows of a table without the columns that are to be absent."""
    path = plain_file(original.folder, name)
    schema = schema_of(table.layout.columns)
    there = {c.name for c in table.layout.since(original.manifest.schema_version)}
    names = [field.name for field in schema if field.name in there - absent]
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            for group in range(file.num_row_groups):
                read = file.read_row_group(group, names, use_threads=False)
                columns = [
                    read[field.name].cast(field.type).combine_chunks()
                    if field.name in names
                    else pa.nulls(read.num_rows, field.type)
                    for field in schema
                ]
                whole = pa.Table.from_arrays(columns, schema=schema)
                yield from whole.to_batches(max_chunksize=BATCH_ROWS)
    except (pa.ArrowException, OSError) as exc:
        problem = f"cannot be read as Parquet: {str(exc).splitlines()[0]}"
        raise StoreError(str(path), problem) from exc


def attached_files(original: ResultSet) -> tuple[str, ...]:
    """Names of the files that others have put into a sealed set."""
    run = original.manifest.run
    ours = {samples_name(run), bins_name(run), TARGETS, MANIFEST, CITATION}
    return tuple(
        name
        for name in read_checksums(original.folder)
        if name not in {*ours, DATA_PACKAGE}
    )


def _copy_files(original: ResultSet, folder: Path) -> tuple[str, ...]:
    names = attached_files(original)
    for name in names:
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(plain_file(original.folder, name), place)
        keep(place)
    return names
