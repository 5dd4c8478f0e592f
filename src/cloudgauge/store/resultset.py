"""A result set, opened: its manifest, the catalogue rows used, its samples.

Opening seals what a dead run left, and holds every file against its hash. A run
that is still alive is read from its journal as it stands, and left alone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import pyarrow as pa

from cloudgauge.errors import StoreError
from cloudgauge.model.target import Target
from cloudgauge.planning.canonical import targets_to_json
from cloudgauge.store.checksums import check_files
from cloudgauge.store.folder import (
    CHECKSUMS,
    JOURNAL,
    LEFTOVERS,
    MANIFEST,
    TARGETS,
    check_name,
    plain_file,
    read_bytes,
    samples_name,
)
from cloudgauge.store.lock import FolderBusy, FolderLock
from cloudgauge.store.manifest import JSON_LIMIT_BYTES, Manifest, from_json
from cloudgauge.store.recovery import JournalReader
from cloudgauge.store.schema import NAMES, RUN_ID, TARGET_ID, WALL
from cloudgauge.store.seal import batches_of, seal
from cloudgauge.store.table import (
    SCHEMA,
    check_column,
    check_words,
    read_parquet,
    row_groups,
    with_wall,
)
from cloudgauge.store.tally import Tally

_CLOCKS = ("sent_ns", "wall_offset_ns")


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultSet:
    """Samples of one run and what is known of it, checked against one another.

    Attributes:
        folder: As the user named it.
        alive: Its run still writes; what it had when it was opened is here.
    """

    folder: Path
    manifest: Manifest
    alive: bool
    _samples: pa.Table | None = None

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
        try:
            settle(folder)
        except FolderBusy:
            if (folder / JOURNAL).exists():
                return cls._open_alive(folder)
            raise
        return cls._open_sealed(folder)

    @property
    def targets(self) -> tuple[Target, ...]:
        """The catalogue rows that were used, in the order of their ids."""
        return self.manifest.plan.targets

    def table(self, columns: Sequence[str] = (*NAMES, WALL)) -> pa.Table:
        """Samples in the order of the file; strings come as dictionaries.

        Args:
            columns: Names from `schema.COLUMNS`, and ``wall_ns``: the send by the
                wall clock, nanoseconds UTC since 1970-01-01.

        Raises:
            StoreError: A page's checksum is wrong, or a value is none of ours.
        """
        stored = [name for name in columns if name != WALL]
        if WALL in columns:
            stored = list(dict.fromkeys([*stored, *_CLOCKS]))
        if self._samples is not None:
            table = self._samples.select(stored)
        else:
            path = self._path()
            table = read_parquet(path, stored, count=self.manifest.counts.samples)
            self._check(table, str(path))
        if WALL in columns:
            table = with_wall(table, self.manifest.run.started_wall_ns)
        return table.select(list(columns))

    def parts(self) -> Iterator[pa.Table]:
        """All columns, a part of bounded size at a time.

        Raises:
            StoreError: As `table` does.
        """
        if self._samples is not None:
            yield self._samples
            return
        path = self._path()
        for part in row_groups(path, count=self.manifest.counts.samples):
            self._check(part, str(path))
            yield part

    @classmethod
    def _open_sealed(cls, folder: Path) -> Self:
        check_files(folder)
        manifest = _manifest_in(folder, MANIFEST)
        targets = read_bytes(folder, TARGETS, limit_bytes=JSON_LIMIT_BYTES)
        if targets != targets_to_json(manifest.plan.targets).encode("ascii"):
            problem = "holds other targets than the manifest's plan"
            raise StoreError(str(folder / TARGETS), problem)
        return cls(folder=folder, manifest=manifest, alive=False)

    @classmethod
    def _open_alive(cls, folder: Path) -> Self:
        with JournalReader.open(folder, alive=True) as reader:
            counts = Tally()
            batches = list(batches_of(reader, reader.readable_part(), counts))
            samples = pa.Table.from_batches(batches, schema=SCHEMA)
            manifest = Manifest(
                run=reader.run,
                plan=reader.plan,
                counts=counts.counts(),
                outcome=None,
            )
        result = cls(folder=folder, manifest=manifest, alive=True, _samples=samples)
        result._check(samples, str(folder / JOURNAL))
        return result

    def _path(self) -> Path:
        name = check_name(self.folder, samples_name(self.manifest.run))
        return plain_file(self.folder, name)

    def _check(self, table: pa.Table, where: str) -> None:
        check_words(table, where)
        check_column(table, RUN_ID, (self.manifest.run.run_id,), where)
        ids = [target.target_id for target in self.targets]
        check_column(table, TARGET_ID, ids, where)


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
