"""No test reaches beyond loopback and the private network; under CI none is skipped."""

import ipaddress
import os
import sys
from collections.abc import Generator

import pytest
from hypothesis import settings

_OWN = tuple(
    ipaddress.ip_network(text)
    for text in ("127.0.0.0/8", "::1/128", "198.18.0.0/15", "fd00::/8")
)


def _refuse_the_outside(event: str, args: tuple[object, ...]) -> None:
    if event != "socket.connect":
        return
    address = args[1]
    # A path is a Unix socket, a pair of numbers is netlink: both stay here.
    if not isinstance(address, tuple) or not isinstance(address[0], str):
        return
    host = ipaddress.ip_address(address[0])
    if not any(host in network for network in _OWN):
        msg = f"a test must not connect to {host}"
        raise AssertionError(msg)


sys.addaudithook(_refuse_the_outside)
# No timed tests: on a busy machine an example takes as long as it takes.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[
    None, pytest.TestReport, pytest.TestReport
]:
    """Let a skipped test fail under CI: what is not run there is run nowhere."""
    report = yield
    if report.skipped and os.environ.get("CI"):
        report.outcome = "failed"
        report.longrepr = f"skipped under CI: {report.longrepr}"
    return report
