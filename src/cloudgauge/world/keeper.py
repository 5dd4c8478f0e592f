"""The process that holds a private network together while a command runs in it.

It enters the namespaces, starts the delay line and the servers (each a process of
its own that ends when its control pipe closes), runs the command, and takes
everything down. It must stay single-threaded: see `namespace`.
"""

import contextlib
import ctypes
import json
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from cloudgauge.errors import WorldError
from cloudgauge.world import namespace, signals
from cloudgauge.world.description import (
    COMMAND_ERROR_NAME,
    ERROR_NAME,
    READY,
    ROOT_NAME,
    SITES_NAME,
    WORLD_VARIABLE,
    Means,
    Pointer,
    read_world,
    write_world,
)
from cloudgauge.world.name_server import hosts_file
from cloudgauge.world.site import NAME_SERVER_NUMBER, Site, ipv4_of, sites_from_json

EXIT_NO_WORLD = 74
EXIT_NO_COMMAND = 127
_STOP_WITHIN_S = 5.0
_ORPHANS_WITHIN_S = 1.0
_PR_SET_CHILD_SUBREAPER = 36
# Programs ask these for names or roots beside, or instead of, the C library.
_TRUST_VARIABLES = (
    "SSL_CERT_FILE",
    "CURL_CA_BUNDLE",
    "REQUESTS_CA_BUNDLE",
    "NODE_EXTRA_CA_CERTS",
    "GIT_SSL_CAINFO",
)
_PROXY_VARIABLE = re.compile(r"(https?|all|ftp)_proxy", re.IGNORECASE)


def keep(folder: Path, truth: Path, command: list[str]) -> int:
    """Make the world of *folder*, run *command* in it, take it down.

    Returns:
        The command's exit code; 74 if there is no world, with the reason in the
        folder's ``error.txt``.
    """
    parent = os.getppid()
    signals.block_signals()
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    try:
        with ExitStack() as stack:
            stack.callback(_end_orphans)
            _make(folder, truth, stack)
            return _run(command, folder, parent)
    except WorldError as exc:
        (folder / ERROR_NAME).write_text(str(exc), encoding="utf-8")
        return EXIT_NO_WORLD


def _make(folder: Path, truth: Path, stack: ExitStack) -> None:
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
    if tun_fd is not None:
        line = stack.enter_context(Service("line", folder, truth, tun_fd))
        os.close(tun_fd)
        namespace.configure(sites)
        _cover_files(folder, sites)
        line.wait_until_ready()
    servers.go()
    told = servers.wait_until_ready()
    if world.means is Means.LOOPBACK:
        pointers = tuple(Pointer(**row) for row in json.loads(told))
        write_world(folder, replace(world, pointers=pointers))


class Service:
    """A process of the world: says when it is ready, ends when its pipe closes."""

    def __init__(
        self, role: str, folder: Path, truth: Path, tun_fd: int | None = None
    ) -> None:
        fds = () if tun_fd is None else (tun_fd,)
        arguments = [role, str(folder), str(truth), *map(str, fds)]
        self._role = role
        self._process = subprocess.Popen(
            [sys.executable, "-m", "cloudgauge.world", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=fds,
        )

    def go(self) -> None:
        """Tell it that it may use the network."""
        if self._process.stdin is not None:
            # One that has died says so by never being ready.
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.write(b"\n")
                self._process.stdin.flush()

    def wait_until_ready(self) -> bytes:
        """What it said before it was ready.

        Raises:
            WorldError: It ended before it was ready; the reason is on stderr.
        """
        lines: list[bytes] = []
        out = self._process.stdout
        while out is not None and (line := out.readline()):
            if line == READY:
                return b"".join(lines)
            lines.append(line)
        reason = b"".join(lines).decode(errors="replace").strip()
        msg = (
            f"the private network's {self._role} did not start: {reason or 'see above'}"
        )
        raise WorldError(msg)

    def __enter__(self) -> "Service":
        return self

    def __exit__(self, *_: object) -> None:
        # The end of the pipe asks it to write its log and go.
        with self._process:
            if self._process.stdin is not None:
                self._process.stdin.close()
            try:
                self._process.wait(_STOP_WITHIN_S)
            except subprocess.TimeoutExpired:
                self._process.kill()


def _run(command: list[str], folder: Path, parent: int) -> int:
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
        return signals.wait_for(child, lambda: signals.parent_is(parent))


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
                signal.sigtimedwait({signal.SIGCHLD}, 0.05)


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
