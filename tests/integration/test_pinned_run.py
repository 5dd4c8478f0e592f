"""``cloudgauge run PIN.json`` as its user knows it, inside the private network."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from cloudgauge.store.resultset import ResultSet
from cloudgauge.store.verify import verify
from tests.integration.test_run import Ended, cloudgauge, plan_in

pytestmark = pytest.mark.private_network

_LIMIT_S = 300
_ROUNDS, _TARGETS = 12, 7
_RUN = ["run", "pin.json", "--world", "--vantage", "lab"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a pin lies, of twelve rounds in parts of five."""
    made = tmp_path_factory.mktemp("pinned")
    text = (made / plan_in(made)).read_text()
    plan = plan_in(made, text.replace("rounds = 3", f"rounds = {_ROUNDS}"))
    pinning = ["plan", "pin", plan, "-o", "pin.json", "--part", "5", "--vantage", "lab"]
    ended = cloudgauge(made, pinning)
    assert ended.code == 0, ended.err
    return made


@pytest.fixture(scope="module")
def interrupted(folder: Path) -> str:
    """What a run says that is interrupted in the middle of its first part."""
    process = subprocess.Popen(
        [sys.executable, "-m", "cloudgauge", *_RUN],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        process_group=0,
    )
    limit_s = time.monotonic() + _LIMIT_S
    told = ""
    assert process.stderr is not None
    while f"round 1/{_ROUNDS}" not in told:
        assert time.monotonic() < limit_s
        told += process.stderr.readline()
    os.killpg(process.pid, signal.SIGINT)
    _, rest = process.communicate(timeout=_LIMIT_S)
    assert process.returncode == 130, told + rest
    return told + rest


@pytest.fixture(scope="module")
def resumed(folder: Path, interrupted: str) -> Ended:
    """The same command again."""
    assert "the run is incomplete: stopped before the end of its plan" in interrupted
    return cloudgauge(folder, _RUN)


def cells(ended: Ended) -> Counter[int]:
    return Counter(
        row["seq"]
        for path in ended.sets
        for row in ResultSet.open(path).table(("seq", "exchange")).to_pylist()
        if row["exchange"] == 0
    )


def test_what_an_interrupt_left_undone_is_done_by_the_same_command(
    resumed: Ended,
) -> None:
    assert resumed.code == 0, resumed.err
    slots = _ROUNDS * _TARGETS
    assert cells(resumed) == Counter(range(slots))
    assert f"{slots} of {slots} visits and transfers of the plan are there" in (
        resumed.err
    )
    for path in resumed.sets:
        verify(path)
        assert f"result set: results/{path.name}" in resumed.err
        assert path.name in resumed.out
    assert resumed.out.startswith(f"{len(resumed.sets)} result sets: ")


def test_once_all_is_there_nothing_is_sent(folder: Path, resumed: Ended) -> None:
    again = cloudgauge(folder, _RUN)

    assert again.code == 0, again.err
    assert again.sets == resumed.sets
    slots = _ROUNDS * _TARGETS
    assert (
        f"nothing was sent: {slots} of {slots} visits and transfers of the plan are "
        "there already"
    ) in again.err
    assert again.out == resumed.out
