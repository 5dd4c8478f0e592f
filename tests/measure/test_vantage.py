"""Facts about this machine."""

import asyncio
import os
import platform

import uvloop

from cloudgauge.measure.vantage import describe_environment


def test_the_machine_is_described_with_what_bears_on_timing() -> None:
    loop = asyncio.new_event_loop()
    found = describe_environment(trust_store="file ca.pem", loop=loop)
    loop.close()
    assert found.python.endswith(platform.python_version())
    assert found.system.startswith(platform.system())
    assert found.machine == platform.machine()
    assert 1 <= found.cpu_count <= (os.cpu_count() or 1)
    assert found.event_loop.startswith("asyncio ")
    assert found.trust_store == "file ca.pem"
    names = [package.name for package in found.packages]
    assert names == sorted(names)
    assert {"OpenSSL", "h11", "httpcore", "httpx", "uvloop"} <= set(names)
    assert all(package.version for package in found.packages)


def test_the_loop_is_told() -> None:
    loop = uvloop.new_event_loop()
    found = describe_environment(trust_store="", loop=loop)
    loop.close()
    assert found.event_loop == "uvloop Loop"
