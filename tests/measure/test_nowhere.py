"""A machine without any network, made by taking it away."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.private_network

ROOT = Path(__file__).parents[2]
VISIT = """
import asyncio, ssl
from tests.fakes.visiting import Aim, at, slot, visit
from cloudgauge.measure.clock import MachineClock
from cloudgauge.measure.resolver import SystemResolver
from cloudgauge.model.target import Family

context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
aims = [
    Aim(context=context, addresses=at(443, "198.18.0.1")),
    Aim(context=context, addresses=at(443, "fd00::1")),
    Aim(context=context, resolver=SystemResolver(MachineClock())),
]
slots = [slot(), slot(family=Family.IPV6), slot()]
for aim, planned in zip(aims, slots):
    (done,) = asyncio.run(visit(aim, planned))
    (sample,) = done.samples
    print(sample.failure, sample.status, sample.connection.local_port)
"""


def test_without_a_network_every_visit_says_why() -> None:
    program = ["unshare", "--user", "--map-root-user", "--net", sys.executable]
    done = subprocess.run(
        [*program, "-c", VISIT],
        check=True,
        capture_output=True,
        cwd=ROOT,
        text=True,
        timeout=300,
    )
    assert done.stdout.splitlines() == [
        "unreachable None None",
        # Nor has it an IPv6 address of its own to send from.
        "own-machine None None",
        "resolver-failed None None",
    ]
