"""What a process has read of files, kept as long as there is room for it."""

import os
import tempfile
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from cloudgauge.analysis.engine_memory import read_by_memory
from cloudgauge.analysis.engine_query import Query, Source
from cloudgauge.analysis.engine_rows import CellRows
from cloudgauge.errors import StoreError
from cloudgauge.store.folder import machine_errors, sha256_of

# Of which file, as it was when it was read, and for which question.
_Name = tuple[str, int, int, Query, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """How files are read.

    Attributes:
        by_database: Not by numpy, where the database can.
        threads: Of one read by the database.
        memory_bytes: What the database may take.
        kept_bytes: What a process may keep of what it has read.
    """

    by_database: bool
    threads: int
    memory_bytes: int
    kept_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One file, a question, and how to read it."""

    source: Source
    query: Query
    reader: Reader


@dataclass(slots=True)
class Kept:
    """Rows of files that were read, the last used last."""

    _rows: OrderedDict[_Name, CellRows] = field(default_factory=OrderedDict)
    _checked: set[tuple[str, int, int]] = field(default_factory=set)
    _lock: Lock = field(default_factory=Lock)

    def rows(self, job: Job) -> CellRows:
        """The rows of a job's file, read now if they are not here.

        Raises:
            StoreError: The file is not the one that was meant, or cannot be read.
            MachineError: There is too little memory.
        """
        name = _name(job)
        with self._lock:
            if name in self._rows:
                self._rows.move_to_end(name)
                return self._rows[name]
        self._check(job.source, name)
        found = _read(job)
        with self._lock:
            self._rows[name] = found
            room = job.reader.kept_bytes
            while self._rows and sum(r.size_bytes for r in self._rows.values()) > room:
                self._rows.popitem(last=False)
        return found

    def forget(self, query: Query) -> None:
        """Keep nothing more that was read for a question."""
        with self._lock:
            for name in [name for name in self._rows if name[3] == query]:
                del self._rows[name]

    def _check(self, source: Source, name: _Name) -> None:
        """Hold the file against its hash where it was not opened in this process."""
        if not source.sha256 or name[:3] in self._checked:
            return
        if sha256_of(Path(source.path)) != source.sha256:
            raise StoreError(source.path, "was changed")
        self._checked.add(name[:3])


KEPT = Kept()
"""Of this process: a worker that is asked again need not read again."""


def _name(job: Job) -> _Name:
    path = job.source.path
    if job.source.result.alive:
        # What it had when it was opened is in memory already.
        return (path, -1, id(job.source.result), job.query, job.source.width)
    with machine_errors(Path(path)):
        status = os.stat(path)  # noqa: PTH116  as short as can be: it is asked often
    return (path, status.st_size, status.st_mtime_ns, job.query, job.source.width)


def _read(job: Job) -> CellRows:
    source, reader = job.source, job.reader
    if reader.by_database:
        # The database is loaded by who asks for it alone.
        from cloudgauge.analysis.engine_duckdb import (  # noqa: PLC0415  see above
            Room,
            can_read,
            read_by_duckdb,
        )

        if can_read(source):
            room = Room(
                threads=reader.threads,
                memory_bytes=reader.memory_bytes,
                scratch=str(Path(tempfile.gettempdir()) / f"cloudgauge-{os.getpid()}"),
            )
            raw = read_by_duckdb(source, job.query, room)
            return CellRows.of(raw, source, job.query)
    return CellRows.of(read_by_memory(source, job.query), source, job.query)
