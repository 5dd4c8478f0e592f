import random
import signal
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from cloudgauge.model.run import StopReason
from cloudgauge.store.resultset import ResultSet
from cloudgauge.store.verify import verify
from tests.fakes.stalls import MachineStalls, ProcessStalls

_PROMISE_NS = 1_000_000_000
# Who lives longer than the promise is not killed before so much is owed of each table.
_LONG_LIFE_S = 1.25
_OWED = 20
_PATIENCE_S = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Killed:
    folder: Path
    safe_before_ns: int
    acknowledged: tuple[tuple[int, str, int, int], ...]

    def owed(self) -> set[tuple[str, int, int]]:
        """What was acknowledged so long before the end that it must be there."""
        return {
            (table, seq, place)
            for at_ns, table, seq, place in self.acknowledged
            if at_ns <= self.safe_before_ns
        }


def kill_after(machine: MachineStalls, parent: Path, life_s: float) -> Killed:
    """Let a process take samples for a while, then kill it without a warning."""
    log = parent / "acknowledged"
    parent.mkdir()
    with (
        log.open("wb") as acknowledged,
        subprocess.Popen(
            [sys.executable, "-m", "tests.store.appender", str(parent / "results")],
            stdout=acknowledged,
            stderr=subprocess.PIPE,
            stdin=subprocess.PIPE,
            bufsize=0,
        ) as child,
    ):
        assert child.stderr is not None
        assert child.stderr.readline() == b"begun\n"
        stalls = ProcessStalls(child.pid, machine)
        began_s = time.monotonic()
        while True:
            safe_before_ns = time.monotonic_ns() - _PROMISE_NS - stalls.look()
            lived_s = time.monotonic() - began_s
            assert lived_s < _PATIENCE_S
            if lived_s >= life_s and (
                life_s < _LONG_LIFE_S or _owes_enough(parent, log, safe_before_ns)
            ):
                break
            time.sleep(min(0.05, max(0.001, life_s - lived_s)))
        child.send_signal(signal.SIGKILL)
        assert child.wait() == -signal.SIGKILL
    return _killed(parent, log, safe_before_ns)


def _killed(parent: Path, log: Path, safe_before_ns: int) -> Killed:
    (folder,) = (parent / "results").iterdir()
    whole_lines = log.read_text().split("\n")[:-1]
    return Killed(
        folder=folder,
        safe_before_ns=safe_before_ns,
        acknowledged=tuple(_told(line) for line in whole_lines),
    )


def _owes_enough(parent: Path, log: Path, safe_before_ns: int) -> bool:
    owed = Counter(table for table, *_ in _killed(parent, log, safe_before_ns).owed())
    return min(owed["sample"], owed["bin"]) >= _OWED


def _told(line: str) -> tuple[int, str, int, int]:
    at_ns, table, seq, place = line.split()
    return int(at_ns), table, int(seq), int(place)


def check(killed: Killed) -> Counter[str]:
    """How many samples and bins had to be there, all of which are."""
    result = ResultSet.open(killed.folder)
    outcome = result.manifest.outcome
    assert outcome is not None
    assert outcome.stop_reason is StopReason.KILLED
    samples = result.table(["seq", "exchange"]).to_pylist()
    bins = result.bin_table(["seq", "bin"]).to_pylist()
    kept = {("sample", row["seq"], row["exchange"]) for row in samples}
    kept |= {("bin", row["seq"], row["bin"]) for row in bins}
    owed = killed.owed()
    assert owed <= kept
    verify(killed.folder)
    return Counter(table for table, _, _ in owed)


def test_a_kill_at_any_moment_loses_nothing_older_than_a_second(
    tmp_path: Path,
) -> None:
    rng = random.Random(20)
    lives_s = [rng.uniform(0.0, 2.5) for _ in range(20)]
    machine = MachineStalls(tmp_path / "scratch")
    with ThreadPoolExecutor(max_workers=5) as pool:
        parents = [tmp_path / str(index) for index in range(len(lives_s))]
        runs = list(pool.map(partial(kill_after, machine), parents, lives_s))
    owed = [check(run) for run in runs]
    # The test says something only if there was something to lose.
    for table in ("sample", "bin"):
        assert sum(counts[table] >= _OWED for counts in owed) >= 8
