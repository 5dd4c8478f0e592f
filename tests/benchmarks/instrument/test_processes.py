import os
import subprocess
import sys

import pytest

from benchmarks.instrument.processes import (
    Spent,
    Watch,
    cpu_between,
    cpu_ns_of,
    peak_bytes_of,
)

_STAT = "7 (a (b) c) S 1 7 7 0 -1 4194560 9 9 9 9 250 50 3 3 20 0 1 0 99 0 0"


def test_processor_time_is_read_behind_any_name() -> None:
    ticks_per_s = os.sysconf("SC_CLK_TCK")
    assert cpu_ns_of(_STAT) == 300 * 10**9 // ticks_per_s


def test_peak_memory_is_that_of_the_status_file() -> None:
    assert peak_bytes_of("Name:\tx\nVmHWM:\t    2048 kB\n") == 2 * 2**20
    assert peak_bytes_of("Name:\tzombie\n") == 0


def test_processor_time_between_two_looks_is_interpolated() -> None:
    spent = [Spent(wall_ns=0, cpu_ns=0), Spent(wall_ns=100, cpu_ns=50)]
    spent.append(Spent(wall_ns=200, cpu_ns=150))
    assert cpu_between(spent, 50, 150) == 100 - 25


def test_time_that_was_not_watched_has_no_cost() -> None:
    spent = [Spent(wall_ns=0, cpu_ns=0), Spent(wall_ns=100, cpu_ns=50)]
    with pytest.raises(ValueError, match="nothing was watched at 101"):
        cpu_between(spent, 0, 101)


def test_watch_counts_a_process_and_its_children() -> None:
    child = "import sys; b = bytearray(64 << 20); print(flush=True); sys.stdin.read()"
    parent = (
        f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    )
    with subprocess.Popen(
        [sys.executable, "-c", parent], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"\n"
        watch = Watch(process.pid)
        watch.look()
        process.communicate()
    # What has ended stays counted.
    watch.look()
    first, last = watch.cost().spent
    assert last.cpu_ns == first.cpu_ns
    cost = watch.cost()
    assert cost.tree_peak_bytes > 64 * 2**20 > cost.peak_bytes > 0
