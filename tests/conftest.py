"""No test reaches beyond loopback and the private network, nor into the user's data.

Under CI none is skipped. Files that wait for long come first, so that no worker is left
with one of them when the others are done.
"""

import ipaddress
import itertools
import os
import sys
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

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
# No timed tests: on a busy machine an example takes as long as it takes. Under CI the
# examples are the same every time.
settings.register_profile(
    "untimed",
    deadline=None,
    derandomize=bool(os.environ.get("CI")),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("untimed")
_numbers = itertools.count()
# By what they took, the longest first.
_LONG = (
    "tests/integration/test_fleet_faults.py",
    "tests/test_notebooks.py",
    "tests/integration/test_readme_fleet.py",
    "tests/fleet/test_campaign.py",
    "tests/integration/test_monitor.py",
    "tests/integration/test_pinned_run.py",
    "tests/integration/test_readme.py",
    "tests/integration/test_readme_alone.py",
    "tests/integration/test_demo.py",
    "tests/integration/test_kill.py",
    "tests/integration/test_run.py",
    "tests/integration/test_world_failures.py",
    "tests/integration/test_until_decided.py",
    "tests/store/test_kill.py",
    "tests/benchmarks/instrument/test_private.py",
)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let files of long tests come first, each in its order."""

    def place(item: pytest.Item) -> int:
        path = item.path.relative_to(item.config.rootpath).as_posix()
        return _LONG.index(path) if path in _LONG else len(_LONG)

    items.sort(key=place)


@pytest.fixture(scope="session")
def users_folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where each test's user has a folder of their own."""
    return tmp_path_factory.mktemp("users")


@pytest.fixture(autouse=True)
def user_of_their_own(users_folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep every test, and what it starts, from reading or writing our user's data."""
    # Made only by who keeps something there.
    folder = users_folders / str(next(_numbers))
    monkeypatch.setenv("XDG_DATA_HOME", str(folder))
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "cache"))


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
