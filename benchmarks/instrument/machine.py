"""The machine that a table was measured on, in one line."""

import os
import platform
import shutil
import subprocess
from importlib.metadata import version
from pathlib import Path

_PACKAGES = ("httpcore", "httpx", "uvloop")


def describe_machine() -> str:
    """Processor, cores, kernel, Python and versions, as the table's heading."""
    parts = [
        _processor(),
        f"{len(os.sched_getaffinity(0))} cores",
        f"{platform.system()} {platform.release()}",
        f"{platform.python_implementation()} {platform.python_version()}",
        *(f"{name} {version(name)}" for name in _PACKAGES),
        *peer_versions(),
    ]
    return ", ".join(parts)


def peer_versions() -> tuple[str, ...]:
    """Name and version of the peers that are installed."""
    found = []
    for program, flag, name in (
        ("prometheus-blackbox-exporter", "--version", "blackbox_exporter"),
        ("httping", "-V", "httping"),
        ("curl", "--version", "curl"),
        ("iperf3", "--version", "iperf3"),
        ("nginx", "-v", "nginx"),
    ):
        if (path := shutil.which(program)) is None:
            continue
        asked = subprocess.run(
            [path, flag], capture_output=True, text=True, check=False
        )
        found.append(f"{name} {version_in(asked.stdout + asked.stderr)}")
    return tuple(found)


def version_in(text: str) -> str:
    """The first word of *text* that looks like a version."""
    for word in text.replace(",", " ").replace("/", " ").split():
        digits = word.removeprefix("v")
        if digits[:1].isdigit() and "." in digits:
            return digits
    return "of unknown version"


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
