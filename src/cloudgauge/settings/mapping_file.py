"""What an import needs to be told of somebody else's file: a mapping, in TOML."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator

from cloudgauge.errors import ConfigError
from cloudgauge.model.sample import FailureKind
from cloudgauge.model.target import Family
from cloudgauge.settings.toml_file import (
    DurationNs,
    Row,
    Word,
    check_table,
    read_toml,
)

NS_PER_UNIT = MappingProxyType({"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1})


class ForeignFormat(StrEnum):
    """How a file is written.

    ``csv``: one measurement a row, columns named in the first. ``matrix``: a row
    a vantage, a column a target. ``ping``: what ``ping -D`` printed.
    ``openmetrics``, ``prometheus``: samples of metrics, one a line; times are
    seconds in the one and milliseconds in the other.
    """

    CSV = "csv"
    MATRIX = "matrix"
    PING = "ping"
    OPENMETRICS = "openmetrics"
    PROMETHEUS = "prometheus"


class Phase(StrEnum):
    """Which phase of ours the values are shown and compared as."""

    CONNECT = "connect"
    FIRST_BYTE = "first-byte"


class Missing(StrEnum):
    """What an empty value or NaN means."""

    REFUSED = "refused"
    FAILURE = "failure"
    ABSENT = "absent"


def _moment(value: object) -> object:
    """A moment in ISO 8601, which TOML has as such and a mapping in Python as text."""
    if not isinstance(value, str):
        return value
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        # What it is not, is said of the text itself.
        return value


class _ColumnsRow(Row):
    time: str | None = None
    target: str | None = None
    value: str | None = None
    success: str | None = None
    round: str | None = None
    vantage: str | None = None


class _TimeRow(Row):
    unit: Literal["iso", "s", "ms", "us", "ns"] = "iso"
    zone: Literal["UTC"] | None = None
    at: Annotated[datetime | None, BeforeValidator(_moment)] = None


class _MappingRow(Row):
    schema_version: Literal[1] = 1
    format: Word[ForeignFormat] = ForeignFormat.CSV
    measured: str
    phase: Word[Phase] = Phase.CONNECT
    unit: Literal["s", "ms", "us", "ns"] | None = None
    family: Word[Family] = Family.IPV4
    vantage: str | None = None
    provider: str | None = None
    missing: Word[Missing] = Missing.REFUSED
    failed_as: Word[FailureKind] | None = None
    timeout: DurationNs | None = None
    columns: _ColumnsRow = _ColumnsRow()
    time: _TimeRow = _TimeRow()
    targets: dict[str, str] = {}  # noqa: RUF012  pydantic copies defaults


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignColumns:
    """Names of columns, or of labels and metrics; None for what is not there.

    Attributes:
        failure: Has the kind of failure in our words, or nothing.
    """

    time: str | None
    target: str
    value: str
    success: str | None
    round: str | None
    vantage: str | None
    failure: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportMapping:
    """How somebody else's measurements are to be read.

    Attributes:
        measured: What the values are, in a few words.
        unit: Of the values; None where each names its own.
        vantage: From where all of it was measured; None where a column says so.
        provider: Whose region codes the targets' names are, unless `targets` says
            otherwise.
        failed_as: The kind of failure that a failed one was; None if none failed.
        timeout_ns: After which one counted as failed; None as above.
        time_unit: ``iso``, or the unit since 1970.
        naive_is_utc: Times that name no zone are UTC.
        all_at: When everything was measured; None where a column says so.
        targets: Region id by the name of a target in the file.
    """

    format: ForeignFormat
    measured: str
    phase: Phase
    unit: str | None
    family: Family
    vantage: str | None
    provider: str | None
    missing: Missing
    failed_as: FailureKind | None
    timeout_ns: int | None
    columns: ForeignColumns
    time_unit: str
    naive_is_utc: bool
    all_at: datetime | None
    targets: Mapping[str, str]


def read_mapping(path: Path) -> ImportMapping:
    """Read a mapping file.

    Raises:
        ConfigError: Naming file and key.
    """
    return _mapping(read_toml(path, _MappingRow), str(path))


def check_mapping(table: Mapping[str, Any]) -> ImportMapping:
    """The same for a mapping written in Python, with the keys of the file.

    Raises:
        ConfigError: Naming the key.
    """
    where = "mapping"
    return _mapping(check_table(table, where=where, row_type=_MappingRow), where)


_OF_METRICS = frozenset({ForeignFormat.OPENMETRICS, ForeignFormat.PROMETHEUS})
_OF_PING = _ColumnsRow(time="time", target="target", value="value", success="success")
_OF_MATRIX = _ColumnsRow(target="target", value="value", vantage="vantage")


def _mapping(row: _MappingRow, where: str) -> ImportMapping:
    columns = row.columns
    fixed = {ForeignFormat.PING: _OF_PING, ForeignFormat.MATRIX: _OF_MATRIX}
    if row.format in fixed:
        if columns != _ColumnsRow():
            problem = f"a file of format {row.format} has columns of its own"
            place = f"{where}: columns"
            raise ConfigError(place, problem)
        columns = fixed[row.format]
    _check(row, columns, where)
    if row.format in _OF_METRICS and row.time.at is None:
        columns = columns.model_copy(update={"time": "time"})
    return ImportMapping(
        format=row.format,
        measured=row.measured,
        phase=row.phase,
        unit=row.unit,
        family=row.family,
        vantage=row.vantage,
        provider=row.provider,
        missing=row.missing,
        failed_as=row.failed_as,
        timeout_ns=row.timeout,
        columns=ForeignColumns(
            time=columns.time,
            target=columns.target or "",
            value=columns.value or "",
            success=columns.success,
            round=columns.round,
            vantage=columns.vantage,
            failure="failure" if row.format is ForeignFormat.PING else None,
        ),
        time_unit=row.time.unit,
        naive_is_utc=row.time.zone is not None,
        all_at=row.time.at,
        targets=MappingProxyType(dict(row.targets)),
    )


def _check(row: _MappingRow, columns: _ColumnsRow, where: str) -> None:
    """Refuse a mapping that leaves open what has to be known, or says it twice."""
    names_time, at = columns.time is not None, row.time.at
    names_vantage = columns.vantage is not None
    of_metrics = row.format in _OF_METRICS
    untimed = not names_time and not of_metrics and at is None
    wrong = {
        ("columns.target", "is missing"): not columns.target,
        ("columns.value", "is missing"): not columns.value,
        ("columns.time", "each sample has its own"): of_metrics and names_time,
        ("measured", "say what the values are"): not row.measured.strip(),
        ("time", "name the column of times, or time.at for all"): untimed,
        ("time.at", "a column names the times"): names_time and at is not None,
        ("time.at", "name its zone, such as 2026-01-15T00:00:00Z"): (
            at is not None and at.tzinfo is None
        ),
        ("time.at", "want a time between 1990 and 2100"): (
            at is not None and not 1990 <= at.year < 2100
        ),
        ("vantage", "name it, or the column that does"): (
            row.vantage is None and not names_vantage
        ),
        ("vantage", "a column names the vantages"): (
            row.vantage is not None and names_vantage
        ),
        ("failed_as", "goes together with timeout"): (
            (row.failed_as is None) != (row.timeout is None)
        ),
        ("missing", "say failed_as and timeout too"): (
            row.missing is Missing.FAILURE and row.failed_as is None
        ),
    }
    for (key, problem), found in wrong.items():
        if found:
            place = f"{where}: {key}"
            raise ConfigError(place, problem)
