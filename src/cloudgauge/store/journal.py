"""What a run saw, while it lasts: a SQLite file that a kill cannot make unreadable.

`Journal.append` only encodes and queues; one thread of its own commits what is
queued, at the latest half a second after it came, so that no disk is waited for
where probes are timed. SQLite's write-ahead log makes each commit whole or absent
after a kill. Every record carries a CRC-32, so what a disk garbled ends the
readable part instead of passing for a measurement.

Run and plan, catalogue rows included, are committed before the first record: the folder
alone is enough to seal the set of a run that was killed.
"""

import json
import sqlite3
import threading
from types import TracebackType
from typing import Self

from cloudgauge.errors import CloudgaugeError, MachineError
from cloudgauge.model.plan import Plan
from cloudgauge.model.run import RunInfo, RunOutcome
from cloudgauge.model.sample import Sample
from cloudgauge.model.transfer import Bin
from cloudgauge.planning.canonical import plan_to_json
from cloudgauge.planning.plain import canonical_json, to_plain
from cloudgauge.store.folder import CHECKSUMS, JOURNAL, machine_errors, plain_file
from cloudgauge.store.journal_format import (
    APPLICATION_ID,
    BIN_TABLE,
    SAMPLE_TABLE,
    TABLES,
    JournalRow,
    JournalTable,
    header_crc,
    record_crc,
    schema_sql,
    series_order,
)
from cloudgauge.store.lock import FolderLock
from cloudgauge.store.rows import bin_row_of, row_of
from cloudgauge.store.schema import SCHEMA_VERSION

COMMIT_COUNT = 100
# Half of the second that is promised: the other half is for a busy machine.
COMMIT_S = 0.5
_INSERT_HEADER = "INSERT INTO header VALUES (?, ?, ?)"


class Journal:
    """Takes a run's samples and bins as they come; is a `SampleSink`.

    Belongs to one thread at a time, which appends, finishes and closes it.
    """

    def __init__(
        self, connection: sqlite3.Connection, where: str, info: RunInfo, plan: Plan
    ) -> None:
        self._connection = connection
        self._where = where
        self._run = info
        self._series = series_order(plan)
        self._encode = json.JSONEncoder(separators=(",", ":")).encode
        self._state = threading.Condition()
        self._queued: list[tuple[JournalTable, JournalRow]] = []
        self._writing = 0
        self._asked = False
        self._closed = False
        self._failure: CloudgaugeError | ValueError | None = None
        self._counts = dict.fromkeys(TABLES, 0)
        # A thread, since SQLite waits for the disk and the event loop must not.
        self._writer = threading.Thread(
            target=self._write_on, name="journal", daemon=True
        )

    @classmethod
    def create(
        cls,
        lock: FolderLock,
        info: RunInfo,
        plan: Plan,
        *,
        plan_json: str | None = None,
    ) -> Self:
        """Start the journal of a run in the folder whose lock one holds.

        Args:
            lock: Of its folder.
            info: What is known of the run.
            plan: What it is to do.
            plan_json: The plan as `plan_to_json` writes it, from who has it already.

        Raises:
            MachineError: It cannot be written.
            ValueError: The folder holds a run already.
        """
        path = lock.folder / JOURNAL
        if path.exists() or (lock.folder / CHECKSUMS).exists():
            msg = f"{lock.folder} holds a run already"
            raise ValueError(msg)
        header = {
            "schema_version": str(SCHEMA_VERSION),
            "run": canonical_json(to_plain(info)),
            "plan": plan_json or plan_to_json(plan),
        }
        with machine_errors(path):
            path.touch()
        # Autocommit: transactions are ours. The writer's thread takes the
        # connection over, and gives it back when it ends.
        connection = sqlite3.connect(
            plain_file(lock.folder, JOURNAL),
            isolation_level=None,
            check_same_thread=False,
        )
        try:
            _start(connection, header)
        except sqlite3.Error as exc:
            connection.close()
            raise _refusal(str(path), exc) from exc
        journal = cls(connection, str(path), info, plan)
        journal._writer.start()
        return journal

    def append(self, record: Sample | Bin) -> None:
        """Take a sample or a bin; it is safe from a kill within a second.

        Raises:
            MachineError: An earlier one could not be written.
            ValueError: It belongs to no series of the plan, or came before.
        """
        slot = record.slot
        key = (slot.target_id, slot.replica, slot.family, slot.streams)
        series = self._series.get(key)
        if series is None:
            msg = f"{', '.join(map(str, key))} is no series of the plan"
            raise ValueError(msg)
        if isinstance(record, Bin):
            table, place = BIN_TABLE, record.index
            row = bin_row_of(record, self._run)
        else:
            table, place = SAMPLE_TABLE, record.exchange
            row = row_of(record, self._run)
        text = self._encode(row[1:])
        crc = record_crc(series, slot.seq, place, text)
        with self._state:
            self._check()
            self._queued.append((table, (series, slot.seq, place, text, crc)))
            self._counts[table] += 1
            # The writer sleeps until there is something, then for its time or
            # until there is enough: it is woken for these two, not each time.
            if len(self._queued) in {1, COMMIT_COUNT}:
                self._state.notify_all()

    def flush(self) -> None:
        """Wait until everything that was appended is committed.

        Raises:
            MachineError: It cannot be.
            ValueError: A sample or a bin came twice.
        """
        with self._state:
            self._asked = bool(self._queued)
            self._state.notify_all()
            self._state.wait_for(lambda: self._failure or not self._pending())
            self._check()

    def finish(self, outcome: RunOutcome) -> None:
        """Commit everything and how the run ended, and close.

        Raises:
            MachineError: It cannot be written; what was committed stays.
        """
        self.flush()
        self._stop()
        ending = {
            "outcome": canonical_json(to_plain(outcome)),
            **{t.counted_as: str(count) for t, count in self._counts.items()},
        }
        try:
            self._connection.execute("BEGIN")
            for key, value in ending.items():
                row = (key, value, header_crc(key, value))
                self._connection.execute(_INSERT_HEADER, row)
            self._connection.execute("COMMIT")
        except sqlite3.Error as exc:
            raise _refusal(self._where, exc) from exc
        finally:
            self._connection.close()

    def close(self) -> None:
        """Commit what can be committed and close, without saying how it ended."""
        self._stop()
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _pending(self) -> int:
        return len(self._queued) + self._writing

    def _check(self) -> None:
        if self._failure is not None:
            raise self._failure
        if self._closed:
            msg = "the journal is closed"
            raise ValueError(msg)

    def _stop(self) -> None:
        with self._state:
            self._closed = True
            self._state.notify_all()
        self._writer.join()

    def _write_on(self) -> None:
        while self._failure is None:
            with self._state:
                self._state.wait_for(lambda: self._queued or self._closed)
                self._state.wait_for(self._enough, timeout=COMMIT_S)
                rows, self._queued = self._queued, []
                self._writing = len(rows)
            if not rows:
                return
            failure = self._commit(rows)
            with self._state:
                self._writing = 0
                self._failure = failure
                if not self._queued:
                    self._asked = False
                self._state.notify_all()

    def _enough(self) -> bool:
        return len(self._queued) >= COMMIT_COUNT or self._asked or self._closed

    def _commit(
        self, rows: list[tuple[JournalTable, JournalRow]]
    ) -> CloudgaugeError | ValueError | None:
        try:
            self._connection.execute("BEGIN")
            for table in TABLES:
                its = [row for its_table, row in rows if its_table is table]
                self._connection.executemany(table.insert, its)
            self._connection.execute("COMMIT")
        except sqlite3.IntegrityError as exc:
            return ValueError(f"a record came twice: {exc}")
        except sqlite3.Error as exc:
            return _refusal(self._where, exc)
        return None


def _start(connection: sqlite3.Connection, header: dict[str, str]) -> None:
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute("PRAGMA journal_mode = WAL")
    # A kill loses nothing that was committed. A power cut may lose the last
    # commits, never the file: waiting for the disk each time is not worth that.
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("BEGIN")
    for statement in schema_sql(SCHEMA_VERSION):
        connection.execute(statement)
    rows = [(key, value, header_crc(key, value)) for key, value in header.items()]
    connection.executemany(_INSERT_HEADER, rows)
    connection.execute("COMMIT")


def _refusal(where: str, exc: sqlite3.Error) -> MachineError:
    return MachineError(f"{where}: cannot be written: {exc}")
