"""Few values and many give the same, whoever computes them."""

import numpy as np
import pytest

from cloudgauge.stats.student import t_quantiles, t_tails

FREEDOM = np.array([1.0, 3.5, 30.0, np.inf])


def test_tails_of_many_are_those_of_few() -> None:
    few = t_tails(np.array([0.0, 1.5, -2.0, np.inf]), FREEDOM)
    many = t_tails(np.tile([0.0, 1.5, -2.0, np.inf], 50), np.tile(FREEDOM, 50))
    assert many[:4] == pytest.approx(few, rel=1e-8)


def test_quantiles_of_many_are_those_of_few() -> None:
    few = t_quantiles(0.975, FREEDOM)
    many = t_quantiles(0.975, np.tile(FREEDOM, 50))
    assert many[:4] == pytest.approx(few, rel=1e-6)
