"""What a journal's tables are: who writes one and who reads one agree on it here."""

import zlib
from dataclasses import dataclass

from cloudgauge.model.plan import Plan
from cloudgauge.model.target import Family, Target
from cloudgauge.store.schema import BINS, SAMPLES, Layout

# "CGjl": tells the file from any other SQLite database.
APPLICATION_ID = 0x43476A6C

JournalRow = tuple[int, int, int, str, int]
SeriesKey = tuple[str, int, Family, int | None]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class JournalTable:
    """One of the journal's tables of records.

    Attributes:
        layout: The columns that a record holds, but for ``run_id``.
        since: The schema version that brought it.
        counted_as: The header's key for how many records the run wrote.
        sql: What makes it.
        insert: What adds a `JournalRow`.
        select: Every row, in the order of writing.
        select_sorted: Records of the first so many rows, in the order of the
            sealed file.
    """

    layout: Layout
    since: int
    counted_as: str
    sql: str
    insert: str
    select: str
    select_sorted: str


SAMPLE_TABLE = JournalTable(
    layout=SAMPLES,
    since=1,
    counted_as="count",
    sql=(
        "CREATE TABLE sample (series INTEGER NOT NULL, seq INTEGER NOT NULL, "
        "exchange INTEGER NOT NULL, record TEXT NOT NULL, crc INTEGER NOT NULL, "
        "UNIQUE (seq, exchange))"
    ),
    insert="INSERT INTO sample VALUES (?, ?, ?, ?, ?)",
    select="SELECT rowid, series, seq, exchange, record, crc FROM sample "
    "ORDER BY rowid",
    # By their number and in the order of the first pass, not by rowid: a garbled
    # page may hold anything after what was found to be sound.
    select_sorted="SELECT record FROM (SELECT * FROM sample NOT INDEXED "
    "ORDER BY rowid LIMIT ?) ORDER BY series, seq, exchange",
)
BIN_TABLE = JournalTable(
    layout=BINS,
    since=2,
    counted_as="bins",
    sql=(
        "CREATE TABLE bin (series INTEGER NOT NULL, seq INTEGER NOT NULL, "
        "bin INTEGER NOT NULL, record TEXT NOT NULL, crc INTEGER NOT NULL, "
        "UNIQUE (seq, bin))"
    ),
    insert="INSERT INTO bin VALUES (?, ?, ?, ?, ?)",
    select="SELECT rowid, series, seq, bin, record, crc FROM bin ORDER BY rowid",
    select_sorted="SELECT record FROM (SELECT * FROM bin NOT INDEXED "
    "ORDER BY rowid LIMIT ?) ORDER BY series, seq, bin",
)
TABLES = (SAMPLE_TABLE, BIN_TABLE)
_HEADER_SQL = (
    "CREATE TABLE header (key TEXT PRIMARY KEY, value TEXT NOT NULL, "
    "crc INTEGER NOT NULL)"
)


def schema_sql(version: int) -> tuple[str, ...]:
    """The statements that make a journal of schema version *version*."""
    return (_HEADER_SQL, *(t.sql for t in TABLES if t.since <= version))


def record_crc(series: int, seq: int, place: int, record: str) -> int:
    """The check value of a row: of a sample its exchange, of a bin its index."""
    return zlib.crc32(f"{series},{seq},{place},{record}".encode())


def header_crc(key: str, value: str) -> int:
    """The check value of a header's row."""
    return zlib.crc32(f"{key},{value}".encode())


def series_order(plan: Plan) -> dict[SeriesKey, int]:
    """The place of each series in the sealed files.

    Latency before downloads; then provider, region, service, by the words
    themselves, not by target id, in which ``/`` and ``:`` would sort among the
    letters; then replica, IP version and streams.
    """
    keys: list[SeriesKey] = [
        (target.target_id, replica, family, None)
        for target in sorted(plan.targets, key=_place)
        for replica in ((0, 1) if target.target_id in plan.controls else (0,))
        for family in sorted(plan.probe.families)
    ]
    if plan.download is not None:
        keys += [
            (target.target_id, 0, family, streams)
            for target in sorted(plan.objects, key=_place)
            for family in sorted(plan.download.families)
            for streams in sorted(plan.download.streams)
        ]
    return {key: index for index, key in enumerate(keys)}


def _place(target: Target) -> tuple[str, str, str]:
    return (target.region.provider, target.region.code, target.endpoint.service)
