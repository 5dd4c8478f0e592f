"""A network namespace of our own, without root where the machine allows it.

The calling process must have one thread: a user namespace cannot be entered by
a process with several. What is done here ends with the last process inside.
"""

import contextlib
import ctypes
import errno
import os
import struct
from collections.abc import Sequence
from pathlib import Path

from cloudgauge.errors import WorldError
from cloudgauge.world.site import (
    CLIENT_NUMBER,
    IPV4_NETWORK,
    IPV6_NETWORK,
    NAME_SERVER_NUMBER,
    ROUTE_FAULTS,
    Site,
    ipv4_of,
    ipv6_of,
)

_CLONE_NEWNS, _CLONE_NEWUSER, _CLONE_NEWNET = 0x00020000, 0x10000000, 0x40000000
_MS_BIND, _MS_REC, _MS_PRIVATE = 0x1000, 0x4000, 0x40000
_TUNSETIFF = 0x400454CA
_IFF_TUN_NO_PI = 0x1001
_IFA_F_NODAD = 0x02
DEVICE = "world0"
_TUN_PATH = Path("/dev/net/tun")
_QUEUE_PACKETS = 10_000
_IPV6_SETTINGS = Path("/proc/sys/net/ipv6")

# Half of it is the window: it holds what comes at 200 Mbit/s while a packet that a
# full queue has dropped is sent again, two round trips of 150 ms and that queue.
# With 16 MB the link then stood idle for a quarter of a second.
# Metrics are not kept, or one connection's losses would slow the next one.
_SETTINGS = {
    "net/ipv4/tcp_rmem": "4096 131072 67108864",
    "net/ipv4/tcp_wmem": "4096 65536 67108864",
    "net/ipv4/ip_local_port_range": "10000 65535",
    "net/ipv4/ip_unprivileged_port_start": "0",
    "net/ipv4/ping_group_range": "0 2147483647",
    "net/ipv4/tcp_no_metrics_save": "1",
    "net/ipv4/tcp_max_syn_backlog": "8192",
    "net/core/somaxconn": "8192",
    "net/ipv4/conf/all/rp_filter": "0",
    "net/ipv4/conf/default/rp_filter": "0",
    "net/ipv6/conf/all/disable_ipv6": "0",
    "net/ipv6/conf/default/disable_ipv6": "0",
    "net/ipv6/conf/all/accept_dad": "0",
    "net/ipv6/conf/default/accept_dad": "0",
}


def has_ipv6() -> bool:
    """Whether this kernel has IPv6 at all."""
    return _IPV6_SETTINGS.is_dir()


def enter() -> None:
    """Move this process into fresh network and mount namespaces.

    Raises:
        WorldError: Saying which right is missing.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWNET | _CLONE_NEWNS) != 0:
        _enter_as_user(libc)
    # Or our mounts would show outside.
    if libc.mount(b"none", b"/", None, _MS_REC | _MS_PRIVATE, None) != 0:
        reason = os.strerror(ctypes.get_errno())
        msg = f"no private mounts can be made here: {reason}"
        raise WorldError(msg)


def _enter_as_user(libc: ctypes.CDLL) -> None:
    uid, gid = os.geteuid(), os.getegid()
    problem = (
        "no private network can be made here: it takes root (CAP_SYS_ADMIN) or user "
        "namespaces for everybody, and the kernel says: "
    )
    if libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET | _CLONE_NEWNS) != 0:
        raise WorldError(problem + os.strerror(ctypes.get_errno()))
    # The same user inside as outside; the rights over the namespaces come with
    # having made them, not with a number.
    try:
        _write("/proc/self/setgroups", "deny")
        _write("/proc/self/uid_map", f"{uid} {uid} 1")
        _write("/proc/self/gid_map", f"{gid} {gid} 1")
    except OSError as exc:
        raise WorldError(problem + str(exc.strerror)) from exc


def open_device() -> int:
    """Make the TUN device; its descriptor is non-blocking, one packet a read.

    Raises:
        WorldError: There is no ``/dev/net/tun``, or this user may not open it.
    """
    # This module is imported everywhere.
    import fcntl  # noqa: PLC0415  not for every system

    try:
        tun_fd = os.open(_TUN_PATH, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        request = struct.pack("16sH22x", DEVICE.encode(), _IFF_TUN_NO_PI)
        fcntl.ioctl(tun_fd, _TUNSETIFF, request)
    except OSError as exc:
        what = "is missing" if exc.errno == errno.ENOENT else f"fails: {exc.strerror}"
        msg = f"no private network can be made here: {_TUN_PATH} {what}"
        raise WorldError(msg) from exc
    return tun_fd


def configure(sites: Sequence[Site]) -> None:
    """Give the namespace its addresses, routes and settings.

    Raises:
        WorldError: The kernel refuses one of them.
    """
    # A third of a second: only the process that needs it pays.
    from pyroute2 import IPRoute, NetlinkError  # noqa: PLC0415  slow to import

    ports = sorted(
        {port for site in sites for port in (*site.ports, *site.guest_ports)}
    )
    # A client's port that is also a server's would hide which way a packet goes.
    reserved = {"net/ipv4/ip_local_reserved_ports": ",".join(map(str, ports))}
    for name, value in (_SETTINGS | reserved).items():
        # A container may show these read-only; the defaults then do.
        with contextlib.suppress(OSError):
            _write(f"/proc/sys/{name}", value)
    try:
        with IPRoute() as netlink:
            loopback = netlink.link_lookup(ifname="lo")[0]
            device = netlink.link_lookup(ifname=DEVICE)[0]
            netlink.link("set", index=loopback, state="up")
            netlink.link("set", index=device, state="up", txqlen=_QUEUE_PACKETS)
            for index, number in (
                (device, CLIENT_NUMBER),
                (loopback, NAME_SERVER_NUMBER),
            ):
                for address in _addresses(number, on_device=index == device):
                    netlink.addr("add", index=index, **address)
            for site in sites:
                if site.conduct.fault in ROUTE_FAULTS:
                    for route in _routes(site):
                        netlink.route("add", **route)
    except NetlinkError as exc:
        msg = f"the private network cannot be set up: {exc}"
        raise WorldError(msg) from exc


def _addresses(number: int, *, on_device: bool) -> list[dict[str, object]]:
    ipv4_bits = IPV4_NETWORK.prefixlen if on_device else 32
    ipv6_bits = IPV6_NETWORK.prefixlen if on_device else 128
    rows: list[dict[str, object]] = [
        {"address": ipv4_of(number), "prefixlen": ipv4_bits}
    ]
    if has_ipv6():
        # Duplicate detection would keep the address unusable for a second.
        row = {"address": ipv6_of(number), "prefixlen": ipv6_bits}
        rows.append({**row, "flags": _IFA_F_NODAD})
    return rows


def _routes(site: Site) -> list[dict[str, object]]:
    kind = str(site.conduct.fault)
    rows: list[dict[str, object]] = [
        {"dst": f"{address}/32", "type": kind} for address in site.ipv4
    ]
    if has_ipv6():
        rows += [
            # Without a device the kernel takes loopback's for such a route.
            {"dst": f"{address}/128", "type": kind, "priority": 1}
            for address in site.ipv6
        ]
    return rows


def cover(path: Path, content: Path) -> None:
    """Show *content* (a file or folder) in the place of *path*, in here only.

    Raises:
        WorldError: The mount is refused.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    place = os.fsencode(path.resolve())
    if libc.mount(os.fsencode(content), place, None, _MS_BIND, None) != 0:
        reason = os.strerror(ctypes.get_errno())
        msg = f"{path}: cannot be covered with the private network's own: {reason}"
        raise WorldError(msg)


def _write(path: str, text: str) -> None:
    with Path(path).open("w", encoding="ascii") as file:
        file.write(text)
