import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudgauge.analysis.groups import Groups

_CELLS = st.lists(st.integers(0, 5), min_size=1, max_size=60)


@given(cells=_CELLS, together=st.booleans(), seed=st.integers(0, 9))
def test_rows_are_grouped_whether_they_lie_together_or_not(
    cells: list[int], *, together: bool, seed: int
) -> None:
    codes = np.array(sorted(cells) if together else cells, dtype=np.int64)
    rng = np.random.default_rng(seed)
    values, mask = rng.random(len(codes)), rng.random(len(codes)) < 0.7
    groups = Groups.of(codes)
    assert groups.cells.tolist() == sorted(set(cells))
    kept, counts = groups.kept(values, mask)
    wanted = [values[(codes == cell) & mask].tolist() for cell in groups.cells]
    assert counts.tolist() == [len(one) for one in wanted]
    ends = np.cumsum(counts)
    found = [part.tolist() for part in np.split(kept, ends[:-1])]
    assert found == wanted


@pytest.mark.parametrize("rows", [4_000, 40])
def test_long_groups_and_short_ones_are_counted_alike(rows: int) -> None:
    codes = np.repeat(np.array([2, 7]), [rows, rows // 2])
    mask = np.arange(len(codes)) % 4 == 0
    _, counts = Groups.of(codes).kept(np.zeros(len(codes)), mask)
    assert counts.tolist() == [rows // 4, rows // 8]
