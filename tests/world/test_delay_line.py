"""The line between two sockets that stand for the device: one datagram, one packet."""

import os
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cloudgauge.world import packet as wire
from cloudgauge.world.delay_line import DelayLine
from cloudgauge.world.lane import Line
from cloudgauge.world.packet_log import Fate, PacketLog, PacketRecord, read_packets
from cloudgauge.world.site import IPV4_NETWORK, Link, Site, remote_id_of
from cloudgauge.world.truth import truth_of

_WITHIN_S = 60.0
_PORT = 40_000


def _site(rtt_ns: int) -> Site:
    return Site(
        host="a.example",
        region_id="lab/a",
        primary=True,
        ports=(443,),
        expected=(("/", 200),),
        numbers=(256,),
        link=Link(rtt_ns=rtt_ns),
    )


def _syn(number: int, *, seq: int = 1) -> bytes:
    tcp = struct.pack("!HHIIBBHHH", _PORT, 443, seq, 0, 5 << 4, wire.SYN, 0, 0, 0)
    head = struct.pack("!BBHHHBBH", 0x45, 0, 40, 0, 0x4000, 64, wire.TCP, 0)
    return head + IPV4_NETWORK[1].packed + IPV4_NETWORK[number].packed + tcp


@contextmanager
def _carrying(
    line: Line, log: Path, most_held: int, *, waiting: int = 0
) -> Iterator[socket.socket]:
    """The kernel's end of the device, while a line reads the other one.

    So many SYNs wait there before it begins to read.
    """
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    for seq in range(waiting):
        ours.send(_syn(256, seq=seq))
    control, end = os.pipe()
    theirs.setblocking(False)  # noqa: FBT003  the socket's own interface
    ours.settimeout(_WITHIN_S)
    carrier = DelayLine(theirs.fileno(), line, PacketLog(log), most_held=most_held)
    thread = threading.Thread(target=carrier.run, args=(control,))
    thread.start()
    try:
        yield ours
    finally:
        os.close(end)
        thread.join()
        os.close(control)
        ours.close()
        theirs.close()


def _wait_for_records(log: Path, count: int) -> list[PacketRecord]:
    """What is in the log once it holds *count*: the line writes it every second."""
    until = time.monotonic() + _WITHIN_S
    while time.monotonic() < until:
        records = list(read_packets(log))
        if len(records) >= count:
            break
        time.sleep(0.02)
    return records


def test_what_comes_while_the_line_is_full_is_dropped_and_in_the_log(
    tmp_path: Path,
) -> None:
    log = tmp_path / "packets"
    # A second for the line to read all five, before the first of them is let go.
    line = Line([_site(2_000_000_000)], seed=1)
    with _carrying(line, log, most_held=2, waiting=5) as device:
        came = [wire.parse(device.recv(2048)) for _ in range(2)]
        records = _wait_for_records(log, 5)
    assert [segment and segment.seq for segment in came] == [0, 1]
    found = {record.seq: (record.fate, bool(record.out_ns)) for record in records}
    assert found == {
        0: (Fate.DELIVERED, True),
        1: (Fate.DELIVERED, True),
        2: (Fate.LINE_FULL, False),
        3: (Fate.LINE_FULL, False),
        4: (Fate.LINE_FULL, False),
    }


def test_what_is_sent_to_nobody_is_in_the_log_and_in_no_truth(tmp_path: Path) -> None:
    log = tmp_path / "packets"
    with _carrying(Line([_site(0)], seed=1), log, most_held=2) as device:
        device.send(_syn(999))
        device.send(_syn(256))
        records = _wait_for_records(log, 2)
    assert [(record.remote_id, record.fate) for record in records] == [
        (0, Fate.NO_SUCH_SITE),
        (remote_id_of("198.18.1.0"), Fate.DELIVERED),
    ]
    assert [truth.remote_address for truth in truth_of(records, [])] == ["198.18.1.0"]


def test_what_the_device_does_not_take_is_in_the_log_as_such(tmp_path: Path) -> None:
    log = tmp_path / "packets"
    with _carrying(Line([_site(100_000_000)], seed=1), log, most_held=2) as device:
        device.shutdown(socket.SHUT_RD)
        device.send(_syn(256))
        (record,) = _wait_for_records(log, 1)
    assert (record.fate, record.out_ns) == (Fate.UNWRITTEN, 0)
    assert (record.client_port, record.protocol) == (_PORT, wire.TCP)
