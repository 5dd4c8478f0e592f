from dataclasses import replace

import numpy as np

from cloudgauge.placement.stability import stability
from tests.placement.test_problem import PROBLEM

ONE = replace(PROBLEM, most=1)


def test_a_choice_that_noise_cannot_move_is_always_made() -> None:
    found = stability((0,), [ONE] * 5)
    assert found is not None
    assert found.chosen_share.tolist() == [1, 0, 0]
    assert (found.same_share, found.regret, found.draws) == (1, 0, 5)
    assert found.broken_share == 0


def test_regret_is_what_another_set_would_have_saved() -> None:
    # In one draw of four the second region is the better one, by 10 ms less 5 ms.
    turned = replace(ONE, latency_ms=np.array([[20.0, 10.0, 50.0], [20.0, 30.0, 60.0]]))
    found = stability((0,), [ONE, ONE, ONE, turned], confidence=0.9)
    assert found is not None
    assert found.chosen_share.tolist() == [0.75, 0.25, 0]
    assert found.same_share == 0.75
    assert found.regret == 5


def test_draws_that_break_a_limit_are_counted() -> None:
    poor, ruined = replace(ONE, budget=4.0), replace(ONE, budget=0.5)
    found = stability((0,), [ONE, poor, ruined])
    assert found is not None
    assert (found.draws, found.broken_share) == (2, 0.5)
    assert stability((0,), [ruined]) is None
