"""Which world a machine gives, and what it says when it gives none."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.private_network

_ROOT = Path(__file__).parents[2]
_ASK = """
import sys
from pathlib import Path
from cloudgauge.errors import WorldError
from cloudgauge.world.scenario import Scenario
from cloudgauge.world.session import WorldSpec, run_in_world
from tests.world.places import place
spec = WorldSpec(scenario=Scenario(), targets=(place("near"),))
allowed = sys.argv[2] == "loopback-allowed"
try:
    outcome = run_in_world(
        ["true"], spec=spec, truth=Path(sys.argv[1]), loopback_allowed=allowed
    )
    print(outcome.means, outcome.exit_code, outcome.fallback)
except WorldError as exc:
    print("error", exc)
"""
# Root without rights is any other user; only that its namespace may map user 0
# takes one (CAP_SETFCAP, since Linux 5.12).
_NO_RIGHTS = ("setpriv", "--bounding-set=-all,+setfcap", "--inh-caps=-all")
_NO_TUN = (
    "unshare",
    "--user",
    "--map-root-user",
    "--mount",
    "sh",
    "-c",
    'mount -t tmpfs none /dev/net && exec "$@"',
    "sh",
)


def _ask(before: tuple[str, ...], truth: Path, loopback: str) -> str:
    command = [*before, sys.executable, "-c", _ASK, str(truth), loopback]
    told = subprocess.run(
        command, capture_output=True, text=True, check=True, cwd=_ROOT, timeout=300
    )
    return told.stdout.strip()


def test_the_world_takes_no_rights_where_user_namespaces_are_allowed(
    tmp_path: Path,
) -> None:
    probe = subprocess.run([*_NO_RIGHTS, "unshare", "--user", "true"], check=False)
    told = _ask(_NO_RIGHTS, tmp_path / "truth", "loopback-refused")
    if probe.returncode == 0:
        assert told == "tun 0"
    else:
        assert "user namespaces for everybody" in told


def test_without_a_tun_device_the_error_names_it(tmp_path: Path) -> None:
    told = _ask(_NO_TUN, tmp_path / "truth", "loopback-refused")
    assert told == (
        "error no private network can be made here: /dev/net/tun is missing"
    )


def test_without_a_tun_device_loopback_servers_take_its_place(tmp_path: Path) -> None:
    told = _ask(_NO_TUN, tmp_path / "truth", "loopback-allowed")
    assert told.startswith("loopback 0 no private network can be made here")
