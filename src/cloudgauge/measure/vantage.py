"""Facts about the measuring machine, as far as they bear on the numbers."""

import asyncio
import hashlib
import importlib.metadata
import os
import platform
import ssl
from pathlib import Path

from cloudgauge.model.run import Environment, Package

# What bears on timing or on what is sent.
_PACKAGES = ("anyio", "asyncio-throttle", "h11", "httpcore", "httpx", "uvloop")


def describe_environment(
    *, trust_store: str, loop: asyncio.AbstractEventLoop
) -> Environment:
    """Describe this machine and the loop that drives the probes.

    Args:
        trust_store: Which roots TLS is verified against.
        loop: The loop of the run.
    """
    return Environment(
        python=f"{platform.python_implementation()} {platform.python_version()}",
        system=f"{platform.system()} {platform.release()}",
        machine=platform.machine(),
        cpu_count=_cpu_count(),
        event_loop=f"{type(loop).__module__.partition('.')[0]} {type(loop).__name__}",
        trust_store=trust_store,
        packages=_packages(),
    )


def machine_key() -> str:
    """Tell this machine from another, as far as timing goes; 16 hexadecimal digits.

    A hash of the processor's model and count, of architecture, system and its release,
    and of Python: whatever may change the instrument's own error, and nothing that
    tells one of two like machines, such as a name, an address or a serial number.
    """
    facts = (
        _cpu_model(),
        str(_cpu_count()),
        platform.machine(),
        f"{platform.system()} {platform.release()}",
        f"{platform.python_implementation()} {platform.python_version()}",
    )
    return hashlib.sha256("\n".join(facts).encode()).hexdigest()[:16]


def _cpu_model() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return platform.processor()  # not Linux
    for line in text.splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.processor()  # not every architecture names its model there


def _cpu_count() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _packages() -> tuple[Package, ...]:
    found = [Package(name="OpenSSL", version=ssl.OPENSSL_VERSION)]
    for name in _PACKAGES:
        try:
            version = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue  # uvloop is not for every system
        found.append(Package(name=name, version=version))
    return tuple(sorted(found, key=lambda package: package.name))
