"""The process that holds a private network together while a command runs in it.

It enters the namespaces, starts the delay line and the servers (each a process of
its own that ends when its control pipe closes), runs the command, and takes
everything down. It must stay single-threaded: see `namespace`.
"""

import contextlib
import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from cloudgauge.errors import WorldError
from cloudgauge.world import namespace, signals
from cloudgauge.world.description import (
    COMMAND_ERROR_NAME,
    ROOT_NAME,
    SITES_NAME,
    STARTED_NAME,
    WORLD_VARIABLE,
    Means,
    Pointer,
    read_world,
    write_world,
)
from cloudgauge.world.disk import world_errors
from cloudgauge.world.name_server import hosts_file
from cloudgauge.world.service import Service
from cloudgauge.world.site import NAME_SERVER_NUMBER, Site, ipv4_of, sites_from_json

EXIT_NO_WORLD = 74
EXIT_NO_COMMAND = 127
_ORPHANS_WITHIN_S = 1.0
_LOOK_EVERY_S = 0.02
# Programs ask these for names or roots beside, or instead of, the C library.
_TRUST_VARIABLES = (
    "SSL_CERT_FILE",
    "CURL_CA_BUNDLE",
    "REQUESTS_CA_BUNDLE",
    "NODE_EXTRA_CA_CERTS",
    "GIT_SSL_CAINFO",
)
_PROXY_VARIABLE = re.compile(r"(https?|all|ftp)_proxy", re.IGNORECASE)


def keep(folder: Path, truth: Path, told_fd: int, command: list[str]) -> int:
    """Make the world of *folder*, run *command* in it, take it down.

    Returns:
        The command's exit code; 74 if there is no world, with the reason written
        to *told_fd*.
    """
    parent = os.getppid()
    signals.block_signals()
    signals.adopt_orphans()
    try:
        with world_errors(folder), ExitStack() as stack:
            stack.callback(_end_orphans)
            services = _make(folder, truth, stack)
            code = _run(
                command,
                folder,
                lambda: (
                    signals.parent_is(parent)
                    and not any(service.has_died for service in services)
                ),
            )
            _check_alive(services)
            return code
    except WorldError as exc:
        os.write(told_fd, str(exc).encode())
        return EXIT_NO_WORLD


def _check_alive(services: tuple[Service, ...]) -> None:
    for service in services:
        if service.has_died:
            raise WorldError(service.obituary("died while it was used"))


def _make(folder: Path, truth: Path, stack: ExitStack) -> tuple[Service, ...]:
    world = read_world(folder)
    sites = sites_from_json((folder / SITES_NAME).read_text(encoding="utf-8"))
    tun_fd = None
    if world.means is Means.TUN:
        namespace.enter()
        tun_fd = namespace.open_device()
    # Entering a user namespace clears it, so it is asked for only now.
    signals.die_with_parent(signal.SIGTERM)
    # They make their certificates while the network is being set up.
    servers = stack.enter_context(Service("servers", folder, truth))
    services: tuple[Service, ...] = (servers,)
    if tun_fd is not None:
        line = stack.enter_context(Service("line", folder, truth, tun_fd))
        namespace.configure(sites)
        _cover_files(folder, sites)
        line.wait_until_ready()
        # Not before: if the line has died, the device would be gone with it.
        os.close(tun_fd)
        services += (line,)
    servers.go()
    told = servers.wait_until_ready()
    if world.means is Means.LOOPBACK:
        pointers = tuple(Pointer(**row) for row in json.loads(told))
        write_world(folder, replace(world, pointers=pointers))
    return services


def _run(command: list[str], folder: Path, still_wanted: Callable[[], bool]) -> int:
    ca_file = str(folder / ROOT_NAME)
    environment = {
        name: value
        for name, value in os.environ.items()
        # A proxy of the outside cannot be reached from here.
        if not _PROXY_VARIABLE.fullmatch(name)
    }
    environment |= dict.fromkeys(_TRUST_VARIABLES, ca_file)
    environment[WORLD_VARIABLE] = str(folder)
    environment.pop("SSL_CERT_DIR", None)
    # Who interrupts the making would wait in vain: the command has not had it.
    if number := signals.waiting():
        (folder / STARTED_NAME).touch()
        return 128 + number
    try:
        child = subprocess.Popen(
            command,
            env=environment,
            preexec_fn=signals.start_fresh,  # noqa: PLW1509  this process has one thread
        )
    except OSError as exc:
        reason = f"cannot be run: {exc.strerror}"
        (folder / COMMAND_ERROR_NAME).write_text(reason, encoding="utf-8")
        return EXIT_NO_COMMAND
    with child:
        (folder / STARTED_NAME).touch()
        return signals.wait_for(child, still_wanted)


def _cover_files(folder: Path, sites: tuple[Site, ...]) -> None:
    """Point names at the world, for every way the C library has to ask for one."""
    hosts, resolver, switch = (
        folder / name for name in ("hosts", "resolv.conf", "nsswitch.conf")
    )
    ipv6 = namespace.has_ipv6()
    hosts.write_text(hosts_file(sites, ipv6=ipv6), encoding="ascii")
    resolver.write_text(
        f"nameserver {ipv4_of(NAME_SERVER_NUMBER)}\noptions timeout:1 attempts:1\n",
        encoding="ascii",
    )
    # "resolve" and "mymachines" would ask daemons that live outside.
    switch.write_text(_switch_file(), encoding="utf-8")
    for path, content in (
        (Path("/etc/hosts"), hosts),
        (Path("/etc/resolv.conf"), resolver),
        (Path("/etc/nsswitch.conf"), switch),
    ):
        if path.exists():
            namespace.cover(path, content)
    # A name service cache daemon answers through its socket, from outside.
    empty = folder / "empty"
    empty.mkdir()
    for path in (Path("/run/nscd"), Path("/var/run/nscd")):
        if path.is_dir():
            namespace.cover(path, empty)


def _switch_file() -> str:
    """The machine's own name service switch, but for the names of hosts."""
    with contextlib.suppress(OSError):
        lines = Path("/etc/nsswitch.conf").read_text(encoding="utf-8").splitlines()
        kept = [line for line in lines if not line.startswith("hosts:")]
        return "\n".join([*kept, "hosts: files dns", ""])
    return "hosts: files dns\n"


def _end_orphans() -> None:
    """End what the command left behind: as their reaper we are their parent now."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        for pid in _children():
            os.kill(pid, sign)
        until = time.monotonic() + _ORPHANS_WITHIN_S
        while time.monotonic() < until:
            try:
                pid, _ = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                time.sleep(_LOOK_EVERY_S)


def _children() -> list[int]:
    """Processes whose parent this process is."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        # It may have ended since it was listed.
        with contextlib.suppress(OSError):
            # The name stands in brackets and may hold spaces and brackets.
            fields = stat.read_text().rpartition(")")[2].split()
            if int(fields[1]) == os.getpid():
                found.append(int(stat.parent.name))
    return found
