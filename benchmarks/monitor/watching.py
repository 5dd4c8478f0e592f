"""What a monitor's processes and its folder take, while it runs."""

import gzip
import os
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

PROBER, KEEPER, PASS = "prober", "keeper", "pass"
_MODULES = {"monitor_process": KEEPER, "monitor_pass": PASS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One process at one time.

    Attributes:
        at_s: Since the monitor started.
        rss_kib: Resident memory.
        peak_kib: The most it ever had.
        descriptors: Open ones.
        cpu_s: Processor time so far.
    """

    at_s: float
    role: str
    pid: int
    rss_kib: int
    peak_kib: int
    descriptors: int
    cpu_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderLook:
    """The monitor's folder at one time."""

    at_s: float
    files: int
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Scrape:
    """One GET of the metrics."""

    at_s: float
    took_ms: float
    text_bytes: int
    packed_bytes: int


@dataclass(slots=True, kw_only=True)
class Watched:
    """All that was seen."""

    looks: list[Look] = field(default_factory=list)
    folders: list[FolderLook] = field(default_factory=list)
    scrapes: list[Scrape] = field(default_factory=list)
    unhealthy: list[str] = field(default_factory=list)


def watch(pid: int, folder: Path, port: int, for_s: float) -> Watched:
    """Look at a monitor every second, and ask for its metrics every ten."""
    seen, began_s, number = Watched(), time.monotonic(), 0
    while (at_s := time.monotonic() - began_s) < for_s:
        for role, its in _processes(pid):
            look = _look(role, its, at_s)
            if look is not None:
                seen.looks.append(look)
        if number % 2 == 0:
            seen.folders.append(_folder(folder, at_s))
        if number % 10 == 5:
            _ask(seen, port, at_s)
        number += 1
        time.sleep(max(0.0, began_s + number - time.monotonic()))
    return seen


def _processes(prober: int) -> Iterator[tuple[str, int]]:
    """The monitor's processes; those that the prober started and theirs."""
    yield PROBER, prober
    for keeper in _children(prober):
        yield _role(keeper), keeper
        for child in _children(keeper):
            yield _role(child), child


def _children(pid: int) -> list[int]:
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        return [
            int(child)
            for task in tasks
            for child in (task / "children").read_text().split()
        ]
    except OSError:
        return []


def _role(pid: int) -> str:
    try:
        command = Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return "gone"
    return next((role for name, role in _MODULES.items() if name in command), "other")


def _look(role: str, pid: int, at_s: float) -> Look | None:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        said = dict(line.split(":", 1) for line in lines if ":" in line)
        times = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks = int(times[11]) + int(times[12])
        return Look(
            at_s=at_s,
            role=role,
            pid=pid,
            rss_kib=int(said["VmRSS"].split()[0]),
            peak_kib=int(said["VmHWM"].split()[0]),
            descriptors=len(list(Path(f"/proc/{pid}/fd").iterdir())),
            cpu_s=ticks / os.sysconf("SC_CLK_TCK"),
        )
    except (OSError, KeyError):
        return None


def _folder(folder: Path, at_s: float) -> FolderLook:
    sizes = []
    for path, _, names in os.walk(folder):
        for name in names:
            try:
                sizes.append((Path(path) / name).lstat().st_size)
            except FileNotFoundError:
                continue
    return FolderLook(at_s=at_s, files=len(sizes), size_bytes=sum(sizes))


def _ask(seen: Watched, port: int, at_s: float) -> None:
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/metrics", headers={"Accept-Encoding": "gzip"}
    )
    began_s = time.monotonic()
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310  as above
        packed = answer.read()
    took_ms = (time.monotonic() - began_s) * 1e3
    text = gzip.decompress(packed)
    assert text.endswith(b"# EOF\n")
    seen.scrapes.append(
        Scrape(
            at_s=at_s,
            took_ms=took_ms,
            text_bytes=len(text),
            packed_bytes=len(packed),
        )
    )
    try:
        url = f"http://127.0.0.1:{port}/health"
        with urllib.request.urlopen(url, timeout=30):
            pass
    except urllib.error.HTTPError as exc:
        seen.unhealthy.append(exc.read().decode())
