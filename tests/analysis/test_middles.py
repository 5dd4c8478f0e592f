import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cloudgauge.analysis.middles import Middles

SERIES = st.lists(st.lists(st.floats(0, 1e6), max_size=40), min_size=1, max_size=6)


@given(series=SERIES)
def test_they_are_those_of_sorted_values(series: list[list[float]]) -> None:
    values = np.array([value for one in series for value in one], dtype=np.float64)
    found = Middles.of(values, np.array([len(one) for one in series]))

    for at, one in enumerate(sorted(each) for each in series):
        assert found.counts[at] == len(one)
        np.testing.assert_equal(found.least[at], one[0] if one else np.nan)
        np.testing.assert_equal(found.second[at], one[1] if len(one) > 1 else np.nan)
        wanted = np.median(one) if one else np.nan
        np.testing.assert_allclose(found.median[at], wanted, rtol=1e-12)
