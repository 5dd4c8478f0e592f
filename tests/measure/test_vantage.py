"""Facts about this machine."""

import asyncio
import os
import platform
import re
import subprocess
import sys

import pytest
import uvloop

from cloudgauge.measure.vantage import describe_environment, machine_key


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


def test_a_machine_is_known_again_and_not_by_its_name() -> None:
    key = machine_key()
    assert key == machine_key()
    assert re.fullmatch(r"[0-9a-f]{16}", key)


@pytest.mark.skipif(
    len(os.sched_getaffinity(0)) < 2, reason="takes two processors to have fewer"
)
def test_fewer_processors_are_another_machine() -> None:
    command = [
        sys.executable,
        "-c",
        "import os; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\n"
        "from cloudgauge.measure.vantage import machine_key; print(machine_key())",
    ]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert told.strip() != machine_key()
