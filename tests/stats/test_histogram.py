import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cloudgauge.stats.histogram import LogHistogram
from cloudgauge.stats.summary import quantile_interval
from cloudgauge.stats.values import Floats

some = arrays(
    np.float64,
    st.integers(0, 60),
    elements=st.one_of(
        st.floats(1e-9, 1e12), st.sampled_from([0.0, 1.0, 1e-300, 1e300, math.inf])
    ),
)


@settings(max_examples=40)
@given(values=some, accuracy=st.sampled_from([0.001, 0.01, 0.3]))
def test_every_value_is_known_within_the_accuracy(
    values: Floats, accuracy: float
) -> None:
    found = LogHistogram.from_values(values, accuracy=accuracy)
    assert found.count == len(values)
    for rank, value in enumerate(np.sort(values), start=1):
        low, middle, high = found._span(rank)
        if value in (0.0, math.inf):
            assert low == middle == high == value
        else:
            assert abs(middle - value) <= accuracy * value * (1 + 1e-9)
            assert low * (1 - 1e-9) <= value <= high * (1 + 1e-9)


@settings(max_examples=40)
@given(first=some, second=some, third=some)
def test_parts_merge_to_the_whole_in_any_order(
    first: Floats, second: Floats, third: Floats
) -> None:
    whole = LogHistogram.from_values(np.concatenate((first, second, third)))
    one, two, three = map(LogHistogram.from_values, (first, second, third))
    assert one.merge(two).merge(three) == whole
    assert three.merge(one.merge(two)) == whole
    assert whole.merge(LogHistogram()) == whole


@given(values=some.filter(len), p=st.sampled_from([0.001, 0.5, 0.9, 0.999]))
def test_the_interval_holds_that_of_the_values(values: Floats, p: float) -> None:
    exact = quantile_interval(values, p)
    found = LogHistogram.from_values(values).quantile(p)
    assert found.low <= exact.low * (1 + 1e-9)
    assert found.high >= exact.high * (1 - 1e-9)
    assert (found.n, found.confidence) == (exact.n, 0.95)
    assert [caveat.name for caveat in found.caveats] == [
        caveat.name for caveat in exact.caveats
    ]


def test_a_heavy_tail_costs_a_hundredth() -> None:
    values = np.random.default_rng(3).pareto(1.2, size=100_000) + 1
    found = LogHistogram.from_values(values)
    assert len(found.bins) < 700
    for p in (0.5, 0.9, 0.99, 0.999):
        exact = quantile_interval(values, p)
        estimate = found.quantile(p)
        assert estimate.point == pytest.approx(exact.point, rel=0.0101)
        assert estimate.low == pytest.approx(exact.low, rel=0.0203)
        assert estimate.high == pytest.approx(exact.high, rel=0.0203)


def test_a_value_at_the_edge_of_a_bin_is_in_the_lower_one() -> None:
    # With a third, bins double: (1, 2], (2, 4], ...; 2 * 2 / 3 is a third off 1 and 2.
    found = LogHistogram.from_values([1.0, 1.5, 3.0, 5.0], accuracy=1 / 3)
    assert found.bins == ((0, 1), (1, 1), (2, 1), (3, 1))
    assert found._span(2) == pytest.approx((1, 4 / 3, 2))


def test_timeouts_and_zeros_are_counted_apart() -> None:
    found = LogHistogram.from_values([0.0, 0.0, 5.0, np.inf])
    assert (found.zeros, found.beyond, found.count) == (2, 1, 4)
    assert found.quantile(0.25).point == 0
    assert found.quantile(0.9).point == math.inf
    assert found.quantile().caveats[0].name == "too few"


@given(values=some, accuracy=st.sampled_from([0.01, 0.3]))
def test_a_histogram_is_read_back_equal(values: Floats, accuracy: float) -> None:
    found = LogHistogram.from_values(values, accuracy=accuracy)
    assert LogHistogram.from_plain(json.loads(json.dumps(found.to_plain()))) == found


PLAIN: dict[str, object] = LogHistogram.from_values([0.0, 3.0, 70.0]).to_plain()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"more": 1}, "keys must be accuracy, zeros, beyond, bins, got accuracy, be"),
        ({"accuracy": "0.01"}, "accuracy must be a number, got '0.01'"),
        ({"accuracy": 0.0}, "accuracy must be between 0 and 1, got 0.0"),
        ({"accuracy": math.nan}, "accuracy must be between 0 and 1, got nan"),
        ({"zeros": -1}, "zeros and beyond at least 0"),
        ({"zeros": 1.5}, "counts must be whole numbers, got 1.5"),
        ({"beyond": True}, "counts must be whole numbers, got True"),
        ({"bins": 7}, "bins must be pairs of a number and a count"),
        ({"bins": [7]}, "bins must be pairs of a number and a count"),
        ({"bins": [[1, 2, 3]]}, "bins must be pairs of a number and a count"),
        ({"bins": [[1, "2"]]}, "counts must be whole numbers, got '2'"),
        ({"bins": [[1, 0]]}, "a bin must hold at least 1 value"),
        ({"bins": [[2, 1], [1, 1]]}, "numbers of bins must rise"),
        ({"bins": [[1, 1], [1, 1]]}, "numbers of bins must rise"),
        ({"bins": [[10**30, 1]]}, "of values from 1e-300 to 1e300"),
        ({"bins": [[-(10**30), 1]]}, "of values from 1e-300 to 1e300"),
    ],
)
def test_what_is_no_histogram_is_refused(
    change: dict[str, object], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        LogHistogram.from_plain(PLAIN | change)


def test_a_key_that_is_missing_is_refused() -> None:
    with pytest.raises(ValueError, match="zeros, beyond, bins, got zeros"):
        LogHistogram.from_plain({"zeros": 1})


@pytest.mark.parametrize("values", [[-1.0], [np.nan], [[1.0]], [-np.inf]])
def test_what_cannot_be_counted_is_refused(values: list[float]) -> None:
    with pytest.raises(ValueError, match="values must be one-dimensional and at least"):
        LogHistogram.from_values(values)


def test_values_that_no_duration_has_are_refused() -> None:
    with pytest.raises(ValueError, match="of values from 1e-300 to 1e300"):
        LogHistogram.from_values([1e-302])


def test_unlike_histograms_do_not_merge() -> None:
    with pytest.raises(ValueError, match=r"one accuracy wanted, got 0\.01 and 0\.02"):
        LogHistogram().merge(LogHistogram(accuracy=0.02))


def test_an_empty_histogram_has_no_quantile() -> None:
    with pytest.raises(ValueError, match="no value was counted"):
        LogHistogram().quantile()
    with pytest.raises(ValueError, match="p must be between"):
        LogHistogram().quantile(0)
    with pytest.raises(ValueError, match="confidence must be between"):
        LogHistogram().quantile(confidence=0)
