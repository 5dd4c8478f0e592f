"""The long-term record of a monitor: files of counts that are written once, or not.

``long-term/hours/<UTC time>-<run id>-<sha256>.parquet`` holds the hours of one run,
``long-term/days/<date>-<sha256>.parquet`` one day of all runs that had a part in it.
A file's name says its hash and its head whose samples it counts, so there is nothing
beside the files that could disagree with them: a file that is there is whole, and what
a day's file counts, no hour's file counts again (`counted`).
"""

import hashlib
import io
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from cloudgauge.errors import ConfigError, StoreError
from cloudgauge.model.quantity import NS_PER_S
from cloudgauge.planning.plain import (
    canonical_json,
    from_plain,
    parse_json_table,
    to_plain,
)
from cloudgauge.store.folder import keep, machine_errors, plain_file, read_bytes
from cloudgauge.store.long_term_layout import Grain, LongTermHead
from cloudgauge.store.long_term_table import checked_counts, summed

LONG_TERM = "long-term"
_FOLDERS = {Grain.HOUR: "hours", Grain.DAY: "days"}
_MAKING = ".making"
_HEAD_KEY = b"cloudgauge"
_NAME = re.compile(r"[0-9A-Za-z-]{8,80}-([0-9a-f]{64})\.parquet", re.ASCII)
# A day of a thousand series is a tenth of this.
_LIMIT_BYTES = 1024 * 1024 * 1024
_HEAD_LIMIT_BYTES = 16 * 1024 * 1024
_NUMBERS = ("replica", "begins_wall_ns", "bin", "count")


@dataclass(frozen=True, slots=True, kw_only=True)
class LongTermFile:
    """A file of the record, by what it says of itself."""

    path: Path
    head: LongTermHead

    @property
    def run_ids(self) -> frozenset[str]:
        """Whose samples it counts."""
        return frozenset(run.run_id for run in self.head.runs)


def long_term_files(folder: Path) -> tuple[LongTermFile, ...]:
    """The files of the record in a monitor's folder, days first, by their names.

    Args:
        folder: That holds ``long-term``; without one there are none.

    Raises:
        StoreError: A file is none of ours, or they do not fit together.
        MachineError: The file system refuses.
    """
    found = []
    for grain in (Grain.DAY, Grain.HOUR):
        home = folder / LONG_TERM / _FOLDERS[grain]
        with machine_errors(home):
            paths = sorted(home.iterdir()) if home.is_dir() else []
        found += [
            _opened(path, grain) for path in paths if not path.name.startswith(_MAKING)
        ]
    _check_alike(found)
    return tuple(found)


def read_counts(file: LongTermFile) -> pa.Table:
    """The counts of a file, held against its hash; columns of `COUNTS`.

    Raises:
        StoreError: The file was changed, or holds what no monitor writes.
        MachineError: It cannot be read.
    """
    where = str(file.path)
    content = read_bytes(file.path.parent, file.path.name, limit_bytes=_LIMIT_BYTES)
    if hashlib.sha256(content).hexdigest() != _hash_in(file.path.name):
        raise StoreError(where, "was changed: its hash is not that of its name")
    with _store_errors(where):
        table = pq.read_table(io.BytesIO(content), page_checksum_verification=True)
    return checked_counts(table, file.head.periods, where)


def keep_counts(folder: Path, head: LongTermHead, counts: pa.Table) -> Path:
    """Write a file of the record, whole or not at all, and have the disk keep it.

    Args:
        folder: A monitor's, whose record nobody else writes now.
        head: What it says of itself.
        counts: Of `COUNTS`, in any order; rows of one key are added up.

    Raises:
        MachineError: The disk is full or the folder not writable.
    """
    home = folder / LONG_TERM / _FOLDERS[head.grain]
    stem = _stem(head)
    with machine_errors(home):
        home.mkdir(parents=True, exist_ok=True)
        making = home / f"{_MAKING}-{stem}"
        with making.open("wb") as file:
            _write(file, head, summed(counts))
            file.flush()
            os.fsync(file.fileno())
        digest = hashlib.sha256(making.read_bytes()).hexdigest()
        path = home / f"{stem}-{digest}.parquet"
        making.replace(path)
        keep(home)
    return path


def remove_file(file: LongTermFile) -> None:
    """Remove a file all of whose counts stand elsewhere.

    Raises:
        MachineError: The file system refuses.
    """
    with machine_errors(file.path):
        file.path.unlink()
        keep(file.path.parent)


def clear_leftovers(folder: Path) -> None:
    """Remove what a fold that was cut short had begun to write.

    Raises:
        MachineError: The file system refuses.
    """
    for name in _FOLDERS.values():
        home = folder / LONG_TERM / name
        with machine_errors(home):
            for path in home.glob(f"{_MAKING}-*"):
                path.unlink()


def counted(
    files: Sequence[LongTermFile],
) -> Iterator[tuple[LongTermFile, tuple[int, ...]]]:
    """Each file with those of its periods that count: none counts twice.

    What is of a run and a day that a day's file counts already is passed over in the
    files of hours.
    """
    days = runs_of_days(files)
    for file in files:
        if file.head.grain is Grain.DAY:
            yield file, file.head.periods
            continue
        (run_id,) = file.run_ids
        left = tuple(
            at
            for at in file.head.periods
            if run_id not in days.get(Grain.DAY.begin_of(at), ())
        )
        if left:
            yield file, left


def runs_of_days(files: Iterable[LongTermFile]) -> Mapping[int, frozenset[str]]:
    """Whose samples are counted by the files of days, by when the day begins."""
    return {
        file.head.periods[0]: file.run_ids
        for file in files
        if file.head.grain is Grain.DAY
    }


def _stem(head: LongTermHead) -> str:
    if head.grain is Grain.DAY:
        (begin_ns,) = head.periods
        return f"{_at(begin_ns):%Y-%m-%d}"
    (run,) = head.runs
    return f"{_at(run.started_wall_ns):%Y%m%dT%H%M%SZ}-{run.run_id}"


def _at(wall_ns: int) -> datetime:
    return datetime.fromtimestamp(wall_ns // NS_PER_S, tz=UTC)


def _write(file: io.BufferedWriter, head: LongTermHead, counts: pa.Table) -> None:
    said = canonical_json(to_plain(head)).encode("ascii")
    pq.write_table(
        counts.replace_schema_metadata({_HEAD_KEY: said}),
        file,
        compression="zstd",
        compression_level=3,
        use_dictionary=["target_id", "family", "metric", "word"],
        column_encoding=dict.fromkeys(_NUMBERS, "DELTA_BINARY_PACKED"),
        write_page_checksum=True,
    )


def _hash_in(name: str) -> str | None:
    found = _NAME.fullmatch(name)
    return None if found is None else found[1]


def _opened(path: Path, grain: Grain) -> LongTermFile:
    name = plain_file(path.parent, path.name).name
    if _hash_in(name) is None:
        raise StoreError(str(path), "has no name of a file of the long-term record")
    with _store_errors(str(path)):
        metadata = pq.read_metadata(path).metadata or {}
    said = metadata.get(_HEAD_KEY)
    if said is None or len(said) > _HEAD_LIMIT_BYTES:
        raise StoreError(str(path), "has no head of a file of the long-term record")
    try:
        text = said.decode("ascii")
        plain = parse_json_table(text, name)
        head = from_plain(LongTermHead, plain, name)
    except (ConfigError, UnicodeDecodeError) as exc:
        raise StoreError(str(path), f"its head cannot be read: {exc}") from exc
    many = len(head.periods if grain is Grain.DAY else head.runs)
    if head.grain is not grain or many != 1:
        raise StoreError(str(path), f"is no file of one {grain}'s counts")
    return LongTermFile(path=path, head=head)


def _check_alike(files: Sequence[LongTermFile]) -> None:
    """Refuse a record of several vantages, and one that would count twice."""
    for file in files[1:]:
        first, head = files[0].head, file.head
        if (head.vantage.name, head.simulated) != (first.vantage.name, first.simulated):
            problem = (
                f"is of {_whose(head)}, and {files[0].path.name} of {_whose(first)}"
            )
            raise StoreError(str(file.path), problem)
    seen: dict[tuple[Grain, int | str], Path] = {}
    for file in files:
        one = file.head.periods[0] if file.head.grain is Grain.DAY else None
        key = (file.head.grain, min(file.run_ids) if one is None else one)
        if key in seen:
            problem = f"counts what {seen[key].name} counts"
            raise StoreError(str(file.path), problem)
        seen[key] = file.path


def _whose(head: LongTermHead) -> str:
    return f"{head.vantage.name}{' in a private network' if head.simulated else ''}"


@contextmanager
def _store_errors(where: str) -> Iterator[None]:
    try:
        yield
    except (pa.ArrowException, OSError) as exc:
        problem = f"cannot be read as Parquet: {str(exc).splitlines()[0]}"
        raise StoreError(where, problem) from exc
