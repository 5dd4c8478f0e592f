"""Two logs joined: which packet began and which ended each phase."""

import pytest

from cloudgauge.world.packet import ACK, PSH, SYN, TCP, UDP
from cloudgauge.world.packet_log import (
    Direction,
    ExchangeKind,
    ExchangeRecord,
    Fate,
    PacketRecord,
)
from cloudgauge.world.site import remote_id_of
from cloudgauge.world.truth import ExchangeTruth, TruthTable, truth_of

_REMOTE = "198.18.1.7"
_PORT = 40_000
_MS = 1_000_000
# Near the end of the number space, so that the streams wrap round.
_CLIENT_ISN, _SERVER_ISN = 2**32 - 100, 2**32 - 1000


def _packet(
    at_ms: float, direction: Direction, flags: int = ACK, **fields: int
) -> PacketRecord:
    """A packet that the line read at *at_ms* and, if it was not lost, held 20 ms."""
    record = PacketRecord(
        in_ns=round(at_ms * _MS),
        due_ns=round((at_ms + 20) * _MS),
        out_ns=round((at_ms + 20) * _MS),
        remote_id=remote_id_of(_REMOTE),
        seq=0,
        ack=0,
        client_port=_PORT,
        payload_bytes=0,
        flags=flags,
        direction=direction,
        fate=Fate.DELIVERED,
        protocol=TCP,
    )
    record = record._replace(**fields)
    return record if record.fate == Fate.DELIVERED else record._replace(out_ns=0)


def _there(at_ms: float, start: int, size: int, **fields: int) -> PacketRecord:
    seq = (_CLIENT_ISN + 1 + start) & 0xFFFFFFFF
    return _packet(
        at_ms, Direction.TO_SITE, ACK | PSH, seq=seq, payload_bytes=size, **fields
    )


def _back(at_ms: float, start: int, size: int, **fields: int) -> PacketRecord:
    seq = (_SERVER_ISN + 1 + start) & 0xFFFFFFFF
    return _packet(
        at_ms, Direction.TO_CLIENT, ACK | PSH, seq=seq, payload_bytes=size, **fields
    )


def _syn(at_ms: float, **fields: int) -> PacketRecord:
    return _packet(at_ms, Direction.TO_SITE, SYN, seq=_CLIENT_ISN, **fields)


def _syn_ack(at_ms: float, **fields: int) -> PacketRecord:
    return _packet(at_ms, Direction.TO_CLIENT, SYN | ACK, seq=_SERVER_ISN, **fields)


def _exchange(
    kind: ExchangeKind, at_ms: float, received: int, sent: int, exchange: int = 0
) -> ExchangeRecord:
    return ExchangeRecord(
        received_ns=round(at_ms * _MS),
        written_ns=round(at_ms * _MS),
        remote_id=remote_id_of(_REMOTE),
        received_bytes=received,
        sent_bytes=sent,
        client_port=_PORT,
        exchange=exchange,
        kind=kind,
        fault=0,
    )


_OPEN = [_syn(0), _syn_ack(20)]
_HANDSHAKE = [
    _there(40, 0, 500),
    _back(61, 0, 1400),
    _back(61.5, 1400, 600),
    _there(82, 500, 80),
]
_HANDSHAKE_RECORD = _exchange(ExchangeKind.HANDSHAKE, 102, 580, 2000)


def test_each_phase_is_from_the_packet_that_began_it_to_the_one_that_ended_it() -> None:
    packets = [
        *_OPEN,
        *_HANDSHAKE,
        _there(82.5, 580, 100),
        _back(103, 2000, 540),  # session tickets, not the answer
        _back(107, 2540, 300),
    ]
    exchanges = [_HANDSHAKE_RECORD, _exchange(ExchangeKind.REQUEST, 103, 680, 2540)]
    assert truth_of(packets, exchanges) == [
        ExchangeTruth(
            remote_address=_REMOTE,
            local_port=_PORT,
            exchange=0,
            began_wall_ns=0,
            connect_ns=40 * _MS,
            syn_rtt_ns=40 * _MS,
            tls_ns=round(41.5 * _MS),
            first_byte_ns=round(44.5 * _MS),
        )
    ]


def test_an_answer_in_one_packet_with_the_tickets_is_found() -> None:
    packets = [*_OPEN, *_HANDSHAKE, _there(82, 580, 100), _back(103, 2000, 900)]
    exchanges = [_exchange(ExchangeKind.REQUEST, 103, 680, 2540)]
    assert truth_of(packets, exchanges)[0].first_byte_ns == 41 * _MS


def test_a_lost_answer_ends_with_its_second_copy_and_begins_with_the_first_try() -> (
    None
):
    packets = [
        *_OPEN,
        _there(40, 0, 100, fate=Fate.LOST),
        _there(300, 0, 100),
        _back(321, 0, 300, fate=Fate.LOST),
        _back(600, 0, 300),
    ]
    exchanges = [_exchange(ExchangeKind.REQUEST, 320, 100, 0)]
    assert truth_of(packets, exchanges)[0].first_byte_ns == 580 * _MS


def test_a_lost_syn_is_in_the_connect_and_not_in_the_kernels_round_trip() -> None:
    packets = [_syn(0, fate=Fate.LOST), _syn(1000), _syn_ack(1021)]
    (truth,) = truth_of(packets, [])
    assert truth.connect_ns == 1041 * _MS
    assert truth.syn_rtt_ns == 41 * _MS


def test_a_lost_syn_ack_counts_from_the_last_syn_that_can_have_caused_it() -> None:
    packets = [
        _syn(0),
        _syn_ack(20, fate=Fate.LOST),
        _syn(1000),
        _syn_ack(1020),
        # The kernel sends its own copy a moment later; it decides nothing.
        _syn_ack(1030),
    ]
    (truth,) = truth_of(packets, [])
    assert truth.connect_ns == truth_of(packets[:4], [])[0].connect_ns == 1040 * _MS
    assert truth.syn_rtt_ns == 40 * _MS


def test_a_syn_that_comes_after_the_answer_has_left_did_not_cause_it() -> None:
    packets = [_syn(0), _syn_ack(990), _syn(1000)]
    (truth,) = truth_of(packets, [])
    assert truth.syn_rtt_ns == 1010 * _MS


def test_a_connection_in_vain_is_there_without_phases() -> None:
    (truth,) = truth_of([_syn(0, fate=Fate.BLACKHOLED)], [])
    assert (truth.connect_ns, truth.syn_rtt_ns) == (None, None)
    assert (truth.tls_ns, truth.first_byte_ns) == (None, None)


def test_a_stalled_answer_has_no_first_byte() -> None:
    packets = [*_OPEN, _there(40, 0, 100)]
    exchanges = [_exchange(ExchangeKind.REQUEST, 60, 100, 0)]
    assert truth_of(packets, exchanges)[0].first_byte_ns is None


def test_warm_exchanges_are_kept_apart() -> None:
    packets = [*_OPEN]
    exchanges = []
    for number in range(3):
        at_ms = 100 * (number + 1)
        packets += [
            _there(at_ms, number * 100, 100),
            _back(at_ms + 21 + number, number * 300, 300),
        ]
        exchanges.append(
            _exchange(
                ExchangeKind.REQUEST,
                at_ms + 20,
                (number + 1) * 100,
                number * 300,
                number,
            )
        )
    truths = truth_of(packets, exchanges)
    assert [truth.exchange for truth in truths] == [0, 1, 2]
    assert [truth.first_byte_ns for truth in truths] == [41 * _MS, 42 * _MS, 43 * _MS]
    assert [truth.began_wall_ns for truth in truths] == [0, 200 * _MS, 300 * _MS]


def test_a_port_that_is_used_again_is_another_connection() -> None:
    later_isn = 12345
    packets = [
        *_OPEN,
        _there(40, 0, 100),
        _back(61, 0, 300),
        _packet(90_000, Direction.TO_SITE, SYN, seq=later_isn),
        _packet(90_025, Direction.TO_CLIENT, SYN | ACK, seq=777),
        _packet(90_050, Direction.TO_SITE, ACK, seq=later_isn + 1, payload_bytes=100),
        _packet(90_080, Direction.TO_CLIENT, ACK, seq=778, payload_bytes=300),
    ]
    exchanges = [
        _exchange(ExchangeKind.REQUEST, 60, 100, 0),
        _exchange(ExchangeKind.REQUEST, 90_070, 100, 0),
    ]
    table = TruthTable(truth_of(packets, exchanges))
    assert len(table.exchanges) == 2
    first = table.find(_REMOTE, _PORT, 0, 2 * _MS)
    second = table.find(_REMOTE, _PORT, 0, 89_990 * _MS)
    assert first is not None
    assert second is not None
    assert first.first_byte_ns == 41 * _MS
    assert second.first_byte_ns == 50 * _MS
    assert table.find(_REMOTE, _PORT, 1, 0) is None
    assert table.find(_REMOTE, _PORT + 1, 0, 0) is None


def test_other_protocols_are_not_connections() -> None:
    assert truth_of([_syn(0, protocol=UDP)], []) == []


@pytest.mark.parametrize("stray", [_there(5, 0, 10), _back(5, 0, 10)])
def test_a_stray_packet_of_no_known_connection_is_passed_over(
    stray: PacketRecord,
) -> None:
    assert truth_of([stray], [_exchange(ExchangeKind.REQUEST, 6, 10, 0)]) == []
