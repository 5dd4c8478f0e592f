from decimal import Decimal

import pytest

from cloudgauge.billing.workload import (
    Addresses,
    Machines,
    Traffic,
    Workload,
    plain_word,
)


@pytest.mark.parametrize("count", [0, -1, 10**6 + 1])
def test_a_count_is_of_something_that_can_be_had(count: int) -> None:
    with pytest.raises(ValueError, match=r"count must be above 0 and at most 10\^6"):
        Machines(count=count)
    with pytest.raises(ValueError, match=r"count must be above 0 and at most 10\^6"):
        Addresses(count=count)


@pytest.mark.parametrize("hours", ["0", "-1", "744.5", "NaN", "Infinity"])
def test_hours_are_of_one_month(hours: str) -> None:
    with pytest.raises(ValueError, match="hours must be above 0 and at most 744"):
        Machines(count=1, hours=Decimal(hours))


@pytest.mark.parametrize("volume", [0, -1, 10**18 + 1])
def test_a_volume_is_of_something_that_can_be_moved(volume: int) -> None:
    with pytest.raises(
        ValueError, match=r"volume must be above 0 B and at most 10\^18"
    ):
        Traffic(volume_bytes=volume)


def test_traffic_to_other_zones_goes_nowhere_else() -> None:
    with pytest.raises(ValueError, match="has no other receivers"):
        Traffic(volume_bytes=1, to_zones=True, to_region="aws/eu-west-1")
    with pytest.raises(ValueError, match="has no other receivers"):
        Traffic(volume_bytes=1, to_zones=True, receivers=("europe",))


def test_a_workload_uses_something() -> None:
    with pytest.raises(ValueError, match="must use something"):
        Workload(name="nothing")


def test_areas_are_one_however_they_are_written() -> None:
    assert plain_word("the Americas") == plain_word("americas")
    assert plain_word("mainland-china") == plain_word("mainland China")
    assert plain_word("Asia") != plain_word("Australia")
