"""How fast a machine received from itself."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from cloudgauge.analysis.ceiling import ceilings_of
from cloudgauge.model.calibration import DownloadCeiling
from cloudgauge.model.transfer import BIN_NS, Bin
from cloudgauge.store.resultset import ResultSet
from tests.store.synthetic import keep_set
from tests.store.transfers import make_download_plan, make_transfers


def found(
    tmp_path: Path,
    *,
    bins: int,
    bytes_of: Callable[[int], int],
    failing: float = 0.0,
) -> tuple[DownloadCeiling, ...]:
    """The ceilings of a set whose bins last a tenth of a second and hold so much."""
    plan = make_download_plan(objects=1, rounds=1, bins=bins)
    records = [
        replace(record, length_ns=BIN_NS, body_bytes=bytes_of(record.index))
        if isinstance(record, Bin)
        else record
        for record in make_transfers(plan, bins=bins, failing=failing)
    ]
    return ceilings_of(ResultSet.open(keep_set(tmp_path, plan, records)))


def test_the_rate_is_the_median_of_the_bins_after_the_first_three(
    tmp_path: Path,
) -> None:
    rising = found(tmp_path, bins=8, bytes_of=lambda index: 1_000 * index)
    # Of the bins 3 to 7 the middle one, ten times a second.
    assert rising == (
        DownloadCeiling(tls=True, streams=1, bytes_per_s=50_000),
        DownloadCeiling(tls=True, streams=8, bytes_per_s=50_000),
    )


def test_who_is_done_before_is_judged_by_all_bins(tmp_path: Path) -> None:
    short = found(tmp_path, bins=2, bytes_of=lambda index: 1_000 * (index + 1))
    assert [ceiling.bytes_per_s for ceiling in short] == [15_000, 15_000]


def test_a_transfer_that_failed_is_no_ceiling(tmp_path: Path) -> None:
    assert found(tmp_path, bins=8, bytes_of=lambda _: 1_000, failing=1.0) == ()
