"""What really happened on the private network, exchange by exchange.

The servers' log says at which byte of a stream a request ends and its answer
begins; the delay line's log says when the packet with that byte came and went.
So a session ticket, a retransmission or a late reader is never taken for the
answer, and the truth includes the line's lateness, the jitter that was drawn and
the server's own time.
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from operator import attrgetter
from pathlib import Path

from cloudgauge.world.description import Means, read_world
from cloudgauge.world.packet import ACK, SYN, TCP
from cloudgauge.world.packet_log import (
    EXCHANGES_NAME,
    PACKETS_NAME,
    Direction,
    ExchangeKind,
    ExchangeRecord,
    Fate,
    PacketRecord,
    read_exchanges,
    read_packets,
)
from cloudgauge.world.site import address_of, loopback_of

_STREAM_MASK = 0xFFFFFFFF


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeTruth:
    """What one exchange of a connection really took; None where it did not happen.

    Each duration begins when the line read the packet that the prober sent and
    ends when it wrote the packet that the prober waited for: an honest prober
    measures a little more, never less.

    Attributes:
        remote_address: The address that was dialled.
        local_port: The prober's port.
        exchange: 0 for the first request on the connection, and so on.
        began_wall_ns: When the first SYN (exchange 0) or the request came.
        connect_ns: First SYN to SYN-ACK, exchange 0 only.
        syn_rtt_ns: The same from the SYN that was answered: what the kernel calls
            the round trip of the connect. Equal where no SYN was lost.
        tls_ns: First handshake byte to the server's last flight, exchange 0 only.
        first_byte_ns: Request's end to the answer's first byte.
    """

    remote_address: str
    local_port: int
    exchange: int
    began_wall_ns: int
    connect_ns: int | None = None
    syn_rtt_ns: int | None = None
    tls_ns: int | None = None
    first_byte_ns: int | None = None


class TruthTable:
    """All exchanges of a world, found by path, number and time."""

    def __init__(self, exchanges: Iterable[ExchangeTruth]) -> None:
        self.exchanges = tuple(exchanges)
        self._by_path: dict[tuple[str, int, int], list[ExchangeTruth]] = {}
        for truth in self.exchanges:
            key = (truth.remote_address, truth.local_port, truth.exchange)
            self._by_path.setdefault(key, []).append(truth)

    def find(
        self, remote_address: str, local_port: int, exchange: int, wall_ns: int
    ) -> ExchangeTruth | None:
        """The truth of an exchange that the prober began at *wall_ns*.

        A port is used again after minutes at the earliest, so the nearest in
        time is the right one.
        """
        found = self._by_path.get((remote_address, local_port, exchange), ())
        return min(
            found, key=lambda truth: abs(truth.began_wall_ns - wall_ns), default=None
        )


def read_truth(folder: Path) -> TruthTable:
    """Read the logs that a world left.

    Raises:
        WorldError: They are missing, are no such logs, or were cut off.
    """
    exchanges = list(read_exchanges(folder / EXCHANGES_NAME))
    if read_world(folder).means is Means.LOOPBACK:
        return TruthTable(_loopback_truth(exchanges))
    return TruthTable(truth_of(read_packets(folder / PACKETS_NAME), exchanges))


def line_lateness_ns(folder: Path) -> list[int]:
    """How much later than due each packet left the line, in ascending order.

    Raises:
        WorldError: The log is missing, is no such log, or was cut off.
    """
    packets = read_packets(folder / PACKETS_NAME)
    return sorted(packet.out_ns - packet.due_ns for packet in packets if packet.out_ns)


def truth_of(
    packets: Iterable[PacketRecord], exchanges: Iterable[ExchangeRecord]
) -> list[ExchangeTruth]:
    """Join the two logs: a value for each exchange and each vain connection."""
    paths = _connections(packets)
    for record in exchanges:
        tried = paths.get((record.remote_id, record.client_port), [])
        # The last connection on this path that began before the request came.
        at = bisect_right(tried, record.received_ns, key=attrgetter("began_ns")) - 1
        if at >= 0:
            tried[at].exchanges.append(record)
    return [
        truth
        for tried in paths.values()
        for connection in tried
        for truth in _truths(connection)
    ]


@dataclass(slots=True, kw_only=True)
class _Connection:
    """The packets of one connection, by direction."""

    remote_id: int
    client_port: int
    client_isn: int
    began_ns: int
    server_isn: int | None = None
    syns: list[PacketRecord] = field(default_factory=list)
    syn_acks: list[PacketRecord] = field(default_factory=list)
    # First and last byte (exclusive) in the stream, and when.
    there: list[tuple[int, int, int]] = field(default_factory=list)
    back: list[tuple[int, int, int]] = field(default_factory=list)
    exchanges: list[ExchangeRecord] = field(default_factory=list)


def _connections(
    packets: Iterable[PacketRecord],
) -> dict[tuple[int, int], list[_Connection]]:
    paths: dict[tuple[int, int], list[_Connection]] = {}
    for packet in packets:
        if packet.protocol != TCP or packet.fate == Fate.NO_SUCH_SITE:
            continue
        key = (packet.remote_id, packet.client_port)
        if packet.flags & (SYN | ACK) == SYN:
            tried = paths.setdefault(key, [])
            if not tried or tried[-1].client_isn != packet.seq:
                tried.append(_connection(packet))
            tried[-1].began_ns = min(tried[-1].began_ns, packet.in_ns)
            tried[-1].syns.append(packet)
        elif key in paths:
            _add(paths[key][-1], packet)
    return paths


def _connection(syn: PacketRecord) -> _Connection:
    return _Connection(
        remote_id=syn.remote_id,
        client_port=syn.client_port,
        client_isn=syn.seq,
        began_ns=syn.in_ns,
    )


def _add(connection: _Connection, packet: PacketRecord) -> None:
    if packet.direction == Direction.TO_SITE:
        if packet.payload_bytes:
            start = (packet.seq - connection.client_isn - 1) & _STREAM_MASK
            end = start + packet.payload_bytes
            connection.there.append((start, end, packet.in_ns))
    elif packet.flags & SYN:
        connection.server_isn = packet.seq
        connection.syn_acks.append(packet)
    elif packet.payload_bytes and packet.out_ns and connection.server_isn is not None:
        start = (packet.seq - connection.server_isn - 1) & _STREAM_MASK
        connection.back.append((start, start + packet.payload_bytes, packet.out_ns))


def _truths(connection: _Connection) -> Iterable[ExchangeTruth]:
    address = address_of(connection.remote_id)
    tls_ns = None
    requests = []
    for record in connection.exchanges:
        if record.kind == ExchangeKind.HANDSHAKE:
            tls_ns = _tls_ns(connection, record)
        else:
            requests.append(record)
    connect_ns, syn_rtt_ns = _connect_ns(connection)
    yield ExchangeTruth(
        remote_address=address,
        local_port=connection.client_port,
        exchange=0,
        began_wall_ns=connection.began_ns,
        connect_ns=connect_ns,
        syn_rtt_ns=syn_rtt_ns,
        tls_ns=tls_ns,
        first_byte_ns=_first_byte_ns(connection, requests[0]) if requests else None,
    )
    for record in requests[1:]:
        yield ExchangeTruth(
            remote_address=address,
            local_port=connection.client_port,
            exchange=record.exchange,
            began_wall_ns=_request_ns(connection, record) or record.received_ns,
            first_byte_ns=_first_byte_ns(connection, record),
        )


def _connect_ns(connection: _Connection) -> tuple[int | None, int | None]:
    delivered = [packet for packet in connection.syn_acks if packet.out_ns]
    if not delivered:
        return None, None
    answer = min(delivered, key=attrgetter("out_ns"))
    # A SYN that reached the server after the answer had left is not its cause.
    causes = [
        packet.in_ns
        for packet in connection.syns
        if packet.fate == Fate.DELIVERED and packet.out_ns <= answer.in_ns
    ]
    syn_rtt_ns = answer.out_ns - max(causes) if causes else None
    return answer.out_ns - connection.began_ns, syn_rtt_ns


def _tls_ns(connection: _Connection, record: ExchangeRecord) -> int | None:
    hello = [in_ns for start, _, in_ns in connection.there if start == 0]
    # The handshake ends when the last of the flight's bytes has come, so it is
    # the latest of the earliest copies.
    earliest: dict[int, int] = {}
    for start, _, out_ns in connection.back:
        if start < record.sent_bytes:
            earliest[start] = min(out_ns, earliest.get(start, out_ns))
    if not hello or not earliest:
        return None
    return max(earliest.values()) - min(hello)


def _request_ns(connection: _Connection, record: ExchangeRecord) -> int | None:
    ends = [
        in_ns
        for start, end, in_ns in connection.there
        if start < record.received_bytes <= end
    ]
    return min(ends, default=None)


def _first_byte_ns(connection: _Connection, record: ExchangeRecord) -> int | None:
    asked_ns = _request_ns(connection, record)
    answers = [
        out_ns
        for start, end, out_ns in connection.back
        if start <= record.sent_bytes < end
    ]
    if asked_ns is None or not answers:
        return None
    return min(answers) - asked_ns


def _loopback_truth(exchanges: Iterable[ExchangeRecord]) -> Iterable[ExchangeTruth]:
    """Only what the servers held back: nothing else has a delay to know."""
    for record in exchanges:
        if record.kind == ExchangeKind.REQUEST:
            yield ExchangeTruth(
                remote_address=loopback_of(record.remote_id),
                local_port=record.client_port,
                exchange=record.exchange,
                began_wall_ns=record.received_ns,
                first_byte_ns=record.written_ns - record.received_ns,
            )
