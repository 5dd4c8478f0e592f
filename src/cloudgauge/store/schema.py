"""The columns of samples and of bins, in the order that journal and files share.

These tables are the specification: FORMAT.md shows them and a test holds the two
together. A column is never removed or given another meaning; a new one is added at
the end, with the version that brought it, and is absent in older sets.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

SCHEMA_VERSION = 2
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
class StoredColumn:
    """One column of a table.

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
    meaning: str
    since: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The columns of one kind of row.

    Attributes:
        noun: What a row is, in messages.
        columns: In their order; those of older versions before those of newer ones.
    """

    noun: str
    columns: tuple[StoredColumn, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names."""
        return tuple(column.name for column in self.columns)

    def since(self, version: int) -> tuple[StoredColumn, ...]:
        """The columns that rows of schema version *version* have."""
        return tuple(column for column in self.columns if column.since <= version)


def _column(name: str, kind: Kind, unit: str, meaning: str) -> StoredColumn:
    return StoredColumn(
        name=name, kind=kind, nullable=False, unit=unit, meaning=meaning
    )


def _optional(
    name: str, kind: Kind, unit: str, meaning: str, since: int = 1
) -> StoredColumn:
    return replace(_column(name, kind, unit, meaning), nullable=True, since=since)


COLUMNS: tuple[StoredColumn, ...] = (
    _column("run_id", Kind.STRING, "", "The run, as in the manifest."),
    _column("target_id", Kind.STRING, "", "The target, as in targets.json."),
    _column("replica", Kind.INT32, "", "1 for the second series of an A/A control."),
    _column("family", Kind.STRING, "", "IP version of the series: ipv4 or ipv6."),
    _column("kind", Kind.STRING, "", "How the target was probed: latency or download."),
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
    _optional(
        "streams",
        Kind.INT32,
        "",
        "Connections of the transfer; absent for a visit of latency.",
        since=2,
    ),
    _optional(
        "part",
        Kind.STRING,
        "",
        "What of a download it is: transfer (all of it), idle or loaded (a small "
        "request before or during it); absent for a visit of latency.",
        since=2,
    ),
)
SAMPLES = Layout(noun="sample", columns=COLUMNS)
NAMES = SAMPLES.names
RUN_ID, TARGET_ID = NAMES[:2]
# Not in the files: the send by the wall clock, UTC since 1970-01-01.
WALL = "wall_ns"

BIN_COLUMNS: tuple[StoredColumn, ...] = tuple(
    replace(column, since=2)
    for column in (
        _column("run_id", Kind.STRING, "", "The run, as in the manifest."),
        _column("target_id", Kind.STRING, "", "The object, as in targets.json."),
        _column("family", Kind.STRING, "", "IP version of the series: ipv4 or ipv6."),
        _column("streams", Kind.INT32, "", "Connections of the transfer."),
        _column("seq", Kind.INT64, "", "The transfer: `seq` of its samples."),
        _column("round_index", Kind.INT32, "", "The round, from 0."),
        _column("bin", Kind.INT32, "", "Place in the transfer, from 0, no gaps."),
        _column(
            "began_ns",
            Kind.INT64,
            "ns",
            "When it began, after the start, by the monotonic clock. The first begins "
            "with the first byte of the first answer, each later one where the one "
            "before ended.",
        ),
        _column("length_ns", Kind.INT64, "ns", "Until its end, above 0."),
        _column(
            "body_bytes",
            Kind.INT64,
            "B",
            "Bytes of answers' bodies that were read, all streams together.",
        ),
        _optional(
            "wire_bytes",
            Kind.INT64,
            "B",
            "Bytes that TCP delivered to us (tcpi_bytes_received), all streams "
            "together; TLS and HTTP heads are in them.",
        ),
        _column("requests", Kind.INT32, "", "Answers that began."),
        _optional(
            "rtt_us",
            Kind.INT64,
            "us",
            "Smoothed round trip (tcpi_rtt) at the end; median of the streams.",
        ),
        _optional(
            "receive_rtt_us",
            Kind.INT64,
            "us",
            "The receiver's own estimate of it (tcpi_rcv_rtt); median of the streams.",
        ),
        _optional(
            "receive_space_bytes",
            Kind.INT64,
            "B",
            "What the receiver makes room for (tcpi_rcv_space), all streams together.",
        ),
        _optional(
            "window_bytes",
            Kind.INT64,
            "B",
            "Receive window that was advertised (tcpi_rcv_wnd), all streams together.",
        ),
        _optional(
            "unread_bytes",
            Kind.INT64,
            "B",
            "Waiting in the sockets when its last read began, all streams together.",
        ),
        _column("drain_ns", Kind.INT64, "ns", "What our own reading took of it."),
        _column("cpu_ns", Kind.INT64, "ns", "Processor time of the thread that reads."),
        _column("object_bytes", Kind.INT64, "B", "The object's Content-Length."),
        _optional(
            "ending",
            Kind.STRING,
            "",
            "Why the transfer ended; on its last bin only.",
        ),
    )
)
BINS = Layout(noun="bin", columns=BIN_COLUMNS)
BIN_NAMES = BINS.names
