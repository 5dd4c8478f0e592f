"""Quantiles of many sets: both readers held against plain Python, and each other."""

import math
import random
from dataclasses import replace
from pathlib import Path

import pytest

from cloudgauge.analysis.columns import columns_of
from cloudgauge.analysis.engine import Engine, How, quantile_cells
from cloudgauge.analysis.engine_duckdb import Room, _opened
from cloudgauge.analysis.engine_ends import QuantileCell
from cloudgauge.analysis.engine_memory import read_by_memory
from cloudgauge.analysis.engine_query import MOST_BLOCKS, By, Query, sources_of
from cloudgauge.analysis.engine_rows import CellRows
from cloudgauge.analysis.metric import Metric
from cloudgauge.analysis.run_rounds import round_samples, rounds_of
from cloudgauge.analysis.series_frames import targets_frame_of
from cloudgauge.analysis.sides import median_of
from cloudgauge.errors import StoreError
from cloudgauge.model.plan import Pacing
from cloudgauge.store.lock import FolderLock
from cloudgauge.store.resultset import ResultSet
from tests.analysis.engine_sets import as_import, mixed_sets, wanted_cells
from tests.store.several import Run, keep_run
from tests.store.synthetic import (
    ROUND_NS,
    keep_journal,
    make_plan,
    make_samples,
)

LATENCIES = (Metric.CONNECT, Metric.TLS, Metric.FIRST_BYTE)
MEMORY, DUCKDB = How(engine=Engine.MEMORY), How(engine=Engine.DUCKDB)
DEFAULT = (By.VANTAGE, By.TARGET, By.FAMILY)


def asked(metric: Metric, *by: By, shares: tuple[float, ...] = (0.5, 0.9)) -> Query:
    return Query(metric=metric, by=by, shares=shares)


def some_query(seed: int, metric: Metric) -> Query:
    rng = random.Random(seed)
    by = tuple(rng.sample(list(By), rng.randint(0, 4)))
    shares = tuple(sorted(rng.sample([0.01, 0.25, 0.5, 0.9, 0.95, 0.99], 3)))
    return Query(metric=metric, by=by, shares=shares)


def assert_as_wanted(
    cells: tuple[QuantileCell, ...], sets: tuple[ResultSet, ...], query: Query
) -> None:
    wanted = wanted_cells(sets, query)
    assert {cell.key for cell in cells} == set(wanted)
    for cell in cells:
        one = wanted[cell.key]
        values = sorted(one.values_ns)
        known = [value for value in values if math.isfinite(value)]
        assert (cell.visits, cell.samples) == (one.visits, one.samples)
        assert (cell.failed, cell.resent) == (one.failed, one.resent)
        assert (cell.n, cell.timed_out) == (len(known), len(values) - len(known))
        assert cell.min_ms == (known[0] / 1e6 if known else None)
        for found in cell.quantiles:
            if not values:
                assert found.point_ms is None
                continue
            place = (len(values) - 1) * found.share
            low = values[math.floor(place)] / 1e6
            high = values[math.ceil(place)] / 1e6
            if math.isinf(high):
                assert found.point_ms == math.inf
            else:
                share = place - math.floor(place)
                assert found.point_ms == low + (high - low) * share
            if found.low_ms is not None:
                assert found.low_ms <= found.point_ms
            if found.high_ms is not None:
                assert found.high_ms >= found.point_ms


@pytest.mark.parametrize("seed", range(3))
def test_both_engines_give_what_plain_python_counts(tmp_path: Path, seed: int) -> None:
    sets = mixed_sets(tmp_path, seed)
    for metric in LATENCIES:
        for more in range(3):
            query = some_query(100 * seed + more, metric)
            cells = quantile_cells(sets, query, MEMORY)
            assert_as_wanted(cells, sets, query)
            # To the last digit, counts, quantiles and the ends of intervals.
            assert quantile_cells(sets, query, DUCKDB) == cells


@pytest.mark.parametrize("metric", LATENCIES)
def test_imports_have_timeouts_of_the_phase_that_they_have(
    tmp_path: Path, metric: Metric
) -> None:
    sets = tuple(as_import(one) for one in mixed_sets(tmp_path, 11))
    query = asked(metric, By.TARGET, By.REPLICA)
    cells = quantile_cells(sets, query, MEMORY)
    assert_as_wanted(cells, sets, query)
    assert quantile_cells(sets, query, DUCKDB) == cells
    assert any(cell.timed_out for cell in cells) == (metric is Metric.FIRST_BYTE)


def test_one_run_has_the_quantiles_and_the_interval_of_its_own_table(
    tmp_path: Path,
) -> None:
    plan = make_plan(targets=3, rounds=60)
    result = ResultSet.open(keep_run(tmp_path, Run(plan=plan)))
    cells = quantile_cells(
        (result,), asked(Metric.CONNECT, By.TARGET, shares=(0.5, 0.95, 0.99)), MEMORY
    )
    table = targets_frame_of(result)
    table = table[table["replica"] == 0].set_index("target_id")
    rounds = rounds_of(
        columns_of(result, round_samples(Metric.CONNECT)), Metric.CONNECT, 0
    )
    for cell in cells:
        row = table.loc[cell.key[0]]
        middle, late, last = cell.quantiles
        assert middle.point_ms == row["connect_p50_ms"]
        assert late.point_ms == row["connect_p95_ms"]
        assert last.point_ms == row["connect_p99_ms"]
        assert (cell.n, cell.timed_out) == (
            row["connect_n"],
            row["connect_timed_out"],
        )
        assert middle.low_ms == row["connect_p50_low_ms"]
        assert middle.high_ms == row["connect_p50_high_ms"]
        line = next(
            one
            for one in rounds.lines
            if one.target_id == cell.key[0] and not one.replica
        )
        interval = median_of(rounds, line)
        assert interval is not None
        assert (middle.low_ms, middle.high_ms) == (interval.low, interval.high)


def test_parts_of_a_vantage_follow_one_another_and_are_pooled(tmp_path: Path) -> None:
    plan = make_plan(targets=2, rounds=5)
    runs = [
        Run(plan=plan, digit=f"{at + 1}", later_ns=at * 5 * ROUND_NS, seed=at)
        for at in range(4)
    ]
    sets = tuple(ResultSet.open(keep_run(tmp_path / run.digit, run)) for run in runs)
    query = asked(Metric.CONNECT, *DEFAULT)
    together = quantile_cells(sets, query, MEMORY)
    assert_as_wanted(together, sets, query)
    assert all(cell.rounds == 20 for cell in together)
    # Whoever names them in another order gets the same.
    assert quantile_cells(sets[::-1], query, DUCKDB) == together


def test_many_rounds_are_taken_several_at_once(tmp_path: Path) -> None:
    plan = make_plan(targets=1, rounds=3, controls=0)
    short = ResultSet.open(keep_run(tmp_path, Run(plan=plan)))
    pacing = Pacing(rounds=3 * MOST_BLOCKS, round_ns=ROUND_NS)
    manifest = replace(short.manifest, plan=replace(plan, pacing=pacing))
    # Planned for long, and ended soon: no round is taken with another.
    (source,) = sources_of((replace(short, manifest=manifest),))
    assert source.width == 1

    counts = replace(manifest.counts, visits=3 * MOST_BLOCKS)
    (source,) = sources_of((replace(short, manifest=replace(manifest, counts=counts)),))
    assert source.width == 3
    rows = CellRows.of(
        read_by_memory(source, asked(Metric.CONNECT, By.TARGET)),
        source,
        asked(Metric.CONNECT, By.TARGET),
    )
    assert rows.blocks.tolist() == [0]


@pytest.mark.parametrize("engine", [Engine.MEMORY, Engine.DUCKDB])
def test_coarse_quantiles_are_within_one_per_cent(
    tmp_path: Path, engine: Engine
) -> None:
    sets = mixed_sets(tmp_path, 3)
    for metric in LATENCIES:
        query = asked(metric, By.VANTAGE, shares=(0.25, 0.5, 0.9))
        exact = quantile_cells(sets, query, How(engine=engine))
        coarse = quantile_cells(sets, query, How(engine=engine, exact=False))
        assert [one.key for one in coarse] == [one.key for one in exact]
        for one, other in zip(coarse, exact, strict=True):
            assert (one.n, one.timed_out, one.min_ms) == (
                other.n,
                other.timed_out,
                other.min_ms,
            )
            ordered = sorted(wanted_cells(sets, query)[one.key].values_ns)
            for found in one.quantiles:
                rank = max(math.ceil(round(found.share * len(ordered), 6)), 1)
                value = ordered[rank - 1] / 1e6
                assert found.point_ms == pytest.approx(value, rel=0.01001)


def test_little_memory_gives_the_same_by_reading_again(tmp_path: Path) -> None:
    sets = mixed_sets(tmp_path, 4)
    query = asked(Metric.FIRST_BYTE, By.VANTAGE, By.HOUR)
    wanted = quantile_cells(sets, query, MEMORY)
    for engine in (Engine.MEMORY, Engine.DUCKDB):
        how = How(engine=engine, memory_bytes=1)
        assert quantile_cells(sets, query, how) == wanted


def test_a_run_that_is_alive_is_read_as_it_was_when_opened(tmp_path: Path) -> None:
    plan = make_plan(targets=2, rounds=4)
    folder = keep_journal(tmp_path, plan, make_samples(plan), ended=False)
    with FolderLock.take(folder):
        alive = ResultSet.open(folder)
        assert alive.alive
        query = asked(Metric.CONNECT, *DEFAULT)
        cells = quantile_cells((alive,), query, DUCKDB)
        assert_as_wanted(cells, (alive,), query)


def test_the_database_writes_no_progress_where_the_answer_goes(tmp_path: Path) -> None:
    (source,) = sources_of((ResultSet.open(keep_run(tmp_path, Run())),))
    room = Room(threads=1, memory_bytes=10**9, scratch=str(tmp_path / "scratch"))
    shown = "SELECT value FROM duckdb_settings() WHERE name = 'enable_progress_bar'"
    fetched = "SELECT value FROM duckdb_settings() WHERE name LIKE 'auto%extensions'"
    with _opened(source, room) as file:
        assert file.base.sql(shown).fetchall() == [("false",)]
        assert file.base.sql(fetched).fetchall() == [("false",), ("false",)]


@pytest.mark.parametrize("name", ["a*b", "a'; DROP TABLE x; --", "k=v", "[x]", "a b"])
def test_a_path_is_never_taken_for_a_pattern_or_a_statement(
    tmp_path: Path, name: str
) -> None:
    sets = (ResultSet.open(keep_run(tmp_path / name, Run())),)
    # What a pattern would match too, and must not be read.
    keep_run(tmp_path / name.replace("*", "xx").replace("[x]", "x"), Run(digit="b"))
    query = asked(Metric.CONNECT, *DEFAULT)
    found = quantile_cells(sets, query, DUCKDB)
    assert found == quantile_cells(sets, query, MEMORY)
    assert_as_wanted(found, sets, query)


@pytest.mark.parametrize("engine", [Engine.MEMORY, Engine.DUCKDB])
def test_a_file_that_is_not_what_the_manifest_says_is_refused(
    tmp_path: Path, engine: Engine
) -> None:
    folder = keep_run(tmp_path, Run())
    result = ResultSet.open(folder)
    (file,) = (folder / "samples").iterdir()
    file.write_bytes(b"PAR1 nothing PAR1")
    with pytest.raises(StoreError, match="cannot be read as Parquet"):
        quantile_cells((result,), asked(Metric.CONNECT), How(engine=engine))


def test_nothing_is_known_of_a_set_without_a_sample(tmp_path: Path) -> None:
    plan = make_plan(targets=1, rounds=1)
    result = ResultSet.open(keep_journal(tmp_path, plan, []))
    for how in (MEMORY, DUCKDB):
        assert quantile_cells((result,), asked(Metric.CONNECT, By.TARGET), how) == ()
