"""The kernel's view, decoded and real."""

import socket
import struct

from cloudgauge.measure.tcp_info import (
    ReceiverInfo,
    TcpInfo,
    decode,
    decode_receiver,
    kernel_view,
    read_receiver_info,
    read_tcp_info,
    was_reset,
)
from cloudgauge.model.sample import KernelView

CONNECTED = TcpInfo(
    rtt_us=150_100,
    rttvar_us=75_000,
    total_retrans=1,
    min_rtt_us=150_100,
    data_segs_in=0,
)
NOW = TcpInfo(
    rtt_us=151_000,
    rttvar_us=40_000,
    total_retrans=2,
    min_rtt_us=149_900,
    data_segs_in=5,
)


def raw() -> bytearray:
    data = bytearray(b"\xaa" * 240)
    # Offsets of uapi/linux/tcp.h, counted by hand.
    for offset, value in ((68, 1), (72, 2), (100, 3), (148, 4), (152, 5)):
        struct.pack_into("=I", data, offset, value)
    return data


def test_fields_are_found_at_the_kernels_offsets() -> None:
    assert decode(bytes(raw())) == TcpInfo(
        rtt_us=1, rttvar_us=2, total_retrans=3, min_rtt_us=4, data_segs_in=5
    )


def test_an_old_kernels_short_answer_is_no_answer() -> None:
    assert decode(bytes(raw()[:155])) is None


def test_a_cold_exchange_has_the_syns_round_trip_and_a_warm_one_has_not() -> None:
    cold = kernel_view(CONNECTED, NOW, cold=True)
    assert cold == KernelView(
        connect_rtt_us=150_100,
        rtt_us=151_000,
        rttvar_us=40_000,
        min_rtt_us=149_900,
        syn_retransmits=1,
        retransmits=2,
    )
    warm = kernel_view(CONNECTED, NOW, cold=False)
    assert warm is not None
    assert warm.connect_rtt_us is None
    assert warm.syn_retransmits == 1


def test_a_round_trip_that_was_not_measured_is_absent_and_not_zero() -> None:
    view = kernel_view(CONNECTED._replace(rtt_us=0), NOW, cold=True)
    assert view is not None
    assert view.connect_rtt_us is None
    assert kernel_view(CONNECTED, NOW._replace(min_rtt_us=2**32 - 1), cold=True) is None


def test_where_the_kernel_cannot_say_there_is_no_view() -> None:
    assert kernel_view(None, NOW, cold=True) is None
    assert kernel_view(CONNECTED, None, cold=True) is None


def test_a_real_connection_has_a_round_trip_and_counts_its_segments() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        socket.create_connection(listener.getsockname()) as client,
    ):
        peer, _ = listener.accept()
        with peer:
            before = read_tcp_info(client)
            peer.sendall(b"one")
            assert client.recv(10) == b"one"
            after = read_tcp_info(client)
    assert before is not None
    assert after is not None
    assert 0 < before.rtt_us < 1_000_000
    assert 0 < before.min_rtt_us < 1_000_000
    assert before.total_retrans == 0
    assert after.data_segs_in == before.data_segs_in + 1
    assert read_tcp_info(client) is None  # closed


def raw_receiver() -> bytearray:
    data = bytearray(b"\xaa" * 240)
    for offset, value in ((68, 1), (92, 2), (96, 3), (232, 5)):
        struct.pack_into("=I", data, offset, value)
    struct.pack_into("=Q", data, 128, 2**40)
    return data


def test_the_receivers_fields_are_found_at_the_kernels_offsets() -> None:
    assert decode_receiver(bytes(raw_receiver())) == ReceiverInfo(
        rtt_us=1,
        receive_rtt_us=2,
        space_bytes=3,
        received_bytes=2**40,
        window_bytes=5,
    )


def test_what_an_older_kernel_does_not_say_is_absent() -> None:
    older = decode_receiver(bytes(raw_receiver()[:232]))
    assert older is not None
    assert older.window_bytes is None
    assert older.received_bytes == 2**40
    assert decode_receiver(bytes(raw_receiver()[:135])) is None


def test_a_round_trip_that_the_receiver_has_not_seen_is_absent() -> None:
    data = raw_receiver()
    struct.pack_into("=I", data, 68, 0)
    struct.pack_into("=I", data, 92, 0)
    info = decode_receiver(bytes(data))
    assert info is not None
    assert info.rtt_us is None
    assert info.receive_rtt_us is None


def test_a_real_connection_counts_what_it_received() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        socket.create_connection(listener.getsockname()) as client,
    ):
        peer, _ = listener.accept()
        with peer:
            peer.sendall(bytes(1_000))
            assert len(client.recv(1_000, socket.MSG_WAITALL)) == 1_000
            info = read_receiver_info(client)
    assert info is not None
    assert info.received_bytes == 1_000
    assert info.space_bytes > 0
    assert read_receiver_info(client) is None  # closed


def test_a_reset_is_told_from_a_close_even_when_both_read_as_an_end() -> None:
    for abrupt in (False, True):
        with (
            socket.create_server(("127.0.0.1", 0)) as listener,
            socket.create_connection(listener.getsockname()) as client,
        ):
            peer, _ = listener.accept()
            linger = struct.pack("ii", abrupt, 0)
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            peer.close()
            if abrupt:  # somebody is told, and then nobody is any more
                client.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            assert client.recv(10) == b""
            if not abrupt:
                client.send(b"late")  # the answer is a reset
            assert was_reset(client) == abrupt
