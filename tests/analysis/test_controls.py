import math

from cloudgauge.analysis.controls import controls_of
from tests.analysis.values import line, noise, rounds_with

ONE, AGAIN = line("aws/place-1"), line("aws/place-1", replica=1)
OTHER, OTHER_AGAIN = line("gcp/place-1"), line("gcp/place-1", replica=1)
PLAIN = line("azure/place-1")


def test_a_control_that_differs_is_named_with_its_vantage() -> None:
    rounds = rounds_with(
        {
            ONE: noise(30, at=10, seed=1),
            AGAIN: noise(30, at=10, seed=2),
            OTHER: noise(30, at=10, seed=3),
            OTHER_AGAIN: noise(30, at=13, seed=4),
            PLAIN: noise(30, at=90, seed=5),
        }
    )
    found = controls_of([("lab", rounds), ("office", rounds.some([PLAIN]))])
    assert found.tests == 2
    assert found.differing == ("gcp/place-1:object-storage from lab",)


def test_a_control_without_a_value_is_no_test() -> None:
    rounds = rounds_with({ONE: [1.0] * 9, AGAIN: [math.nan] * 9})
    assert controls_of([("lab", rounds)]).tests == 0
