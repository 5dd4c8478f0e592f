"""What can be read of a journal: while its run lives, after it, or after a disaster.

Records count in the order they were written, and only up to the first that is
damaged or missing. The file may come from a stranger: its tables must be exactly
ours, and what they hold is decoded strictly.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import quote

from cloudgauge.errors import StoreError
from cloudgauge.model.plan import Plan
from cloudgauge.model.run import RunInfo, RunOutcome, StopReason
from cloudgauge.store.folder import (
    JOURNAL,
    JOURNAL_INDEX,
    JOURNAL_LOG,
    machine_errors,
    plain_file,
)
from cloudgauge.store.journal_format import (
    APPLICATION_ID,
    SAMPLE_TABLE,
    TABLES,
    JournalTable,
    header_crc,
    record_crc,
    schema_sql,
)
from cloudgauge.store.manifest import JSON_LIMIT_BYTES, checked_plan, value_from_json
from cloudgauge.store.schema import NAMES, SCHEMA_VERSION, Cell, Row

_SENT = NAMES.index("sent_ns") - 1
_OFFSET = NAMES.index("wall_offset_ns") - 1
_NOT_OURS = "is not a journal of cloudgauge"
_NEVER_BEGUN = "holds nothing: its run was killed before it could measure"
_FIRST_KEYS = ("schema_version", "run", "plan")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadablePart:
    """How far a journal can be read.

    Attributes:
        counts: Records of each table from its first on, all of them sound.
        last_wall_ns: Wall clock of the last sample; of the run's start if none.
        damage: What ended the readable part before its end; "" for nothing.
    """

    counts: Mapping[JournalTable, int]
    last_wall_ns: int
    damage: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rows:
    """How far a table can be read, and its last sound record."""

    count: int
    last: str | None
    damage: str


class JournalReader:
    """A journal opened for reading.

    Attributes:
        where: Its path, for messages.
        run: As it was when it started.
        plan: What it was to do, catalogue rows included.
        stated: How the run said it ended; None if it did not say.
        version: The schema version that it was written by.
    """

    def __init__(self, connection: sqlite3.Connection, where: str) -> None:
        self._connection = connection
        self.where = where
        header = self._header()
        self.version = self._checked_version(header["schema_version"])
        self.run = value_from_json(RunInfo, header["run"], f"{where}: run")
        self.plan: Plan = checked_plan(header["plan"], self.run, f"{where}: plan")
        ending = header.get("outcome")
        self.stated = (
            None
            if ending is None
            else value_from_json(RunOutcome, ending, f"{where}: outcome")
        )
        # The run is named once, in the head.
        self._widths = {
            table: len(table.layout.since(self.version)) - 1 for table in self._tables()
        }
        self._stated_counts = {
            table: self._stated_count(header.get(table.counted_as, "0"))
            for table in self._tables()
        }

    @classmethod
    @contextmanager
    def open(cls, folder: Path, *, alive: bool = False) -> Iterator[Self]:
        """Open the journal in *folder*; *alive* says that its run still writes.

        Without *alive* the caller holds the folder's lock.

        Raises:
            StoreError: It is missing, or its head cannot be read.
            MachineError: The file system refuses.
        """
        path = plain_file(folder, JOURNAL)
        for name in (JOURNAL_LOG, JOURNAL_INDEX):
            if (folder / name).is_symlink():
                raise StoreError(str(folder / name), "is a link or no plain file")
        with machine_errors(path), path.open("rb"):
            pass
        # A journal whose run is dead is opened for writing: SQLite then takes
        # what the log holds, and nobody else can begin to write.
        mode = "ro" if alive else "rw"
        connection = sqlite3.connect(
            f"file:{quote(str(path.absolute()))}?mode={mode}",
            uri=True,
            isolation_level=None,
        )
        try:
            with _store_errors(str(path)):
                _distrust(connection, str(path))
                reader = cls(connection, str(path))
                # One state throughout, whatever a live run appends meanwhile.
                connection.execute("BEGIN")
            yield reader
        finally:
            connection.close()

    def readable_part(self) -> ReadablePart:
        """Check every record in the order of writing, up to the first bad one.

        Samples and bins each have their own first bad one.
        """
        found = {table: self._readable_rows(table) for table in self._tables()}
        wall_ns = self.run.started_wall_ns
        last = found[SAMPLE_TABLE].last
        if last is not None:
            values = self._decoded(last, SAMPLE_TABLE)
            sent_ns, offset_ns = values[_SENT], values[_OFFSET]
            if isinstance(sent_ns, int) and isinstance(offset_ns, int):
                wall_ns += sent_ns + offset_ns
        return ReadablePart(
            counts={table: rows.count for table, rows in found.items()},
            last_wall_ns=wall_ns,
            damage="; ".join(rows.damage for rows in found.values() if rows.damage),
        )

    def outcome(self, part: ReadablePart) -> RunOutcome:
        """How the run ended, by its own word and by what is left of it."""
        if self.stated is not None and not part.damage:
            return self.stated
        if part.damage:
            reason = StopReason.MACHINE
            detail = f"the journal was damaged: {part.damage}; what precedes is kept"
        else:
            reason = StopReason.KILLED
            detail = "the run ended without a word; what it had kept is here"
        return RunOutcome(
            ended_wall_ns=part.last_wall_ns,
            complete=False,
            stop_reason=reason,
            detail=detail,
        )

    def batches(
        self, part: ReadablePart, table: JournalTable, size: int
    ) -> Iterator[list[Row]]:
        """A table's records of the readable part, *size* at a time.

        In the order of the sealed file; SQLite sorts them on disk where they are
        many. A row is as `rows` makes it.

        Raises:
            StoreError: A sound record holds what no run of ours writes.
        """
        run_id = self.run.run_id
        with _store_errors(self.where):
            if table not in part.counts:
                return
            rows = self._connection.execute(table.select_sorted, (part.counts[table],))
            while found := rows.fetchmany(size):
                yield [(run_id, *self._decoded(record, table)) for (record,) in found]

    def _header(self) -> dict[str, str]:
        header: dict[str, str] = {}
        for key, value, crc in self._connection.execute(
            "SELECT key, value, crc FROM header WHERE length(value) <= ?",
            (JSON_LIMIT_BYTES,),
        ):
            if header_crc(str(key), str(value)) != crc:
                raise StoreError(self.where, f"its head is damaged at {key!r}")
            header[key] = value
        missing = [key for key in _FIRST_KEYS if key not in header]
        if missing:
            raise StoreError(self.where, f"its head lacks {', '.join(missing)}")
        return header

    def _checked_version(self, stated: str) -> int:
        if stated not in map(str, range(1, SCHEMA_VERSION + 1)):
            problem = (
                f"is of schema version {stated}, and this cloudgauge reads up to "
                f"{SCHEMA_VERSION}"
            )
            raise StoreError(self.where, problem)
        version = int(stated)
        if _made_of(self._connection) != _ours(version):
            raise StoreError(self.where, _NOT_OURS)
        return version

    def _tables(self) -> Iterator[JournalTable]:
        return (table for table in TABLES if table.since <= self.version)

    def _stated_count(self, stated: str) -> int:
        if not stated.isdecimal():
            raise StoreError(self.where, "its head holds a count that is no number")
        return int(stated)

    def _readable_rows(self, table: JournalTable) -> _Rows:
        count, last, damage = 0, None, ""
        noun = table.layout.noun
        try:
            for rowid, *key, record, crc in self._connection.execute(table.select):
                if rowid != count + 1 or not _sound(key, record, crc):
                    damage = f"{noun} {count + 1} is damaged"
                    break
                count, last = count + 1, record
        except (sqlite3.DatabaseError, UnicodeDecodeError) as exc:
            damage = f"it cannot be read beyond {noun} {count}: {exc}"
        missing = self._stated_counts[table] - count
        if not damage and missing > 0:
            damage = f"{missing} {noun}s are missing at its end"
        return _Rows(count=count, last=last, damage=damage)

    def _decoded(self, record: str, table: JournalTable) -> list[Cell]:
        try:
            values = json.loads(record)
        except (ValueError, RecursionError) as exc:
            raise StoreError(self.where, "holds a record that is no JSON") from exc
        wanted = self._widths[table]
        if not isinstance(values, list) or len(values) != wanted:
            raise StoreError(self.where, f"holds a record without {wanted} values")
        # What came with later versions stands at the end, and is absent here.
        values += [None] * (len(table.layout.columns) - 1 - wanted)
        return values


def _sound(key: list[int], record: object, crc: object) -> bool:
    return isinstance(record, str) and record_crc(key[0], key[1], key[2], record) == crc


def _distrust(connection: sqlite3.Connection, where: str) -> None:
    """Refuse a database that is not a journal, before anything in it can act."""
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")
    connection.execute("PRAGMA query_only = ON")
    # Nothing is written to the schema: this lets SQLite open a file that was cut
    # short, of which it then reads what there is.
    connection.execute("PRAGMA writable_schema = ON")
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    made_of = _made_of(connection)
    if not made_of and application in (0, APPLICATION_ID):
        raise StoreError(where, _NEVER_BEGUN)
    known = [_ours(version) for version in range(1, SCHEMA_VERSION + 1)]
    if application != APPLICATION_ID or made_of not in known:
        raise StoreError(where, _NOT_OURS)


def _ours(version: int) -> list[tuple[str, str]]:
    return sorted(("table", statement) for statement in schema_sql(version))


def _made_of(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    """Type and text of everything in a database."""
    found = connection.execute("SELECT type, sql FROM sqlite_schema").fetchall()
    # Indexes without a text of their own are those of UNIQUE and PRIMARY KEY.
    return sorted((str(kind), str(sql)) for kind, sql in found if sql is not None)


@contextmanager
def _store_errors(where: str) -> Iterator[None]:
    try:
        yield
    except (sqlite3.DatabaseError, UnicodeDecodeError) as exc:
        raise StoreError(where, f"cannot be read: {exc}") from exc
