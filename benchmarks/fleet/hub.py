"""The process that holds a lab together: ``python -m benchmarks.fleet.hub``.

It enters a network namespace of its own, the lab's centre, and carries packets between
the centre and the places that join it: each has a TUN device whose other end is here,
so that a link can be cut, slowed or hidden without anything of the kernel's but TUN.
What it is told comes as a line of JSON on standard input, and is answered by one; when
the input ends, everything that was started ends with it. It must stay single-threaded:
see `cloudgauge.world.namespace`.
"""

import contextlib
import ctypes
import errno
import fcntl
import heapq
import ipaddress
import json
import os
import select
import shutil
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.fleet.processes import descendants, end_children
from benchmarks.fleet.switch import Link, Switch
from cloudgauge.errors import WorldError
from cloudgauge.world import namespace, signals

NETWORK = ipaddress.IPv4Network("192.0.2.0/24")
_CLONE_NEWNET = 0x40000000
_TUNSETIFF = 0x400454CA
_IFF_TUN_NO_PI = 0x1001
_TUN_PATH = Path("/dev/net/tun")
_DEVICE = "lab0"
_PACKET_LIMIT_BYTES = 65_536
_READS_AT_ONCE = 64
_QUEUE_PACKETS = 1_000
_END_WITHIN_S = 40.0


class Hub:
    """Devices of the places, and the packets that are on their way."""

    def __init__(self) -> None:
        self._switch = Switch()
        self._addresses: dict[int, bytes] = {}
        self._devices: dict[bytes, int] = {}
        # Due, order of arrival, to which device, packet.
        self._held: list[tuple[int, int, int, bytes]] = []
        self._arrivals = 0
        self._children: dict[int, subprocess.Popen[bytes]] = {}

    def join(self, address: str, pid: int | None) -> None:
        """Connect the network namespace of a process; None is our own.

        Raises:
            OSError: The process has gone, or the kernel refuses.
        """
        with _inside(pid):
            device = os.open(_TUN_PATH, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
            request = struct.pack("16sH22x", _DEVICE.encode(), _IFF_TUN_NO_PI)
            fcntl.ioctl(device, _TUNSETIFF, request)
            _configure(address)
        packed = ipaddress.IPv4Address(address).packed
        self._devices[packed] = device
        self._addresses[device] = packed
        self._switch.connect(packed, Link())

    def obey(self, order: dict[str, Any]) -> dict[str, object]:
        """Do what a line of standard input asks for."""
        match order.pop("do"):
            case "start":
                return {"pid": self._start(**order)}
            case "poll":
                return {"code": self._children[order["pid"]].poll()}
            case "join":
                self.join(**order)
            case "link":
                packed = ipaddress.IPv4Address(order.pop("address")).packed
                self._switch.connect(packed, Link(**order))
            case "carried":
                return {"carried": [asdict(row) for row in self._switch.carried()]}
            case "targets":
                with _inside(order["pid"]):
                    _set_state(namespace.DEVICE, up=order["up"])
            case word:
                msg = f"want start, poll, join, link, carried or targets, got {word}"
                raise ValueError(msg)
        return {}

    def carry(self, control_fd: int) -> None:
        """Carry packets and obey until *control_fd* is at its end."""
        pending = b""
        while True:
            wait_s = None
            if self._held:
                wait_s = max(0, self._held[0][0] - time.monotonic_ns()) / 1e9
            ready, _, _ = select.select([control_fd, *self._addresses], [], [], wait_s)
            self._release_due()
            for fd in ready:
                if fd != control_fd:
                    self._read_some(fd)
            if control_fd in ready:
                told = os.read(control_fd, _PACKET_LIMIT_BYTES)
                if not told:
                    return
                *lines, pending = (pending + told).split(b"\n")
                for line in lines:
                    _answer(self._try(line))

    def end(self) -> None:
        """End what was started here, and what it left behind."""
        for child in self._children.values():
            child.terminate()
        until = time.monotonic() + _END_WITHIN_S
        for child in self._children.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(max(0.0, until - time.monotonic()))
        for pid in descendants(os.getpid()):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        end_children()

    def _try(self, line: bytes) -> dict[str, object]:
        try:
            return self.obey(json.loads(line))
        except OSError as exc:
            return {"problem": str(exc)}

    def _start(self, command: list[str], log: str) -> int:
        with Path(log).open("ab") as output:
            child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                preexec_fn=signals.start_fresh,  # noqa: PLW1509  one thread
            )
        self._children[child.pid] = child
        return child.pid

    def _read_some(self, device: int) -> None:
        source = self._addresses[device]
        for _ in range(_READS_AT_ONCE):
            try:
                packet = os.read(device, _PACKET_LIMIT_BYTES)
            except BlockingIOError:
                return
            except OSError as exc:
                # Who held the namespace has gone, and the device with it.
                if exc.errno not in {errno.EBADFD, errno.EIO, errno.ENXIO}:
                    raise
                del self._addresses[device]
                return
            verdict = self._switch.judge(packet, source)
            if verdict is None:
                continue
            destination, held_ns = verdict
            to = self._devices[destination]
            if not held_ns:
                _write(to, packet)
                continue
            self._arrivals += 1
            due_ns = time.monotonic_ns() + held_ns
            heapq.heappush(self._held, (due_ns, self._arrivals, to, packet))

    def _release_due(self) -> None:
        now_ns = time.monotonic_ns()
        while self._held and self._held[0][0] <= now_ns:
            _, _, to, packet = heapq.heappop(self._held)
            _write(to, packet)


def _write(device: int, packet: bytes) -> None:
    # The device is down or its queue is full: TCP will send it again.
    with contextlib.suppress(OSError):
        os.write(device, packet)


def _answer(row: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(row) + "\n")
    sys.stdout.flush()


@contextmanager
def _inside(pid: int | None) -> Iterator[None]:
    """In the network namespace of a process; None is our own."""
    if pid is None:
        yield
        return
    libc = ctypes.CDLL(None, use_errno=True)
    with (
        Path("/proc/self/ns/net").open("rb") as ours,
        Path(f"/proc/{pid}/ns/net").open("rb") as theirs,
    ):
        _enter(libc, theirs.fileno())
        try:
            yield
        finally:
            _enter(libc, ours.fileno())


def _enter(libc: ctypes.CDLL, fd: int) -> None:
    if libc.setns(fd, _CLONE_NEWNET) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _configure(address: str) -> None:
    # A third of a second, and it must not be loaded before the namespace is entered.
    from pyroute2 import IPRoute  # noqa: PLC0415  slow to import

    with IPRoute() as netlink:
        for name in ("lo", _DEVICE):
            index = netlink.link_lookup(ifname=name)[0]
            netlink.link("set", index=index, state="up", txqlen=_QUEUE_PACKETS)
        netlink.addr("add", index=index, address=address, prefixlen=NETWORK.prefixlen)


def _set_state(device: str, *, up: bool) -> None:
    from pyroute2 import IPRoute  # noqa: PLC0415  slow to import

    # Or the kernel forgets the device's IPv6 addresses.
    kept = Path(f"/proc/sys/net/ipv6/conf/{device}/keep_addr_on_down")
    with contextlib.suppress(OSError):
        kept.write_text("1", encoding="ascii")
    with IPRoute() as netlink:
        index = netlink.link_lookup(ifname=device)[0]
        netlink.link("set", index=index, state="up" if up else "down")


def main(address: str, sockets: Path) -> int:
    """Make the centre with this address, and be its hub until the input ends.

    Args:
        address: IPv4, of `NETWORK`.
        sockets: Folder of the agents' sockets; is removed at the end.
    """
    signals.adopt_orphans()
    signals.ignore_signals()
    hub = Hub()
    try:
        namespace.enter()
        hub.join(address, None)
    except (WorldError, OSError) as exc:
        _answer({"problem": str(exc)})
        return 74
    _answer({})
    try:
        hub.carry(sys.stdin.fileno())
    finally:
        hub.end()
        shutil.rmtree(sockets, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2])))
