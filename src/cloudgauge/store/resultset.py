"""A result set, opened: its manifest, the catalogue rows used, samples and bins.

Opening seals what a dead run left, and holds every file against its hash. A run
that is still alive is read from its journal as it stands, and left alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import pyarrow as pa

from cloudgauge.errors import StoreError
from cloudgauge.model.target import Target
from cloudgauge.store.arrays import array_of, integers_in
from cloudgauge.store.checksums import check_files
from cloudgauge.store.folder import (
    CHECKSUMS,
    JOURNAL,
    LEFTOVERS,
    MANIFEST,
    MEMBERS,
    TARGETS,
    bins_name,
    check_name,
    is_merged,
    plain_file,
    read_bytes,
    samples_name,
)
from cloudgauge.store.journal_format import BIN_TABLE, SAMPLE_TABLE
from cloudgauge.store.lock import FolderBusy, FolderLock
from cloudgauge.store.manifest import JSON_LIMIT_BYTES, Manifest, from_json
from cloudgauge.store.recovery import JournalReader
from cloudgauge.store.schema import (
    BIN_NAMES,
    BINS,
    NAMES,
    RUN_ID,
    SAMPLES,
    TARGET_ID,
    WALL,
    Kind,
    Layout,
)
from cloudgauge.store.seal import batches_of, seal, used_rows
from cloudgauge.store.table import (
    WORDS,
    SealedRows,
    check_words,
    read_pieces,
    schema_of,
)
from cloudgauge.store.tally import Tally

_CLOCKS = ("sent_ns", "wall_offset_ns")
_TYPES = {
    field.name: field.type
    for layout in (BINS, SAMPLES)
    for field in schema_of(layout.columns)
} | {WALL: pa.int64()}


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultSet:
    """What one run saw and what is known of it, checked against one another.

    Attributes:
        folder: As the user named it.
        alive: Its run still writes; what it had when it was opened is here.
    """

    folder: Path
    manifest: Manifest
    alive: bool
    _held: Mapping[str, tuple[pa.RecordBatch, ...]] = field(default_factory=dict)

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open the set in *folder*; seal it first if its run was killed.

        Raises:
            StoreError: It is no set, or one that is corrupt, or of a later
                version.
            MachineError: It cannot be read, or has to be sealed and cannot be
                written.
        """
        if not folder.is_dir():
            raise StoreError(str(folder), "is no folder")
        if is_merged(folder):
            problem = f"is a merged set: open the folders in its {MEMBERS}, or load it"
            raise StoreError(str(folder), problem)
        try:
            settle(folder)
        except FolderBusy:
            if (folder / JOURNAL).exists():
                return cls._open_alive(folder)
            raise
        return cls._open_sealed(folder)

    @property
    def targets(self) -> tuple[Target, ...]:
        """The targets that were visited, in the order of their ids."""
        return self.manifest.plan.targets

    @property
    def objects(self) -> tuple[Target, ...]:
        """What was downloaded, in the order of the ids."""
        return self.manifest.plan.objects

    @property
    def rows_used(self) -> tuple[Target, ...]:
        """The catalogue rows of all samples and bins: targets, then objects."""
        return (*self.targets, *self.objects)

    def pieces(self, columns: Sequence[str] = NAMES) -> Iterator[tuple[str, pa.Array]]:
        """One column after the other, each in pieces in the order of the file.

        Args:
            columns: Names from `schema.COLUMNS`. Strings come as dictionaries, one
                for each piece; those of a run that is alive as they are. What came
                after the set's version is absent in every row.

        Raises:
            StoreError: A page's checksum is wrong, or a value is none of ours.
        """
        counts = self.manifest.counts
        name = samples_name(self.manifest.run)
        yield from self._pieces(SAMPLES, name, counts.samples, columns)

    def bin_pieces(
        self, columns: Sequence[str] = BIN_NAMES
    ) -> Iterator[tuple[str, pa.Array]]:
        """As `pieces`, of the bins of transfers; nothing where there is none.

        Args:
            columns: Names from `schema.BIN_COLUMNS`.

        Raises:
            StoreError: A page's checksum is wrong, or a value is none of ours.
        """
        counts = self.manifest.counts
        if self.objects or counts.bins:
            name = bins_name(self.manifest.run)
            yield from self._pieces(BINS, name, counts.bins, columns)

    def table(self, columns: Sequence[str] = (*NAMES, WALL)) -> pa.Table:
        """Columns all at once, for sets that are small; else as `pieces` does.

        Args:
            columns: Also ``wall_ns``: the send by the wall clock, nanoseconds UTC
                since 1970-01-01.
        """
        stored = [name for name in columns if name != WALL]
        clocks = _CLOCKS if WALL in columns else ()
        found: dict[str, list[pa.Array]] = {name: [] for name in (*stored, *clocks)}
        for column, piece in self.pieces(list(found)):
            found[column].append(piece)
        if clocks:
            sent, offsets = (found[name] for name in clocks)
            found[WALL] = [
                self._wall(*both) for both in zip(sent, offsets, strict=True)
            ]
        return _joined({name: found[name] for name in columns})

    def bin_table(self, columns: Sequence[str] = BIN_NAMES) -> pa.Table:
        """Columns of the bins all at once; else as `bin_pieces` does."""
        found: dict[str, list[pa.Array]] = {name: [] for name in columns}
        for column, piece in self.bin_pieces(columns):
            found[column].append(piece)
        return _joined(found)

    def _wall(self, sent: pa.Array, offset: pa.Array) -> pa.Array:
        start_ns = self.manifest.run.started_wall_ns
        both = zip(integers_in(sent), integers_in(offset), strict=True)
        try:
            return array_of([start_ns + at + ahead for at, ahead in both], Kind.INT64)
        except ValueError as exc:
            raise StoreError(str(self.folder), f"{WALL}: {exc}") from exc

    def _pieces(
        self, layout: Layout, name: str, count: int, columns: Sequence[str]
    ) -> Iterator[tuple[str, pa.Array]]:
        ids = frozenset(target.target_id for target in self.rows_used)
        words = {**WORDS, RUN_ID: (self.manifest.run.run_id,), TARGET_ID: ids}
        if self.alive:
            where, pieces = self.folder / JOURNAL, self._pieces_held(layout, columns)
        else:
            where = plain_file(self.folder, check_name(self.folder, name))
            version = self.manifest.schema_version
            rows = SealedRows(path=where, layout=layout, version=version, count=count)
            pieces = read_pieces(rows, columns)
        for column, piece in pieces:
            check_words(column, piece, words, str(where))
            yield column, piece

    def _pieces_held(
        self, layout: Layout, columns: Sequence[str]
    ) -> Iterator[tuple[str, pa.Array]]:
        for name in columns:
            for batch in self._held[layout.noun]:
                yield name, batch.column(name)

    @classmethod
    def _open_sealed(cls, folder: Path) -> Self:
        check_files(folder)
        manifest = _manifest_in(folder, MANIFEST)
        targets = read_bytes(folder, TARGETS, limit_bytes=JSON_LIMIT_BYTES)
        if targets != used_rows(manifest.plan).encode("ascii"):
            problem = "holds other targets than the manifest's plan"
            raise StoreError(str(folder / TARGETS), problem)
        return cls(folder=folder, manifest=manifest, alive=False)

    @classmethod
    def _open_alive(cls, folder: Path) -> Self:
        with JournalReader.open(folder, alive=True) as reader:
            counts = Tally()
            part = reader.readable_part()
            held = {
                table.layout.noun: tuple(batches_of(reader, part, table, counts))
                for table in (SAMPLE_TABLE, BIN_TABLE)
            }
            manifest = Manifest(
                run=reader.run,
                plan=reader.plan,
                counts=counts.counts(),
                outcome=None,
            )
        return cls(folder=folder, manifest=manifest, alive=True, _held=held)


def _joined(found: Mapping[str, list[pa.Array]]) -> pa.Table:
    made = {
        # Without a piece there is nothing that could say the type.
        name: pa.chunked_array(pieces, None if pieces else _TYPES[name])
        for name, pieces in found.items()
    }
    return pa.table(made)


def read_manifest(path: Path) -> Manifest:
    """The manifest of a set, whatever has become of its other files.

    Args:
        path: The set's folder, or a manifest.json that lies somewhere alone.

    Raises:
        StoreError: There is none, or it cannot be read.
        MachineError: A killed run has to be sealed and cannot be written.
    """
    if path.is_file():
        return _manifest_in(path.parent, path.name)
    if (path / JOURNAL).exists():
        return ResultSet.open(path).manifest
    return _manifest_in(path, MANIFEST)


def _manifest_in(folder: Path, name: str) -> Manifest:
    content = read_bytes(folder, name, limit_bytes=JSON_LIMIT_BYTES)
    return from_json(content.decode("utf-8", "replace"), str(folder / name))


def settle(folder: Path) -> None:
    """Finish what a run or a seal that was cut short has left in *folder*.

    Raises:
        FolderBusy: Its run, or another one's seal, is at work.
        StoreError: There is neither journal nor set.
        MachineError: The folder cannot be written.
    """
    if not any((folder / name).exists() for name in LEFTOVERS):
        if not (folder / CHECKSUMS).exists():
            problem = f"is no result set: it has no {CHECKSUMS}"
            raise StoreError(str(folder), problem)
        return
    with FolderLock.take(folder) as lock:
        seal(lock)
