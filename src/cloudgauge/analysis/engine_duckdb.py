"""A set read by DuckDB, straight from its sealed file: in less time and memory.

The file's columns are typed as in FORMAT.md, or it is refused; whole numbers stay
whole. What the database does is to pick rows and columns: it computes no figure. No
word of a set is ever part of a statement.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from cloudgauge.analysis.engine_query import Query, Source
from cloudgauge.analysis.engine_rows import (
    COUNTED,
    LONGER,
    MOST_NS,
    Integers,
    RawRows,
)
from cloudgauge.analysis.engine_sql import (
    LEAST_SQL,
    REPLICAS,
    Reading,
    groups_sql,
    rows_sql,
    silent_sql,
)
from cloudgauge.analysis.metric import Metric
from cloudgauge.errors import MachineError, StoreError
from cloudgauge.model.sample import FailureKind
from cloudgauge.model.target import Family
from cloudgauge.store.schema import SAMPLES
from cloudgauge.store.table import SealedRows, check_sealed

# In a path these would be taken for patterns.
_WILD = frozenset("*?[]{}")
_MIB = 1024 * 1024
_NS_PER_US = 1_000
# The end of the year 2261.
_MOST_WALL_NS = 92 * 10**17


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What one connection may take.

    Attributes:
        threads: At least 1.
        memory_bytes: Beyond it the database writes to the disk, or gives up.
        scratch: The folder it may write to.
    """

    threads: int
    memory_bytes: int
    scratch: str


def can_read(source: Source) -> bool:
    """Whether the database can: a sealed file, whose path it takes for a path."""
    return not source.result.alive and not _WILD.intersection(_path(source))


def read_by_duckdb(source: Source, query: Query, room: Room) -> RawRows:
    """Read what bears on a question.

    Raises:
        StoreError: The file is not what it must be.
        MachineError: There is too little memory for it.
    """
    version = source.result.manifest.schema_version
    check_sealed(
        SealedRows(
            path=Path(_path(source)),
            layout=SAMPLES,
            version=version,
            count=source.samples,
        )
    )
    reading = Reading(
        metric=query.metric,
        has_part=version > 1,
        has_warm=source.has_warm,
        is_imported=source.is_imported,
        has_times=query.has_times,
    )
    with _opened(source, room) as file:
        return _raw_rows(file, reading)


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    """A database that may read one file and nothing else."""

    base: duckdb.DuckDBPyConnection
    source: Source
    targets: tuple[str, ...]

    def ask(self, sql: str) -> Mapping[str, Any]:
        """The columns of an answer."""
        given: dict[str, object] = {"file": _path(self.source)}
        if "$started" in sql:
            given["started"] = self.source.result.manifest.run.started_wall_ns
        return dict(self.base.sql(sql, params=given).fetchnumpy())


@contextmanager
def _opened(source: Source, room: Room) -> Iterator[_File]:
    targets = tuple(sorted({one.target_id for one in source.result.rows_used}))
    settings: dict[str, str | bool | int | float | list[str]] = {
        "threads": room.threads,
        "memory_limit": f"{max(room.memory_bytes // _MIB, 64)}MiB",
        "temp_directory": room.scratch,
        # Nothing is fetched from anywhere.
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    try:
        with duckdb.connect(":memory:", config=settings) as base:
            # It would go to stdout, which is the answer's.
            base.execute("SET enable_progress_bar = false")
            base.execute("SET allowed_paths = $files", {"files": [_path(source)]})
            base.execute("SET enable_external_access = false")
            for name, words in (
                ("target_word", targets),
                ("family_word", tuple(family.value for family in Family)),
            ):
                _make_words(base, name, words)
            yield _File(base=base, source=source, targets=targets)
    except duckdb.OutOfMemoryException as exc:
        msg = f"{source.path}: too little memory to read it: {_first_line(exc)}"
        raise MachineError(msg) from exc
    except duckdb.Error as exc:
        problem = f"cannot be read: {_first_line(exc)}"
        raise StoreError(source.path, problem) from exc


def _make_words(
    base: duckdb.DuckDBPyConnection, name: str, words: tuple[str, ...]
) -> None:
    """Let a type have these words and no others: a row that has one is an error."""
    base.execute(
        f"CREATE TEMP TABLE {name}s AS SELECT unnest($words::VARCHAR[]) AS word",
        {"words": list(words)},
    )
    base.execute(f"CREATE TYPE {name} AS ENUM (SELECT word FROM {name}s)")  # noqa: S608  its name is ours


def _raw_rows(file: _File, reading: Reading) -> RawRows:
    if reading.metric is Metric.CONNECT:
        _check_least(file)
    if reading.is_imported:
        silent = int(file.ask(silent_sql(reading))["bytes"][0]) == 0
        reading = replace(reading, is_silent=silent)
    groups = file.ask(groups_sql(reading))
    _check_groups(file, groups, reading)
    hours, times = np.unique(groups["hour"].astype(np.int64), return_inverse=True)
    codes, series = np.unique(_codes(file, groups), return_inverse=True)
    by_kernel = _kernel_series(groups, series, len(codes), reading)
    reading = replace(
        reading,
        kernel=reading.metric is Metric.CONNECT and bool(by_kernel.any()),
        program=reading.metric is not Metric.CONNECT or not _all(by_kernel),
    )
    rows = file.ask(rows_sql(reading))
    values, kept, places = _values(rows, codes, by_kernel)
    # Groups of one series and hour that differ in their failure alone are one.
    known, of = np.unique(series * len(hours) + times, return_inverse=True)
    counts = np.zeros((len(known), len(COUNTED)), dtype=np.int64)
    np.add.at(counts, of, _counts(groups, by_kernel[series], reading))
    cells = places * len(hours) + np.searchsorted(hours, rows["hour"][kept])
    return RawRows(
        series=tuple(_name(file.targets, int(code)) for code in codes),
        hours=tuple(hours.tolist()),
        places=np.stack(np.divmod(known, max(len(hours), 1)), axis=1),
        counts=counts,
        groups=np.searchsorted(known, cells),
        rounds=rows["round_index"][kept].astype(np.int64),
        values_ns=values,
    )


def _check_least(file: _File) -> None:
    least = file.ask(LEAST_SQL)
    for name, unit in (("connect_ns", "ns"), ("connect_rtt_us", "us")):
        found = np.ma.filled(least[unit], 0)[0]
        if found < 0:
            raise StoreError(file.source.path, f"{name}: want at least 0, got {found}")


def _check_groups(file: _File, groups: Mapping[str, Any], reading: Reading) -> None:
    if not len(groups["samples"]):
        return
    low, high = groups["replica"].min(), groups["replica"].max()
    if low < 0 or high >= REPLICAS:
        raise StoreError(file.source.path, f"replica: want 0 to {REPLICAS - 1}")
    kinds = {*FailureKind}
    for word in np.ma.filled(groups["failure"], FailureKind.REFUSED.value):
        if word not in kinds:
            problem = f'failure: "{word}" is not one of its words'
            raise StoreError(file.source.path, problem)
    if groups["first_round"].min() < 0:
        raise StoreError(file.source.path, "round_index: want at least 0")
    if reading.metric is Metric.CONNECT:
        most_us = int(np.ma.filled(groups["most_us"], 0).max())
        if most_us > MOST_NS // _NS_PER_US:
            wanted = f"want 0 to {MOST_NS // _NS_PER_US}"
            raise StoreError(file.source.path, f"a phase took {most_us} us, {wanted}")
    if reading.has_times:
        first, last = groups["least_ns"].min(), groups["most_ns"].max()
        if first < 0 or last >= _MOST_WALL_NS:
            raise StoreError(file.source.path, "a send is of no year from 1970 to 2261")


def _codes(file: _File, groups: Mapping[str, Any]) -> Integers:
    """The series of each group, as `rows_sql` numbers them."""
    targets = {word: at for at, word in enumerate(file.targets)}
    families = {family.value: at for at, family in enumerate(Family)}
    for name, words in (("target_id", targets), ("family", families)):
        for word in groups[name]:
            if word not in words:
                problem = f'{name}: "{word}" is not one of its words'
                raise StoreError(file.source.path, problem)
    found = zip(groups["target_id"], groups["family"], groups["replica"], strict=True)
    return np.array(
        [
            (targets[target] * len(families) + families[family]) * REPLICAS + replica
            for target, family, replica in found
        ],
        dtype=np.int64,
    )


def _kernel_series(
    groups: Mapping[str, Any], series: Integers, many: int, reading: Reading
) -> Any:
    """Of which series the values are the kernel's: where it gave one at all."""
    if reading.metric is not Metric.CONNECT:
        return np.zeros(many, dtype=np.bool_)
    return np.bincount(series, weights=groups["by_kernel"], minlength=many) > 0


def _all(flags: Any) -> bool:
    return bool(len(flags) and flags.all())


def _values(
    rows: Mapping[str, Any], codes: Integers, by_kernel: Any
) -> tuple[Integers, Any, Integers]:
    """Values, which rows have one, and of which series those are."""
    places = np.searchsorted(codes, rows["series"].astype(np.int64))
    kernel_us, longer = rows["kernel_us"], rows["longer"].astype(np.bool_)
    values = rows["program_ns"]
    kept: Any = slice(None)
    if _all(by_kernel):
        values = kernel_us * _NS_PER_US
    elif by_kernel.any():
        chosen = by_kernel[places]
        values = np.where(chosen, kernel_us * _NS_PER_US, values)
        kept = longer | ~np.where(chosen, kernel_us < 0, rows["program_ns"] < 0)
    values = np.where(longer, LONGER, values).astype(np.int64)
    return values[kept], kept, places[kept]


def _counts(groups: Mapping[str, Any], by_kernel: Any, reading: Reading) -> Integers:
    program, kernel = groups["by_program"], groups["by_kernel"]
    if reading.metric is Metric.CONNECT:
        known = np.where(by_kernel, kernel, program)
        kernel = np.where(by_kernel, kernel, 0)
    else:
        known = program
    failed = np.where(np.ma.getmaskarray(groups["failure"]), 0, groups["samples"])
    counts = (groups["visits"], groups["samples"], failed, groups["resent"])
    return np.stack([*counts, known, kernel], axis=1).astype(np.int64)


def _name(targets: tuple[str, ...], code: int) -> tuple[str, str, int]:
    rest, replica = divmod(code, REPLICAS)
    target, family = divmod(rest, len(Family))
    return targets[target], tuple(Family)[family].value, replica


def _path(source: Source) -> str:
    return str(Path(source.path).resolve())


def _first_line(error: duckdb.Error) -> str:
    return str(error).splitlines()[0]
