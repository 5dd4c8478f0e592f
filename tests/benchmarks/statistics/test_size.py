from pathlib import Path

from benchmarks.statistics.large_set import make_large_set
from benchmarks.statistics.size import GOAL_BYTES, Reading, read_ways, table
from cloudgauge.store.resultset import ResultSet
from cloudgauge.store.verify import verify


def test_a_large_set_is_as_sound_as_one_that_was_measured(tmp_path: Path) -> None:
    folder = make_large_set(tmp_path, 2_500)
    verified = verify(folder)
    # Filled up to whole rounds of 200 targets and 5 exchanges.
    assert verified.manifest.counts.samples == 3_000
    assert verified.manifest.counts.failures[0].count > 0
    rows = ResultSet.open(folder).table(["exchange", "connect_rtt_us", "failure"])
    cold = [row for row in rows.to_pylist() if row["exchange"] == 0]
    assert len(cold) == 600
    assert all(row["connect_rtt_us"] > 0 for row in cold)


def test_each_way_to_open_it_is_weighed(tmp_path: Path) -> None:
    folder = make_large_set(tmp_path, 1_000)
    readings = read_ways(folder, 1_000)
    assert len(readings) == 3
    assert all(0 < one.peak_bytes < GOAL_BYTES for one in readings)
    assert all(one.processor_s > 0 for one in readings)
    assert table(readings).count("| 1,000 |") == 3


def test_a_goal_is_of_time_and_of_memory() -> None:
    def reading(wall_s: float, peak_bytes: int) -> Reading:
        return Reading(
            name="x", samples=1, wall_s=wall_s, processor_s=1, peak_bytes=peak_bytes
        )

    assert reading(10, GOAL_BYTES).keeps_its_goal
    assert not reading(10.1, GOAL_BYTES).keeps_its_goal
    assert not reading(10, GOAL_BYTES + 1).keeps_its_goal
    assert "missed" in table([reading(11, 1)])
