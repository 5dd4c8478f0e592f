"""The same question over executors: threads, processes, and workers of Dask."""

import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import (
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
)
from multiprocessing import get_context
from pathlib import Path
from typing import ParamSpec, TypeVar

import pytest
from distributed import Client, LocalCluster

from cloudgauge.analysis import engine_merge
from cloudgauge.analysis.engine import Engine, How, quantile_cells
from cloudgauge.analysis.engine_kept import Job, Reader
from cloudgauge.analysis.engine_pass import cut, pick, tally
from cloudgauge.analysis.engine_query import By, Query, sources_of
from cloudgauge.analysis.metric import Metric
from cloudgauge.errors import MachineError, StoreError
from cloudgauge.store.resultset import ResultSet
from tests.analysis.engine_sets import mixed_sets

P = ParamSpec("P")
T = TypeVar("T")
QUERY = Query(
    metric=Metric.FIRST_BYTE,
    by=(By.REGION, By.HOUR),
    shares=(0.5, 0.95),
)


@pytest.fixture(scope="module")
def sets(tmp_path_factory: pytest.TempPathFactory) -> tuple[ResultSet, ...]:
    return mixed_sets(tmp_path_factory.mktemp("sets"), 20)


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    with LocalCluster(  # type: ignore[no-untyped-call]  # it says no types
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        dashboard_address="127.0.0.1:0",
        host="127.0.0.1",
    ) as made:
        yield made


@pytest.mark.parametrize("engine", [Engine.MEMORY, Engine.DUCKDB])
@pytest.mark.parametrize("exact", [True, False])
def test_threads_elsewhere_give_what_is_had_here(
    sets: tuple[ResultSet, ...], engine: Engine, *, exact: bool
) -> None:
    here = quantile_cells(sets, QUERY, How(engine=engine, exact=exact))
    with ThreadPoolExecutor(2) as pool:
        how = How(engine=engine, exact=exact, over=pool)
        assert quantile_cells(sets, QUERY, how) == here


def test_processes_give_what_is_had_here(sets: tuple[ResultSet, ...]) -> None:
    here = quantile_cells(sets, QUERY, How(engine=Engine.MEMORY))
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        for engine in (Engine.DUCKDB, Engine.MEMORY):
            how = How(engine=engine, over=pool)
            assert quantile_cells(sets, QUERY, how) == here


def test_a_file_that_was_changed_is_refused_where_it_is_read(tmp_path: Path) -> None:
    sets = mixed_sets(tmp_path, 21)
    (file,) = (sets[-1].folder / "samples").iterdir()
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(bytes(content))
    with (
        ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool,
        pytest.raises(StoreError, match="was changed") as raised,
    ):
        quantile_cells(sets, QUERY, How(over=pool))
    assert raised.value.path == str(file)


def _die(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class _BrokenPool(Executor):
    """A pool of one process, which is killed before it has answered."""

    def __init__(self, pool: ProcessPoolExecutor) -> None:
        self._pool = pool

    def submit(
        self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs
    ) -> Future[T]:
        self._pool.submit(_die)
        return self._pool.submit(fn, *args, **kwargs)


def test_an_executor_that_breaks_is_said(sets: tuple[ResultSet, ...]) -> None:
    with (
        ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool,
        pytest.raises(MachineError, match=r"executor .* broke"),
    ):
        quantile_cells(sets, QUERY, How(over=_BrokenPool(pool)))


@pytest.mark.parametrize("exact", [True, False])
def test_workers_of_dask_give_what_is_had_here(
    sets: tuple[ResultSet, ...], cluster: LocalCluster, *, exact: bool
) -> None:
    here = quantile_cells(sets, QUERY, How(exact=exact))
    with Client(cluster) as client:  # type: ignore[no-untyped-call]  # as above
        how = How(over=client.get_executor(), engine=Engine.DUCKDB, exact=exact)
        assert quantile_cells(sets, QUERY, how) == here


class _Losing(Executor):
    """Dask's executor, of which a worker is killed once answers begin to come."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._inner = client.get_executor()  # type: ignore[no-untyped-call]  # as above
        self.killed = 0

    def submit(
        self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs
    ) -> Future[T]:
        future: Future[T] = self._inner.submit(fn, *args, **kwargs)
        if not self.killed:
            pids = self._client.run(os.getpid)
            self.killed = min(pids.values())
            os.kill(self.killed, signal.SIGKILL)
        return future


def test_a_worker_that_is_lost_takes_no_count_with_it(
    sets: tuple[ResultSet, ...], cluster: LocalCluster
) -> None:
    here = quantile_cells(sets, QUERY, How())
    with Client(cluster) as client:  # type: ignore[no-untyped-call]  # as above
        losing = _Losing(client)
        assert quantile_cells(sets, QUERY, How(over=losing)) == here
        assert losing.killed


@pytest.mark.parametrize("most", [0, 1, 20])
def test_few_values_at_once_are_the_same_values(
    sets: tuple[ResultSet, ...], most: int
) -> None:
    reader = Reader(by_database=False, threads=1, memory_bytes=1, kept_bytes=10**9)
    jobs = [Job(source=s, query=QUERY, reader=reader) for s in sources_of(sets)]
    cells = engine_merge.cells_of((job.source, tally(job)) for job in jobs)
    ranks = {key: set(range(cell.known + cell.longer)) for key, cell in cells.items()}
    found = engine_merge.ordered(
        cells,
        ranks,
        lambda cuts: [cut(job, cuts) for job in jobs],
        lambda spans: [pick(job, spans) for job in jobs],
        most=most,
    )
    every = engine_merge.ordered(
        cells, ranks, lambda _: [], lambda spans: [pick(job, spans) for job in jobs]
    )
    assert found == every
    for key, values in found.items():
        ordered = [values[rank] for rank in sorted(ranks[key])]
        assert ordered == sorted(ordered)
