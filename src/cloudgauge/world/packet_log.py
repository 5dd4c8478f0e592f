"""The two logs that truth is made of: packets on the line, exchanges at the servers.

Each is a file of fixed records after a head that names the format, little-endian,
written in batches. A log that has grown to its bound stops and says so in its last
record, so that truth that is missing is never taken for truth that is nothing.
"""

import os
import struct
from collections.abc import Iterator
from enum import IntEnum
from pathlib import Path
from typing import NamedTuple

from cloudgauge.errors import WorldError

PACKETS_NAME = "packets.bin"
EXCHANGES_NAME = "exchanges.bin"
_HEAD = struct.Struct("<8sHHI")
_TIMES = struct.Struct("<QQQ")
_TAIL = struct.Struct("<IIIHHBBBB")
PACKET_STRUCT = struct.Struct("<QQQIIIHHBBBB")
# The fields of a `PacketRecord` from `remote_id` on.
pack_tail = _TAIL.pack
# Where in it the fate is.
_FATE_AT = 18
EXCHANGE_STRUCT = struct.Struct("<QQIIIHHBBH")
# 40 million packets, some hours at a thousand exchanges a second.
LOG_LIMIT_BYTES = 1_760_000_000
# Some 50 microseconds to write: nobody is held up by them.
_BATCH_RECORDS = 1024


class Direction(IntEnum):
    """Which way a packet went."""

    TO_SITE = 0
    TO_CLIENT = 1


class Fate(IntEnum):
    """What became of a packet.

    Attributes:
        DELIVERED: It was written after its delay.
        LOST: Chance took it, as the scenario asks.
        QUEUE_FULL: It would have waited too long for the link's bandwidth.
        SYN_DROPPED: A SYN that the scenario has lost before one passes.
        BLACKHOLED: Its site takes everything and answers nothing.
        REFUSED: In its place the refusal of its SYN was written.
        NO_SUCH_SITE: It was sent to an address of nobody; its remote id is 0.
        LINE_FULL: The line held as many packets as it can.
        UNWRITTEN: The device did not take it when it was due.
        LOG_FULL: No packet: the log ends here.
    """

    DELIVERED = 0
    LOST = 1
    QUEUE_FULL = 2
    SYN_DROPPED = 3
    BLACKHOLED = 4
    REFUSED = 5
    NO_SUCH_SITE = 6
    LINE_FULL = 7
    UNWRITTEN = 8
    LOG_FULL = 255


class PacketRecord(NamedTuple):
    """One packet on the delay line.

    Attributes:
        in_ns: Wall clock when the line read it.
        due_ns: Wall clock when it should leave.
        out_ns: Wall clock directly before it was written; 0 if it was dropped.
        remote_id: Which address of which site, see `site.remote_id_of`.
        client_port: The prober's port.
        payload_bytes: Beyond the TCP or UDP header.
    """

    in_ns: int
    due_ns: int
    out_ns: int
    remote_id: int
    seq: int
    ack: int
    client_port: int
    payload_bytes: int
    flags: int
    direction: int
    fate: int
    protocol: int


class ExchangeKind(IntEnum):
    """What an exchange record speaks of."""

    HANDSHAKE = 0
    REQUEST = 1
    LOG_FULL = 255


class ExchangeRecord(NamedTuple):
    """One exchange as the server saw it, in bytes of the two TCP streams.

    Attributes:
        received_ns: Wall clock when the request was read whole.
        written_ns: Wall clock directly before the answer's first write.
        remote_id: Which address of which site.
        received_bytes: Of the client's stream, up to the request's end.
        sent_bytes: Of the server's stream, before the answer's first byte; for a
            handshake, up to the end of the server's last flight.
        client_port: The prober's port.
        exchange: 0 for the first request on the connection, and so on.
        kind: Handshake or request.
        fault: 1 if the site misbehaved in this exchange.
    """

    received_ns: int
    written_ns: int
    remote_id: int
    received_bytes: int
    sent_bytes: int
    client_port: int
    exchange: int
    kind: int
    fault: int
    spare: int = 0


class LogWriter:
    """Gathers records in memory and writes them in batches."""

    def __init__(
        self,
        path: Path,
        record: struct.Struct,
        full: bytes,
        *,
        limit_bytes: int = LOG_LIMIT_BYTES,
    ) -> None:
        """Begin a file that must not exist.

        Args:
            path: The file.
            record: What it is made of.
            full: The record that says that the bound was reached.
            limit_bytes: The bound.
        """
        self._full = full
        self._left = (limit_bytes - _HEAD.size) // record.size
        self._batch: list[bytes] = []
        self._fd = os.open(
            path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644
        )
        os.write(self._fd, _head(record))

    def add(self, record: bytes) -> None:
        """Take one packed record."""
        self._batch.append(record)

    @property
    def is_due(self) -> bool:
        """Whether so much is gathered that writing it all later would take long."""
        return len(self._batch) >= _BATCH_RECORDS

    def flush(self) -> None:
        """Write what has been gathered."""
        batch, self._batch = self._batch[: self._left], []
        self._left -= len(batch)
        if batch and self._left == 0:
            batch[-1] = self._full
        data = memoryview(b"".join(batch))
        while data:
            data = data[os.write(self._fd, data) :]

    def close(self) -> None:
        """Write the rest and close the file."""
        self.flush()
        os.close(self._fd)


def tail_with(tail: bytes, fate: Fate) -> bytes:
    """What `pack_tail` gave, with another fate."""
    return tail[:_FATE_AT] + bytes((fate,)) + tail[_FATE_AT + 1 :]


class PacketLog(LogWriter):
    """The delay line's log.

    A record comes in two parts: what is known when a packet comes, packed then by
    `pack_tail`, and the three times, when it leaves.
    """

    def __init__(self, path: Path) -> None:
        full = PacketRecord(*[0] * 12)._replace(fate=Fate.LOG_FULL)
        super().__init__(path, PACKET_STRUCT, PACKET_STRUCT.pack(*full))

    def append(self, in_ns: int, due_ns: int, out_ns: int, tail: bytes) -> None:
        """Take one packet: its times, by the wall clock, and the rest."""
        self.add(_TIMES.pack(in_ns, due_ns, out_ns) + tail)


class ExchangeLog(LogWriter):
    """The servers' log."""

    def __init__(self, path: Path) -> None:
        full = ExchangeRecord(*[0] * 10)._replace(kind=ExchangeKind.LOG_FULL)
        super().__init__(path, EXCHANGE_STRUCT, EXCHANGE_STRUCT.pack(*full))

    def append(self, record: ExchangeRecord) -> None:
        """Take one exchange."""
        self.add(EXCHANGE_STRUCT.pack(*record))


def read_packets(path: Path) -> Iterator[PacketRecord]:
    """Read a delay line's log, oldest departure or drop first.

    Raises:
        WorldError: It is no such log, or was cut off at its bound.
    """
    for row in _rows(path, PACKET_STRUCT):
        record = PacketRecord(*row)
        if record.fate == Fate.LOG_FULL:
            msg = f"{path}: the log was full; the truth of later packets is missing"
            raise WorldError(msg)
        yield record


def read_exchanges(path: Path) -> Iterator[ExchangeRecord]:
    """Read the servers' log, oldest first.

    Raises:
        WorldError: It is no such log, or was cut off at its bound.
    """
    for row in _rows(path, EXCHANGE_STRUCT):
        record = ExchangeRecord(*row)
        if record.kind == ExchangeKind.LOG_FULL:
            msg = f"{path}: the log was full; the truth of later exchanges is missing"
            raise WorldError(msg)
        yield record


def _head(record: struct.Struct) -> bytes:
    return _HEAD.pack(b"cgworld\n", 1, record.size, 0)


def _rows(path: Path, record: struct.Struct) -> Iterator[tuple[int, ...]]:
    try:
        with path.open("rb") as file:
            if file.read(_HEAD.size) != _head(record):
                msg = f"{path}: want a log of the private network, version 1"
                raise WorldError(msg)
            # A process that was killed may leave half a record; it is not read.
            while chunk := file.read(record.size * 4096):
                whole = len(chunk) - len(chunk) % record.size
                yield from record.iter_unpack(chunk[:whole])
    except OSError as exc:
        msg = f"{path}: cannot be read: {exc.strerror}"
        raise WorldError(msg) from exc
