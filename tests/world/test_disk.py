"""A disk that is full, wherever the world first needs it: one line, no traceback."""

import errno
import sys
from pathlib import Path

import pytest

from cloudgauge.errors import WorldError
from cloudgauge.world.disk import temporary_folder, world_errors
from tests.world.small_disk import run_beside_small_disk

_FULL = "the disk is full"
_ASK = """
import sys
from cloudgauge.errors import WorldError
from cloudgauge.world.disk import temporary_folder
from cloudgauge.world.scenario import Scenario
from cloudgauge.world.session import WorldSpec, run_in_world
from tests.world.places import place
spec = WorldSpec(scenario=Scenario(), targets=(place("near"),))
try:
    with temporary_folder("truth") as truth:
        outcome = run_in_world(sys.argv[1:], spec=spec, truth=truth)
    print("ended with", outcome.exit_code)
except WorldError as exc:
    print("error", exc)
"""
# Each packet is a record of the line's log; the seconds are the command's patience.
_FLOOD = """
import socket, sys, time
count, patience_s = int(sys.argv[1]), float(sys.argv[2])
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
    for _ in range(count):
        sock.sendto(b"x", ("198.18.1.0", 9))
time.sleep(patience_s)
"""


def _ask(size: str, tmp_path: Path, command: tuple[str, ...]) -> str:
    with_temporary = {"TMPDIR": str(tmp_path)}
    told = run_beside_small_disk(size, tmp_path, [_ASK, *command], with_temporary)
    assert told.stderr == ""
    return told.stdout.strip()


def _flood(count: int, patience_s: float) -> tuple[str, ...]:
    return (sys.executable, "-c", _FLOOD, str(count), str(patience_s))


@pytest.mark.private_network
def test_a_disk_with_room_for_nothing_is_said_in_one_line(tmp_path: Path) -> None:
    for size in ("4k", "8k", "12k", "16k", "20k", "24k"):
        told = _ask(size, tmp_path, ("true",))
        assert told.startswith("error "), (size, told)
        assert told.endswith(_FULL), (size, told)
        assert str(tmp_path) in told
        assert "\n" not in told


@pytest.mark.private_network
def test_a_log_that_fills_the_disk_ends_the_command_and_is_told(
    tmp_path: Path,
) -> None:
    told = _ask("128k", tmp_path, _flood(8_000, 50))
    assert told.startswith("error the private network's line died while it was used: ")
    assert told.endswith(_FULL)


@pytest.mark.private_network
def test_a_log_that_cannot_be_kept_to_its_end_is_no_truth(tmp_path: Path) -> None:
    # Over before the line's next second is: what it gathered is written at the end.
    told = _ask("128k", tmp_path, _flood(8_000, 0.3))
    assert told.startswith("error the private network's line d")
    assert told.endswith(_FULL)


def test_a_refusal_names_its_place_and_says_why() -> None:
    place = Path("somewhere")
    for error, wanted in (
        (OSError(errno.ENOSPC, "No space left on device"), f"somewhere: {_FULL}"),
        (OSError(errno.EIO, "Input/output error", "f"), "f: input/output error"),
        (OSError("odd"), "somewhere: odd"),
    ):
        with pytest.raises(WorldError) as caught, world_errors(place):
            raise error
        assert str(caught.value) == wanted


def test_a_temporary_folder_is_gone_afterwards() -> None:
    with temporary_folder("test") as folder:
        (folder / "file").touch()
    assert not folder.exists()
