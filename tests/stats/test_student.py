import math

import numpy as np
import pytest

from cloudgauge.stats.beta import t_quantile, t_tail
from cloudgauge.stats.student import as_far_out, normal_of, t_quantiles, t_tails

FREEDOM = np.array([1.0, 2.5, 9.0, 300.0, math.inf])


def test_many_values_are_what_single_ones_are() -> None:
    tails = t_tails(np.full(5, -2.1), FREEDOM)
    quantiles = t_quantiles(0.975, FREEDOM)

    assert tails == pytest.approx([t_tail(-2.1, n) for n in FREEDOM])
    assert quantiles == pytest.approx([t_quantile(0.975, n) for n in FREEDOM])


def test_values_of_tables() -> None:
    # Student's t: 12.706, 2.262 and 1.960 for 1, 9 and endless degrees of freedom.
    assert t_quantiles(0.975, [1, 9, math.inf]) == pytest.approx(
        [12.706, 2.262, 1.960], abs=5e-4
    )
    assert t_tails(12.706, 1) == pytest.approx(0.05, abs=1e-5)
    assert t_tails(math.inf, 3) == 0


def test_as_far_out_is_as_probable() -> None:
    # 5 % lie beyond 1.96 of the normal one and beyond 2.262 with 9 degrees of freedom.
    assert as_far_out([0.0, 1.959964], 9) == pytest.approx([0.0, 2.262157], abs=1e-5)
    far = float(as_far_out(6.0, 9))
    assert t_tail(far, 9) == pytest.approx(math.erfc(6 / math.sqrt(2)), rel=1e-6)
    assert as_far_out(1.5, math.inf) == pytest.approx(1.5)


def test_there_and_back_again() -> None:
    statistics = np.array([-8.0, -1.0, 0.5, 3.0])

    back = as_far_out(np.abs(normal_of(statistics, 7)), 7)

    assert np.copysign(back, statistics) == pytest.approx(statistics)
