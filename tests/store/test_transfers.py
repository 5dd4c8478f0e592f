from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cloudgauge.errors import StoreError
from cloudgauge.store.verify import verify
from tests.store.synthetic import keep_journal, keep_set
from tests.store.test_verify import seal_anew
from tests.store.transfers import make_download_plan, make_transfers

PLAN = make_download_plan(objects=1, rounds=2, bins=30)
RECORDS = tuple(make_transfers(PLAN, bins=30))
FIRST, SECOND = sorted({record.slot.seq for record in RECORDS})[:2]
Rows = list[dict[str, object]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return keep_set(tmp_path, PLAN, RECORDS)


def forge(folder: Path, part: str, change: Callable[[Rows], Rows]) -> None:
    """Change rows of a sealed set, and make its hashes true again."""
    (path,) = (folder / part).iterdir()
    table = pq.read_table(path)
    rows = change(table.to_pylist())
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), path)
    seal_anew(folder)


def set_to(at: int, **cells: object) -> Callable[[Rows], Rows]:
    def change(rows: Rows) -> Rows:
        rows[at].update(cells)
        return rows

    return change


@pytest.mark.parametrize(
    ("change", "bin_index"),
    [
        (set_to(0, bin=1), 1),
        (set_to(5, bin=7), 7),
        (set_to(5, bin=4), 4),
        (set_to(5, began_ns=1), 5),
        (set_to(4, length_ns=0), 4),
        (set_to(4, body_bytes=-1), 4),
        # After an ending comes nothing more of that transfer.
        (set_to(3, ending="bytes"), 4),
    ],
)
def test_a_bin_that_does_not_follow_the_one_before_is_found(
    folder: Path, change: Callable[[Rows], Rows], bin_index: int
) -> None:
    forge(folder, "throughput", change)
    with pytest.raises(StoreError) as caught:
        verify(folder)
    problem = f"bin {bin_index} of transfer {FIRST} is out of place"
    assert str(caught.value).endswith(f".parquet: {problem}")


def test_a_transfer_whose_bins_do_not_stand_together_is_found(folder: Path) -> None:
    def torn(rows: Rows) -> Rows:
        (second,) = {row["seq"] for row in rows[30:60]}
        rows[60].update(seq=FIRST)
        assert second != FIRST
        return rows

    forge(folder, "throughput", torn)
    with pytest.raises(StoreError, match=f"transfer {FIRST} stands in two places"):
        verify(folder)


def test_bins_that_have_gone_are_missed_by_their_number(folder: Path) -> None:
    forge(folder, "throughput", lambda rows: rows[:-1])
    with pytest.raises(StoreError, match="holds 119 bins, and the manifest says 120"):
        verify(folder)


def test_a_transfer_that_says_it_received_more_than_its_bins_is_found(
    folder: Path,
) -> None:
    forge(folder, "throughput", set_to(7, body_bytes=5))
    with pytest.raises(StoreError) as caught:
        verify(folder)
    problem = f"transfer {FIRST} has other body_bytes than its bins"
    assert str(caught.value).endswith(problem)


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        ({"ending": "tired"}, 'ending: "tired" is not one of its words'),
        ({"target_id": "aws/x:y"}, 'target_id: "aws/x:y" is not one of its words'),
    ],
)
def test_a_word_of_a_bin_that_is_none_of_ours_is_found(
    folder: Path, cells: dict[str, object], problem: str
) -> None:
    forge(folder, "throughput", set_to(29, **cells))
    with pytest.raises(StoreError) as caught:
        verify(folder)
    assert problem in str(caught.value)


def test_a_file_of_bins_that_is_not_there_is_missed(folder: Path) -> None:
    (path,) = (folder / "throughput").iterdir()
    path.unlink()
    seal_anew(folder)
    with pytest.raises(StoreError, match=r"throughput/\w+\.parquet: is missing"):
        verify(folder)


def test_a_transfer_that_was_cut_off_has_bins_and_no_sum(tmp_path: Path) -> None:
    kept = [record for record in RECORDS if record.slot.seq == FIRST][:20]
    folder = keep_journal(tmp_path, PLAN, kept, ended=False)
    assert verify(folder).manifest.counts.bins > 0
