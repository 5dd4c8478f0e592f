import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudgauge.analysis.engine_bins import edges_ns, histogram_of, middle_ms
from cloudgauge.analysis.engine_rows import MOST_NS
from cloudgauge.stats.histogram import ACCURACY, LogHistogram

NANOSECONDS = st.integers(0, MOST_NS)
NEAR_EDGES = st.sampled_from(edges_ns().tolist()).flatmap(
    lambda edge: st.integers(max(edge - 2, 0), min(edge + 2, MOST_NS))
)


@given(st.lists(NANOSECONDS | NEAR_EDGES, min_size=1), st.integers(0, 3))
def test_counts_are_those_of_a_histogram_of_the_values(
    values: list[int], beyond: int
) -> None:
    places = np.searchsorted(edges_ns(), np.array(values, dtype=np.int64))
    found, counts = np.unique(places, return_counts=True)
    wanted = LogHistogram.from_values([*values, *[np.inf] * beyond])
    assert histogram_of(found, counts, beyond) == wanted


@given(st.lists(NANOSECONDS, min_size=1), st.lists(NANOSECONDS, min_size=1))
def test_histograms_of_parts_merge_to_that_of_the_whole(
    one: list[int], other: list[int]
) -> None:
    def of(values: list[int]) -> LogHistogram:
        places = np.searchsorted(edges_ns(), np.array(values, dtype=np.int64))
        return histogram_of(*np.unique(places, return_counts=True), 0)

    assert of(one).merge(of(other)) == of(one + other)


def test_edges_rise_and_the_last_holds_the_longest() -> None:
    edges = edges_ns()
    assert edges[0] == 0
    assert edges[1] == 1
    assert (np.diff(edges) >= 0).all()
    assert edges[-1] >= MOST_NS


@given(NANOSECONDS)
def test_the_middle_of_a_bin_is_near_all_that_it_holds(value: int) -> None:
    place = int(np.searchsorted(edges_ns(), value))
    assert middle_ms(place) * 1e6 == pytest.approx(value, rel=ACCURACY * 1.000001)
