"""Several vantages in networks of their own, and what can be done to them."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.fleet.lab import Lab, LabSpec, Place, wait_until
from cloudgauge.errors import WorldError
from cloudgauge.model.run import Vantage

pytestmark = pytest.mark.private_network

_ROOT = Path(__file__).parents[3]
_TOKYO = Vantage(name="tokyo", latitude_deg=35.68, longitude_deg=139.69)
_BERLIN = Vantage(name="berlin", latitude_deg=52.52, longitude_deg=13.40)
_FRANKFURT_HOST = "s3.eu-central-1.amazonaws.com"
# Connects, and prints the seconds it took or what the system said.
_CONNECT = """
import socket, sys, time
began_s = time.monotonic()
try:
    where = (sys.argv[1], int(sys.argv[2]))
    socket.create_connection(where, float(sys.argv[3])).close()
    print(time.monotonic() - began_s)
except OSError as exc:
    print(type(exc).__name__, exc.errno)
"""
_LISTEN = """
import socket
listener = socket.create_server(("0.0.0.0", 9000))
print("listening", flush=True)
while True:
    listener.accept()[0].close()
"""


def _spec() -> LabSpec:
    return LabSpec(vantages=(_TOKYO, _BERLIN))


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with Lab(_spec(), tmp_path_factory.mktemp("lab")) as lab:
        yield lab


def _connect(place: Place, host: str, port: int, limit_s: float = 60) -> str:
    words = [host, str(port), str(limit_s)]
    asked = place.start([sys.executable, "-c", _CONNECT, *words])
    assert asked.wait() == 0, asked.text
    return asked.text.strip()


def _listen(place: Place) -> None:
    listener = place.start([sys.executable, "-c", _LISTEN])
    wait_until(lambda: "listening" in listener.text, what="a listener")


def test_each_vantage_is_as_far_from_a_target_as_it_really_is(lab: Lab) -> None:
    from_tokyo, from_berlin = (
        float(_connect(lab.vantages[name], _FRANKFURT_HOST, 443))
        for name in ("tokyo", "berlin")
    )
    # 9,000 km of fibre and back; the other's is a hundredth of it, if nothing waits.
    assert from_tokyo > 0.09
    assert from_berlin > 0.004


def test_links_are_cut_slowed_hidden_and_restored(lab: Lab) -> None:
    tokyo, berlin = lab.vantages["tokyo"], lab.vantages["berlin"]
    _listen(lab.centre)
    _listen(tokyo)
    to_centre = (tokyo, lab.centre.address, 9000)
    to_tokyo = (lab.centre, tokyo.address, 9000)
    between = (berlin, tokyo.address, 9000)
    for ends in (to_centre, to_tokyo, between):
        float(_connect(*ends))
    lab.delay("tokyo", 200_000_000)
    for ends in (to_centre, to_tokyo, between):
        assert float(_connect(*ends)) > 0.4
    lab.cut("tokyo")
    for ends in (to_centre, to_tokyo, between):
        assert _connect(*ends, limit_s=0.5) == "TimeoutError None"
    lab.hide("tokyo")
    for ends in (to_tokyo, between):
        assert _connect(*ends, limit_s=0.5) == "TimeoutError None"
    float(_connect(*to_centre))
    lab.restore("tokyo")
    for ends in (to_centre, to_tokyo, between):
        float(_connect(*ends))


def test_a_vantages_targets_can_be_taken_away_and_given_back(lab: Lab) -> None:
    tokyo, berlin = lab.vantages["tokyo"], lab.vantages["berlin"]
    lab.cut_targets("tokyo")
    assert "OSError" in _connect(tokyo, _FRANKFURT_HOST, 443)
    float(_connect(berlin, _FRANKFURT_HOST, 443))
    lab.restore_targets("tokyo")
    float(_connect(tokyo, _FRANKFURT_HOST, 443))


@pytest.mark.parametrize("kill_all", [False, True])
def test_a_process_is_killed_alone_or_with_all_that_it_started(
    lab: Lab, *, kill_all: bool
) -> None:
    parent = lab.centre.start(["sh", "-c", "sleep 300 & echo $!; wait"])
    wait_until(lambda: parent.text.endswith("\n"), what="the child's number")
    child = int(parent.text)
    assert parent.code is None
    (parent.kill_all if kill_all else parent.kill)()
    assert parent.wait() == -signal.SIGKILL
    if kill_all:
        _wait_for_the_end_of(child)
    else:
        assert _is_alive(child)


def test_the_log_of_each_vantages_internet_is_kept(tmp_path: Path) -> None:
    with Lab(LabSpec(vantages=(_BERLIN,)), tmp_path) as lab:
        float(_connect(lab.vantages["berlin"], _FRANKFURT_HOST, 443))
    assert (lab.truth("berlin") / "packets.bin").stat().st_size > 0
    assert (lab.truth("berlin") / "exchanges.bin").exists()


def test_a_vantage_that_cannot_be_made_says_why(tmp_path: Path) -> None:
    scenario = tmp_path / "wrong.toml"
    scenario.write_text('name = "wrong"\n')
    spec = LabSpec(vantages=(_BERLIN,), scenario=scenario)
    with pytest.raises(WorldError, match=r"berlin[\s\S]*no vantage of scenario"):
        Lab(spec, tmp_path / "lab").__enter__()


_HOLD = """
import sys
from pathlib import Path
from benchmarks.fleet.lab import Lab
from benchmarks.fleet.drills.test_lab import _spec
with Lab(_spec(), Path(sys.argv[1])) as lab:
    place = lab.vantages["tokyo"]
    print(place.pid, place.start(["sleep", "300"]).pid, lab.sockets, flush=True)
    if sys.argv[2] == "wait":
        sys.stdin.read()
"""
# As of any other user; see tests/world/test_means.py.
_NO_RIGHTS = ("setpriv", "--bounding-set=-all,+setfcap", "--inh-caps=-all")


def test_nothing_of_a_lab_outlives_who_made_it(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _HOLD, str(tmp_path / "lab"), "wait"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=_ROOT
    ) as holder:
        assert holder.stdout is not None
        *pids, sockets = holder.stdout.readline().decode().split()
        assert len(pids) == 2
        holder.kill()
    for pid in pids:
        _wait_for_the_end_of(int(pid))
    wait_until(lambda: not Path(sockets).exists(), what="the end of its folder")


def test_a_lab_takes_no_rights_where_user_namespaces_are_allowed(
    tmp_path: Path,
) -> None:
    probe = subprocess.run([*_NO_RIGHTS, "unshare", "--user", "true"], check=False)
    command = [sys.executable, "-c", _HOLD, str(tmp_path / "lab"), "end"]
    told = subprocess.run(
        [*_NO_RIGHTS, *command], cwd=_ROOT, capture_output=True, text=True, check=False
    )
    if probe.returncode == 0:
        assert told.returncode == 0, told.stderr
        assert len(told.stdout.split()) == 3
    else:
        assert "user namespaces for everybody" in told.stderr


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _wait_for_the_end_of(pid: int) -> None:
    wait_until(lambda: not _is_alive(pid), what=f"the end of {pid}")
