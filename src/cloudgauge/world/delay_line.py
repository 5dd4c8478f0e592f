"""A TUN device whose reader holds packets back and swaps their ends.

The client's address and every site's are routed into the device. A packet to a
site is held for half of that site's round trip, its two addresses are swapped,
and it is written back: it now comes *from* the site *to* the client's address,
where the servers listen. Their answers take the same way. The kernel sees real
TCP with real round trips on both sides; no checksum changes.

What must stay true: t_in is taken right after the read and t_out right before
the write, so that a delay in the log is never longer than the one that was seen;
packets of one lane (a site and a direction) leave in the order they came unless
the scenario asks for reordering; nothing here waits but in `select`.
"""

import contextlib
import ctypes
import gc
import heapq
import os
import select
import sys
import time
from pathlib import Path

from cloudgauge.world import packet as wire
from cloudgauge.world.description import READY, SITES_NAME, read_world
from cloudgauge.world.lane import Line
from cloudgauge.world.packet_log import (
    PACKETS_NAME,
    Fate,
    PacketLog,
    pack_tail,
    tail_with,
)
from cloudgauge.world.signals import ignore_signals
from cloudgauge.world.site import sites_from_json

_PACKET_LIMIT_BYTES = 65_536
_READS_AT_ONCE = 64
# Some 300 MB of full packets; TCP's own windows stay far below.
_MOST_HELD = 200_000
_FLUSH_EVERY_NS = 1_000_000_000
_PR_SET_TIMERSLACK = 29


class DelayLine:
    """Reads the device, holds, writes back, logs; until its control pipe closes."""

    def __init__(
        self, tun_fd: int, line: Line, log: PacketLog, *, most_held: int = _MOST_HELD
    ) -> None:
        """Make one for a device that is open.

        Args:
            tun_fd: The device; a read of it gives one packet and never waits.
            line: What becomes of each packet.
            log: Where each packet is written down.
            most_held: What comes while this many are held is dropped.
        """
        self._tun_fd = tun_fd
        self._line = line
        self._log = log
        self._most_held = most_held
        # Due, order of arrival, packet, came by wall and monotonic clock, record.
        self._held: list[tuple[int, int, bytes, int, int, bytes]] = []
        self._arrivals = 0

    def run(self, control_fd: int) -> None:
        """Carry packets until *control_fd* is at its end."""
        flush_at_ns = time.monotonic_ns() + _FLUSH_EVERY_NS
        watched = [self._tun_fd, control_fd]
        try:
            while True:
                now_ns = self._release_due()
                if now_ns >= flush_at_ns or self._log.is_due:
                    flush_at_ns = now_ns + _FLUSH_EVERY_NS
                    self._log.flush()
                wake_ns = min(self._held[0][0], flush_at_ns) if self._held else None
                wait_ns = (flush_at_ns if wake_ns is None else wake_ns) - now_ns
                ready, _, _ = select.select(watched, [], [], max(wait_ns, 0) / 1e9)
                if control_fd in ready:
                    return
                if ready:
                    self._read_some()
        finally:
            self._log.close()

    def _release_due(self) -> int:
        held, fd = self._held, self._tun_fd
        now_ns = time.monotonic_ns()
        while held and held[0][0] <= now_ns:
            due_ns, _, packet, in_wall_ns, in_ns, tail = heapq.heappop(held)
            out_wall_ns = time.time_ns()
            try:
                os.write(fd, packet)
            except OSError:
                # The device is down or its queue is full: TCP will send it again.
                out_wall_ns, tail = 0, tail_with(tail, Fate.UNWRITTEN)
            self._log.append(in_wall_ns, in_wall_ns + due_ns - in_ns, out_wall_ns, tail)
            now_ns = time.monotonic_ns()
        return now_ns

    def _read_some(self) -> None:
        held = self._held
        # Bounded, so that a flood of arrivals cannot make departures late.
        for _ in range(_READS_AT_ONCE):
            try:
                packet = os.read(self._tun_fd, _PACKET_LIMIT_BYTES)
            except BlockingIOError:
                return
            in_wall_ns, in_ns = time.time_ns(), time.monotonic_ns()
            self._take(packet, in_wall_ns, in_ns)
            if held and held[0][0] <= in_ns:
                self._release_due()

    def _take(self, packet: bytes, in_wall_ns: int, in_ns: int) -> None:
        segment = wire.parse(packet)
        if segment is None:
            return
        remote_id, direction, due, refused = self._line.judge(packet, segment, in_ns)
        if len(self._held) >= self._most_held and due.__class__ is not Fate:
            due, refused = Fate.LINE_FULL, False
        _, protocol, source_port, destination_port, seq, ack, flags, size = segment
        client_port = destination_port if direction else source_port
        is_lost = due.__class__ is Fate
        fate = Fate.REFUSED if refused else due if is_lost else 0
        tail = pack_tail(
            remote_id,
            seq,
            ack,
            client_port,
            size,
            flags,
            direction,
            fate,
            protocol,
        )
        if is_lost:
            self._log.append(in_wall_ns, in_wall_ns, 0, tail)
            return
        back = wire.refusal(packet) if refused else wire.swapped(packet)
        self._arrivals += 1
        held = (due, self._arrivals, back, in_wall_ns, in_ns, tail)
        heapq.heappush(self._held, held)


def prefer_this_process() -> None:
    """Ask for a real-time turn and exact timers; a refusal costs only exactness."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_TIMERSLACK, 1, 0, 0, 0)
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    except OSError:
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, 0, -10)
    # Nothing here makes cycles, and a collection would hold packets back.
    gc.disable()


def serve(folder: Path, truth: Path, tun_fd: int) -> int:
    """Play the role of the delay line until standard input is at its end."""
    ignore_signals()
    world = read_world(folder)
    sites = sites_from_json((folder / SITES_NAME).read_text(encoding="utf-8"))
    line = DelayLine(
        tun_fd, Line(sites, seed=world.seed), PacketLog(truth / PACKETS_NAME)
    )
    prefer_this_process()
    sys.stdout.buffer.write(READY)
    sys.stdout.flush()
    line.run(sys.stdin.fileno())
    return 0
