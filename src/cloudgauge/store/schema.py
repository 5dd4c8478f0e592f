"""The columns of a sample, in the one order that journal and Parquet files share.

This table is the specification: FORMAT.md shows it and a test holds the two
together. A column is never removed or given another meaning; a new one is added
with the version that brought it, and is absent in older sets.
"""

from dataclasses import dataclass
from enum import StrEnum

from cloudgauge.model.run import RunInfo
from cloudgauge.model.sample import KernelView, Sample

SCHEMA_VERSION = 1
# A line for people; what a server sends does not decide how large a set gets.
DETAIL_LIMIT_CHARS = 300

Cell = int | str | bool | None
Row = tuple[Cell, ...]


class Kind(StrEnum):
    """The type of a column's values."""

    INT32 = "int32"
    INT64 = "int64"
    BOOL = "bool"
    STRING = "string"


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleColumn:
    """One column of the table of samples.

    Attributes:
        name: As in the files.
        kind: Type of its values.
        nullable: Whether a value may be absent.
        unit: Such as ``ns``; "" where there is none.
        since: The schema version that brought it.
        meaning: One or two sentences, with the condition of absence.
    """

    name: str
    kind: Kind
    nullable: bool
    unit: str
    since: int
    meaning: str


def _column(name: str, kind: Kind, unit: str, meaning: str) -> SampleColumn:
    return SampleColumn(
        name=name, kind=kind, nullable=False, unit=unit, since=1, meaning=meaning
    )


def _optional(name: str, kind: Kind, unit: str, meaning: str) -> SampleColumn:
    return SampleColumn(
        name=name, kind=kind, nullable=True, unit=unit, since=1, meaning=meaning
    )


COLUMNS: tuple[SampleColumn, ...] = (
    _column("run_id", Kind.STRING, "", "The run, as in the manifest."),
    _column("target_id", Kind.STRING, "", "The target, as in targets.json."),
    _column("replica", Kind.INT32, "", "1 for the second series of an A/A control."),
    _column("family", Kind.STRING, "", "IP version of the series: ipv4 or ipv6."),
    _column("kind", Kind.STRING, "", "How the target was probed: latency."),
    _column("seq", Kind.INT64, "", "The visit: position of its slot in the plan."),
    _column("round_index", Kind.INT32, "", "The round, from 0."),
    _column("exchange", Kind.INT32, "", "0 for the cold request, then 1, 2, …"),
    _column("due_ns", Kind.INT64, "ns", "When the visit was due, after the start."),
    _column(
        "sent_ns",
        Kind.INT64,
        "ns",
        "When the visit (exchange 0) or the request (later ones) began, after the "
        "start, by the monotonic clock. On exchange 0, sent_ns - due_ns is the "
        "lateness.",
    ),
    _column(
        "wall_offset_ns",
        Kind.INT64,
        "ns",
        "By how much the wall clock was ahead, at that instant, of the run's start "
        "plus sent_ns. It drifts, and it may step.",
    ),
    _optional(
        "resolve_ns",
        Kind.INT64,
        "ns",
        "From the question to the resolver until its answer; exchange 0 only.",
    ),
    _optional(
        "connect_ns",
        Kind.INT64,
        "ns",
        "From the SYN until the connection stood, by the program's clock; "
        "exchange 0 only.",
    ),
    _optional(
        "tls_ns",
        Kind.INT64,
        "ns",
        "From the first handshake byte sent until the handshake ended; "
        "exchange 0 only.",
    ),
    _optional(
        "first_byte_ns",
        Kind.INT64,
        "ns",
        "From the request's send until the answer's first byte; the clock column "
        "says whose time that is.",
    ),
    _optional(
        "body_ns",
        Kind.INT64,
        "ns",
        "From the answer's first byte until its last.",
    ),
    _optional(
        "connect_rtt_us",
        Kind.INT64,
        "us",
        "Round trip of the SYN by the kernel (tcpi_rtt right after connect); "
        "exchange 0 only.",
    ),
    _optional("rtt_us", Kind.INT64, "us", "Smoothed round trip after the exchange."),
    _optional("rttvar_us", Kind.INT64, "us", "Mean deviation of that round trip."),
    _optional(
        "min_rtt_us", Kind.INT64, "us", "Least round trip of the connection so far."
    ),
    _optional(
        "syn_retransmits",
        Kind.INT32,
        "",
        "Segments sent again before the connection stood; above 0 the connect "
        "phase holds a wait that is not the path's.",
    ),
    _optional(
        "retransmits", Kind.INT32, "", "Segments sent again on the connection so far."
    ),
    _optional("remote_address", Kind.STRING, "", "The address connected to."),
    _optional("local_port", Kind.INT32, "", "Our port."),
    _optional("tls_version", Kind.STRING, "", "Such as TLSv1.3."),
    _optional("http_version", Kind.STRING, "", "Such as HTTP/1.1."),
    _optional("status", Kind.INT32, "", "HTTP status; absent without an answer."),
    _optional("body_bytes", Kind.INT64, "B", "Bytes of the body that were read."),
    _optional(
        "clock",
        Kind.STRING,
        "",
        "Whose time ended the first-byte phase: kernel, kernel-bound (an upper "
        "bound) or user; absent if it did not end.",
    ),
    _column(
        "wall_stepped",
        Kind.BOOL,
        "",
        "The wall clock moved against the monotonic one during the exchange.",
    ),
    _column(
        "loop_lag_ns",
        Kind.INT64,
        "ns",
        "The event loop's own delay, last measured before the visit.",
    ),
    _optional(
        "failure", Kind.STRING, "", "Why there is no good answer; absent if there is."
    ),
    _optional(
        "failure_detail",
        Kind.STRING,
        "",
        f"One line for people, at most {DETAIL_LIMIT_CHARS} characters.",
    ),
)
NAMES = tuple(column.name for column in COLUMNS)
RUN_ID, TARGET_ID = NAMES[:2]
# Not in the files: the send by the wall clock, UTC since 1970-01-01.
WALL = "wall_ns"


def row_of(sample: Sample, run: RunInfo) -> Row:
    """A sample's values in the order of `COLUMNS`."""
    slot, timings, path = sample.slot, sample.timings, sample.connection
    return (
        run.run_id,
        slot.target_id,
        slot.replica,
        slot.family.value,
        slot.kind.value,
        slot.seq,
        slot.round_index,
        sample.exchange,
        slot.due_ns,
        sample.sent_ns,
        # The same clock twice would be the dearest column of all: what is kept is
        # where the two clocks differ.
        sample.wall_ns - run.started_wall_ns - sample.sent_ns,
        timings.resolve_ns,
        timings.connect_ns,
        timings.tls_ns,
        timings.first_byte_ns,
        timings.body_ns,
        *_kernel_cells(sample.kernel),
        path.remote_address,
        path.local_port,
        path.tls_version,
        path.http_version,
        sample.status,
        sample.body_bytes,
        None if sample.clock is None else sample.clock.value,
        sample.wall_stepped,
        sample.loop_lag_ns,
        None if sample.failure is None else sample.failure.value,
        _detail_cell(sample.failure_detail),
    )


def _kernel_cells(kernel: KernelView | None) -> Row:
    if kernel is None:
        return (None,) * 6
    return (
        kernel.connect_rtt_us,
        kernel.rtt_us,
        kernel.rttvar_us,
        kernel.min_rtt_us,
        kernel.syn_retransmits,
        kernel.retransmits,
    )


def _detail_cell(detail: str) -> str | None:
    if not detail:
        return None
    # The operating system's messages may hold bytes that are no text.
    text = detail.encode("utf-8", "replace").decode("utf-8")
    return text[:DETAIL_LIMIT_CHARS]
