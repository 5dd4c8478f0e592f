import random
import signal
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from cloudgauge.model.run import StopReason
from cloudgauge.store.resultset import ResultSet
from cloudgauge.store.verify import verify

_PROMISE_NS = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Killed:
    folder: Path
    killed_at_ns: int
    acknowledged: tuple[tuple[int, str, int, int], ...]


def kill_after(parent: Path, life_s: float) -> Killed:
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
        time.sleep(life_s)
        killed_at_ns = time.monotonic_ns()
        child.send_signal(signal.SIGKILL)
        assert child.wait() == -signal.SIGKILL
    (folder,) = (parent / "results").iterdir()
    whole_lines = log.read_text().split("\n")[:-1]
    return Killed(
        folder=folder,
        killed_at_ns=killed_at_ns,
        acknowledged=tuple(_told(line) for line in whole_lines),
    )


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
    owed = {
        (table, seq, place)
        for at_ns, table, seq, place in killed.acknowledged
        if at_ns <= killed.killed_at_ns - _PROMISE_NS
    }
    assert owed <= kept
    verify(killed.folder)
    return Counter(table for table, _, _ in owed)


def test_a_kill_at_any_moment_loses_nothing_older_than_a_second(
    tmp_path: Path,
) -> None:
    rng = random.Random(20)
    lives_s = [rng.uniform(0.0, 2.5) for _ in range(20)]
    with ThreadPoolExecutor(max_workers=5) as pool:
        parents = [tmp_path / str(index) for index in range(len(lives_s))]
        runs = list(pool.map(kill_after, parents, lives_s))
    owed = [check(run) for run in runs]
    # The test says something only if there was something to lose.
    for table in ("sample", "bin"):
        assert sum(counts[table] for counts in owed) > 200
        assert sum(counts[table] > 0 for counts in owed) >= 8
