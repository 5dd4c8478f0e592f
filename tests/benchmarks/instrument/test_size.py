from pathlib import Path

from benchmarks.instrument.load import Load, plan_of
from benchmarks.instrument.size import samples_of, weigh_sealed_set
from cloudgauge.store.resultset import ResultSet

_LOAD = Load(targets=10, visits_per_s=10, warm_requests=2, seconds=20)


def test_weight_is_that_of_a_set_that_opens_and_verifies(tmp_path: Path) -> None:
    size = weigh_sealed_set(tmp_path, _LOAD)
    (folder,) = tmp_path.iterdir()
    opened = ResultSet.open(folder)
    assert opened.manifest.counts.samples == size.samples
    assert size.folder_bytes == sum(
        path.stat().st_size for path in folder.rglob("*") if path.is_file()
    )


def test_same_plan_gives_the_same_samples() -> None:
    plan = plan_of(_LOAD)
    samples = list(samples_of(plan))
    assert samples == list(samples_of(plan))
    assert len({sample.timings.first_byte_ns for sample in samples}) > 500
