"""What a run leaves is sealed, shown and verified by a process that stays small."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.store.synthetic import keep_journal, make_plan, make_samples

# pandas alone is as large as all the rest; the others belong to the prober, or are
# loaded by Arrow for conveniences that we do without.
_HEAVY = ("pandas", "scipy", "httpx", "asyncio", "uvloop", "pyarrow.compute")
_LIMIT_MIB = 120
_WATCHED = f"""
import atexit, json, os, sys
from pathlib import Path

def tell():
    loaded = [name for name in {_HEAVY!r} if name in sys.modules]
    status = Path("/proc/self/status").read_text()
    (peak_kib,) = [x.split()[1] for x in status.splitlines() if x.startswith("VmHWM")]
    Path(os.environ["TOLD"]).write_text(json.dumps([loaded, int(peak_kib)]))

atexit.register(tell)
from cloudgauge.__main__ import main
sys.argv[0] = "cloudgauge"
main()
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What a command printed, loaded and took at most."""

    output: str
    heavy: list[str]
    peak_mib: float


def watched(tmp_path: Path, *arguments: str) -> Ended:
    told = tmp_path / "told.json"
    ended = subprocess.run(
        [sys.executable, "-c", _WATCHED, *arguments],
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
        env=os.environ | {"TOLD": str(told)},
    )
    assert ended.returncode == 0, ended.stderr
    heavy, peak_kib = json.loads(told.read_text())
    return Ended(output=ended.stdout, heavy=heavy, peak_mib=peak_kib / 1024)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc/self/status")
def test_a_run_over_250_targets_is_sealed_shown_and_verified_in_120_mib(
    tmp_path: Path,
) -> None:
    plan = make_plan(targets=250, rounds=10)
    folder = keep_journal(tmp_path / "results", plan, make_samples(plan, failing=0))
    sealed = watched(tmp_path, "show", str(folder))
    assert "12,550 samples in 251 series" in sealed.output
    assert (folder / "SHA256SUMS").exists()
    shown = watched(tmp_path, "show", str(folder), "--format", "json")
    verified = watched(tmp_path, "verify", str(folder))
    assert "1 of 1 result sets as they were sealed" in verified.output
    for ended in (sealed, shown, verified):
        assert ended.heavy == []
        assert ended.peak_mib <= _LIMIT_MIB
