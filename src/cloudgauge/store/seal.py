"""From journal to result set, such that an interruption at any point loses nothing.

Everything is made in a folder of its own, kept by the disk, and renamed into
place with SHA256SUMS last. The journal is removed only after the files in their
places have the hashes that SHA256SUMS says. Whoever finds a journal, therefore,
seals again; whoever finds none has a whole set.
"""

import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa

from cloudgauge.errors import StoreError
from cloudgauge.model.plan import Plan
from cloudgauge.planning.canonical import targets_to_json
from cloudgauge.store.checksums import check_files, checksums_text, file_problems
from cloudgauge.store.folder import (
    CHECKSUMS,
    CITATION,
    DATA_PACKAGE,
    JOURNAL,
    JOURNAL_INDEX,
    JOURNAL_LOG,
    MANIFEST,
    TARGETS,
    WORKSHOP,
    bins_name,
    check_name,
    keep,
    machine_errors,
    names_in,
    plain_file,
    samples_name,
    sha256_of,
    write_whole,
)
from cloudgauge.store.journal_format import BIN_TABLE, SAMPLE_TABLE, JournalTable
from cloudgauge.store.lock import FolderLock
from cloudgauge.store.manifest import Manifest, from_json, to_json
from cloudgauge.store.package import SealedFile, citation, data_package
from cloudgauge.store.recovery import JournalReader, ReadablePart
from cloudgauge.store.table import (
    BATCH_ROWS,
    REPEATED,
    WORDS,
    batch_of,
    check_words,
    write_parquet,
)
from cloudgauge.store.tally import Tally


def seal(lock: FolderLock) -> None:
    """Turn the journal in a locked folder into a set, or finish what was begun.

    A folder that is sealed already is left as it is. Files that others have put
    into the folder become part of the set.

    Raises:
        StoreError: There is neither journal nor set, or the journal's head is
            damaged.
        MachineError: The disk is full or the folder not writable; the journal
            stays.
    """
    folder = lock.folder
    with machine_errors(folder):
        if not (folder / JOURNAL).exists():
            if not (folder / CHECKSUMS).exists():
                raise StoreError(str(folder), "is no result set: it has no journal")
        elif not _is_whole(folder):
            _seal_journal(folder)
        _remove_workings(folder)


def used_rows(plan: Plan) -> str:
    """The content of targets.json."""
    return targets_to_json(plan.targets, plan.objects, plan.egress_prices)


def batches_of(
    reader: JournalReader, part: ReadablePart, table: JournalTable, counts: Tally
) -> Iterator[pa.RecordBatch]:
    """A table of a journal as Arrow holds it, counted as it passes.

    Raises:
        StoreError: A record holds what no run of ours writes.
    """
    for rows in reader.batches(part, table, BATCH_ROWS):
        batch = batch_of(rows, table.layout, reader.where)
        for column, piece in zip(batch.schema.names, batch.columns, strict=True):
            check_words(column, piece, WORDS, reader.where)
            counts.add(table.layout, column, piece)
        yield batch


def _is_whole(folder: Path) -> bool:
    if not (folder / CHECKSUMS).exists():
        return False
    try:
        return not file_problems(folder)
    except StoreError:
        return False


def _seal_journal(folder: Path) -> None:
    workshop = folder / WORKSHOP
    if workshop.is_symlink():
        raise StoreError(str(workshop), "is a link")
    if workshop.exists():
        shutil.rmtree(workshop)
    workshop.mkdir()
    ours = _make_files(folder, workshop)
    attached = [name for name in _attached(folder) if name not in ours]
    everything = {name: workshop / name for name in ours} | {
        name: plain_file(folder, name) for name in attached
    }
    describe(workshop, everything)
    for name in _folders(ours):
        keep(workshop / name)
    keep(workshop)
    _move_into_place(folder, (*ours, DATA_PACKAGE, CHECKSUMS))
    check_files(folder)


def _make_files(folder: Path, workshop: Path) -> tuple[str, ...]:
    """Make all files but the two that speak of the others; their names."""
    with JournalReader.open(folder) as reader:
        part = reader.readable_part()
        counts = Tally()
        tables = {samples_name(reader.run): SAMPLE_TABLE}
        if reader.plan.objects or part.counts.get(BIN_TABLE):
            tables[bins_name(reader.run)] = BIN_TABLE
        for name, table in tables.items():
            path = workshop / check_name(folder, name)
            path.parent.mkdir()
            with path.open("wb") as file:
                write_parquet(
                    file,
                    table.layout,
                    batches_of(reader, part, table, counts),
                    run_id=reader.run.run_id,
                    plain=repeated(reader.plan, table),
                )
                file.flush()
                os.fsync(file.fileno())
        manifest = Manifest(
            run=reader.run,
            plan=reader.plan,
            counts=counts.counts(),
            outcome=reader.outcome(part),
        )
        texts = {
            TARGETS: used_rows(reader.plan),
            MANIFEST: to_json(manifest),
            CITATION: citation(manifest),
        }
    for name, text in texts.items():
        write_whole(workshop / name, text.encode("ascii"))
    return (*tables, *texts)


def repeated(plan: Plan, table: JournalTable) -> tuple[str, ...]:
    """The columns that repeat from one exchange of a visit to the next."""
    several = plan.probe.requests_per_visit > 1 or plan.objects
    return REPEATED if table is SAMPLE_TABLE and several else ()


def _folders(names: Iterable[str]) -> tuple[str, ...]:
    """The folders inside the set that files of these names lie in."""
    return tuple(sorted({name.split("/")[0] for name in names if "/" in name}))


def _attached(folder: Path) -> tuple[str, ...]:
    """Files that somebody else put into the folder, such as a log of the truth."""
    made_of_them_all = {CHECKSUMS, DATA_PACKAGE}
    return tuple(
        check_name(folder, name)
        for name in names_in(folder)
        if name not in made_of_them_all
    )


def describe(workshop: Path, everything: dict[str, Path]) -> None:
    """Write the two files that speak of the others.

    Args:
        workshop: Where, beside a manifest that is there.
        everything: The other files by their names in the set.
    """
    sums = {name: sha256_of(path) for name, path in everything.items()}
    files = tuple(
        SealedFile(
            name=name, size_bytes=everything[name].stat().st_size, sha256=sums[name]
        )
        for name in sorted(everything)
    )
    manifest = from_json((workshop / MANIFEST).read_text("ascii"), MANIFEST)
    package = workshop / DATA_PACKAGE
    write_whole(package, data_package(manifest, files).encode("ascii"))
    sums[DATA_PACKAGE] = sha256_of(package)
    write_whole(workshop / CHECKSUMS, checksums_text(sums).encode("ascii"))


def _move_into_place(folder: Path, names: tuple[str, ...]) -> None:
    below = _folders(names)
    for name in below:
        (folder / name).mkdir(exist_ok=True)
    for name in names:
        if name == CHECKSUMS:
            # What it vouches for must be on the disk before it is.
            for inner in below:
                keep(folder / inner)
            keep(folder)
        (folder / WORKSHOP / name).replace(folder / name)
    keep(folder)


def _remove_workings(folder: Path) -> None:
    if (folder / WORKSHOP).exists():
        shutil.rmtree(folder / WORKSHOP)
    # The journal goes last: while it stands, the next one to come looks again.
    for name in (JOURNAL_LOG, JOURNAL_INDEX, JOURNAL):
        (folder / name).unlink(missing_ok=True)
    keep(folder)
