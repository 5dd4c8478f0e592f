"""Facts about the measuring machine, as far as they bear on the numbers."""

import asyncio
import importlib.metadata
import os
import platform
import ssl

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
