import asyncio
import time
from pathlib import Path

from benchmarks.instrument.peers.job import Job, read_job, walk, write_job

_VISITS = ((0, "a"), (1_000_000, "b"), (2_000_000, "a"))


def test_job_is_read_back_equal(tmp_path: Path) -> None:
    job = Job(visits=_VISITS, warm_requests=2, output=tmp_path / "out")
    write_job(tmp_path / "job.json", job)
    assert read_job(tmp_path / "job.json") == job
    assert job.hosts == ("a", "b")


def test_walk_begins_each_visit_though_earlier_ones_have_not_ended() -> None:
    begun: list[str] = []

    async def run() -> None:
        all_begun = asyncio.Event()

        async def visit(host: str, due_ns: int) -> None:
            assert due_ns > 0
            begun.append(host)
            if len(begun) == len(_VISITS):
                all_begun.set()
            await all_begun.wait()

        job = Job(visits=_VISITS, warm_requests=0, output=Path("unused"))
        async with asyncio.timeout(60):
            await walk(job, visit, start_ns=time.time_ns())

    asyncio.run(run())
    assert begun == ["a", "b", "a"]
