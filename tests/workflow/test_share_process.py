import json
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cloudgauge.errors import ConfigError
from cloudgauge.model.run import StopReason, Vantage
from cloudgauge.store.verify import verify
from cloudgauge.workflow.share import check_vantage, share_from_json, share_to_json
from tests.fakes.server import Peer, answer_bytes, answering, stalling
from tests.workflow.rolled import (
    LAB,
    TARGETS,
    Ground,
    all_cells_once,
    cells_of,
    ground,
    outcome_of,
    part_of,
    start_share,
    until,
)

_LIMIT_S = 300


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Ground]:
    with ground(tmp_path) as made:
        yield made


def events_of(process: "subprocess.Popen[str]") -> Iterator[dict[str, Any]]:
    """What a process says, as it says it."""
    assert process.stdout is not None
    for line in process.stdout:
        yield json.loads(line)


def rest_of(process: "subprocess.Popen[str]") -> list[dict[str, Any]]:
    """What it says from now on until it ends."""
    assert process.stdout is not None
    with process.stdout:
        told = list(events_of(process))
    process.wait(_LIMIT_S)
    return told


def wait_for_round(process: "subprocess.Popen[str]") -> None:
    """Wait until a round is done."""
    for event in events_of(process):
        if event["event"] == "round":
            return
    pytest.fail("it ended before")


def samples_in(results: Path) -> int:
    """How many samples the journals of parts under way have kept."""
    count = 0
    for journal in results.glob("*/journal.sqlite"):
        with (
            suppress(sqlite3.OperationalError),
            closing(sqlite3.connect(f"file:{journal}?mode=ro", uri=True)) as connection,
        ):
            row = connection.execute(
                "SELECT count(*) FROM sample WHERE NOT EXISTS "
                "(SELECT 1 FROM header WHERE key = 'outcome')"
            ).fetchone()
            count += int(row[0])
    return count


class Killer:
    """A server's script that kills a process in the middle of a visit.

    Not before its n-th, and not before its journal has kept something. Whatever else
    this machine does: that visit is never answered.
    """

    def __init__(self, results: Path, *, after: int) -> None:
        self._results = results
        self._after = after
        self._left = after
        self._process: subprocess.Popen[str] | None = None
        self._one_at_a_time = threading.Lock()

    def mark(self, process: "subprocess.Popen[str] | None") -> None:
        """Which process; None for nobody."""
        with self._one_at_a_time:
            self._process, self._left = process, self._after

    def __call__(self, peer: Peer) -> None:
        with self._one_at_a_time:
            self._left -= 1
            process, is_time = self._process, self._left < 0
            if process is not None and is_time and samples_in(self._results):
                process.kill()
                return
        answering(answer_bytes(200))(peer)


def test_a_share_tells_how_it_goes_and_how_it_ended(here: Ground) -> None:
    pin = here.pin(rounds=4, part_rounds=2)

    told = rest_of(start_share(here.share(pin)))

    kinds = [event["event"] for event in told]
    assert kinds.count("begun") == kinds.count("part") == 2
    assert sorted(e["round"] for e in told if e["event"] == "round") == [0, 1, 2, 3]
    one = next(event for event in told if event["event"] == "round")
    assert (one["visits"], one["failed"]) == (TARGETS, 0)
    first, second = (event for event in told if event["event"] == "part")
    assert (first["number"], first["first_round"], first["rounds"]) == (0, 0, 2)
    assert (second["number"], second["first_round"], second["rounds"]) == (1, 2, 2)
    assert (first["slots"], first["complete"], first["is_rest"]) == (8, True, False)
    assert first["stop_reason"] == "finished"
    assert {first["folder"], second["folder"]} == {
        event["folder"] for event in told if event["event"] == "begun"
    }
    assert told[-1] == {
        "event": "ended",
        "complete": True,
        "held": 16,
        "planned": 16,
        "parts": 2,
        "stop_reason": "finished",
        "detail": "",
        "interrupted": False,
    }


def test_a_share_that_is_killed_in_the_middle_of_a_part_loses_and_repeats_nothing(
    tmp_path: Path,
) -> None:
    killer = Killer(tmp_path / "results", after=3 * TARGETS + 2)
    with ground(tmp_path, killer) as here:
        pin = here.pin(rounds=16, part_rounds=8)
        request = here.share(pin)
        for _ in range(2):
            process = start_share(request)
            killer.mark(process)
            assert rest_of(process)[-1]["event"] != "ended"
            assert process.returncode == -signal.SIGKILL
        killer.mark(None)

        told = rest_of(start_share(request))

        assert told[-1]["event"] == "ended"
        assert told[-1]["complete"]
        sets = here.parts(pin)
    assert cells_of(sets) == all_cells_once(pin.plan)
    killed = [one for one in sets if outcome_of(one).stop_reason is StopReason.KILLED]
    begun = [one for one in killed if one.manifest.counts.visits]
    assert len(begun) >= 2
    assert all(one.manifest.counts.visits < part_of(one).slots for one in begun)
    assert any(part_of(one).is_rest for one in sets)
    for one in sets:
        verify(one.folder)
        assert outcome_of(one).complete == (one not in killed)
        if one not in killed:
            assert one.manifest.counts.visits == part_of(one).slots


def test_a_share_ends_softly_when_it_is_told_to(here: Ground) -> None:
    pin = here.pin(rounds=1_000, part_rounds=500)
    process = start_share(here.share(pin))
    wait_for_round(process)

    process.terminate()
    told = rest_of(process)

    assert process.returncode == 0
    assert told[-1]["event"] == "ended"
    assert (told[-1]["interrupted"], told[-1]["complete"]) == (True, False)
    (only,) = here.parts(pin)
    assert outcome_of(only).stop_reason is StopReason.INTERRUPTED


def test_a_second_word_ends_a_share_at_once_and_its_journal_says_so(
    tmp_path: Path,
) -> None:
    with ground(tmp_path, stalling) as here:
        pin = here.pin(rounds=1_000, part_rounds=500)
        process = start_share(here.share(pin))
        until(lambda: here.server.connections > 0)
        process.terminate()
        process.terminate()

        told = rest_of(process)

        assert told[-1]["stop_reason"] == "interrupted"
        (only,) = here.parts(pin)
        assert outcome_of(only).stop_reason is StopReason.INTERRUPTED


def test_a_share_ends_with_whoever_started_it(here: Ground) -> None:
    pin = here.pin(rounds=10_000, part_rounds=5_000)
    # Somebody who starts a share, says which process it is, and is killed.
    starter = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import subprocess, sys\n"
            "command = [sys.executable, '-m', 'cloudgauge.workflow.share_process']\n"
            "share = subprocess.Popen(command, stdin=subprocess.PIPE,\n"
            "                         stdout=subprocess.DEVNULL)\n"
            "share.stdin.write(sys.stdin.buffer.readline())\n"
            "share.stdin.close()\n"
            "print(share.pid, flush=True)\n"
            "share.wait()\n",
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert starter.stdin is not None
    assert starter.stdout is not None
    starter.stdin.write(f"{share_to_json(here.share(pin))}\n")
    starter.stdin.close()
    assert int(starter.stdout.readline()) > 0
    until(lambda: here.server.connections > 0)
    starter.kill()
    starter.wait(_LIMIT_S)
    starter.stdout.close()

    # Its lock is there as long as it is.
    until(lambda: not list(here.results.glob(".*/lock")))

    (only,) = here.parts(pin)
    assert outcome_of(only).stop_reason is StopReason.INTERRUPTED


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "the request on stdin: is not JSON"),
        ("{}", "the request on stdin: pin: is missing"),
    ],
)
def test_a_request_that_makes_no_sense_is_told(text: str, problem: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "cloudgauge.workflow.share_process"],
        input=f"{text}\n",
        capture_output=True,
        text=True,
        check=False,
        timeout=_LIMIT_S,
    )

    assert ended.returncode == 1
    (told,) = map(json.loads, ended.stdout.splitlines())
    assert told["event"] == "failed"
    assert told["kind"] == "ConfigError"
    assert told["message"].startswith(problem)
    assert ended.stderr == ""


def test_a_request_is_read_as_it_was_written(here: Ground) -> None:
    request = replace(
        here.share(here.pin(rounds=2, part_rounds=1)),
        start_wall_ns=5,
        sharers=3,
        already=((0, 4), (6, 7)),
        contact="https://example.org",
        patience_s=1.5,
    )

    assert share_from_json(share_to_json(request), "here") == request
    broken = share_to_json(request).replace("[0,4]", "[0]")
    with pytest.raises(ConfigError, match="here: already: want pairs of numbers"):
        share_from_json(broken, "here")


def test_a_pin_says_which_vantages_take_part(here: Ground) -> None:
    pin = here.pin(rounds=2, part_rounds=1)
    assert check_vantage(pin, LAB) == LAB

    named = replace(pin, vantages=(Vantage(name="lab"), Vantage(name="oslo", asn=7)))
    assert check_vantage(named, LAB) == LAB
    oslo = Vantage(name="oslo", city="elsewhere")
    assert check_vantage(named, oslo) == Vantage(name="oslo", asn=7)
    with pytest.raises(ConfigError) as caught:
        check_vantage(named, Vantage(name="rome"))
    assert str(caught.value) == '--vantage: the pin is for lab, oslo, not for "rome"'


def test_a_prober_loads_nothing_that_reads_sets() -> None:
    told = (
        "import sys, cloudgauge.workflow.share_process\n"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", told], capture_output=True, text=True, check=True
    )
    heavy = {"pyarrow", "numpy", "pandas", "scipy", "distributed", "duckdb", "obstore"}
    assert not heavy & set(ended.stdout.split())
