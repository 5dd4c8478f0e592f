import random
import signal
import subprocess
import sys
import time
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
    acknowledged: tuple[tuple[int, int, int], ...]


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
        acknowledged=tuple(_numbers(line) for line in whole_lines),
    )


def _numbers(line: str) -> tuple[int, int, int]:
    at_ns, seq, exchange = line.split()
    return int(at_ns), int(seq), int(exchange)


def check(killed: Killed) -> int:
    """How many samples had to be there, all of which are."""
    result = ResultSet.open(killed.folder)
    outcome = result.manifest.outcome
    assert outcome is not None
    assert outcome.stop_reason is StopReason.KILLED
    rows = result.table(["seq", "exchange"]).to_pylist()
    kept = {(row["seq"], row["exchange"]) for row in rows}
    owed = {
        (seq, exchange)
        for at_ns, seq, exchange in killed.acknowledged
        if at_ns <= killed.killed_at_ns - _PROMISE_NS
    }
    assert owed <= kept
    verify(killed.folder)
    return len(owed)


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
    assert sum(owed) > 500
    assert sum(count > 0 for count in owed) >= 8
