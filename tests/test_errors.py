import pytest

from cloudgauge.errors import (
    CloudgaugeError,
    ConfigError,
    ConfigErrors,
    LimitExceeded,
    MachineError,
    StoreError,
    WorldError,
)


def test_each_error_says_where_and_what_in_one_line() -> None:
    told = {
        ConfigError(
            "plan.toml: seed", "want a number"
        ): "plan.toml: seed: want a number",
        LimitExceeded("requests", "9 planned, 5 allowed"): (
            "requests: 9 planned, 5 allowed"
        ),
        StoreError("results/x", "is a link"): "results/x: is a link",
        MachineError("the disk is full"): "the disk is full",
    }
    for error, text in told.items():
        assert str(error) == text
        assert isinstance(error, CloudgaugeError)


def test_several_mistakes_keep_their_order_and_their_fields() -> None:
    first, second = ConfigError("a: x", "is missing"), ConfigError("a: y", "is odd")
    both = ConfigErrors((first, second))
    assert str(both) == "a: x: is missing\na: y: is odd"
    assert (both.where, both.problem) == ("a: x", "is missing")
    assert both.errors == (first, second)


def test_no_mistake_is_no_error() -> None:
    with pytest.raises(ValueError, match="want at least one error"):
        ConfigErrors(())


def test_a_world_that_cannot_be_made_is_the_machines_fault() -> None:
    assert issubclass(WorldError, MachineError)
