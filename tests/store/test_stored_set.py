import pytest

from cloudgauge.errors import ConfigError
from cloudgauge.store.stored_set import check_set_name, is_one_set, sets_in


def test_folders_that_hold_files_of_a_set_are_sets_and_others_are_not() -> None:
    sizes = {
        "whole/manifest.json": 5,
        "whole/samples/a.parquet": 7,
        "half/samples/a.parquet": 3,
        "merged/members/one/manifest.json": 2,
        "notes/today.txt": 1,
        "samples": 9,
        "pin.json": 9,
        ".part/set/manifest.json": 4,
    }
    found = [
        (one.name, one.complete, one.files, one.size_bytes) for one in sets_in(sizes)
    ]
    assert found == [
        ("half", False, 1, 3),
        ("merged", False, 1, 2),
        ("whole", True, 2, 12),
    ]


def test_a_place_is_one_set_when_the_files_of_one_lie_right_there() -> None:
    assert is_one_set(["manifest.json"])
    assert is_one_set(["throughput/a.parquet"])
    assert not is_one_set(["a/manifest.json", "samples", "pin.json"])
    assert not is_one_set([])


@pytest.mark.parametrize("name", ["", ".", "..", ".x", "-x", "a/b", "ä", "a" * 129])
def test_a_name_that_is_no_folders_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match="the set's name: want at most 128"):
        check_set_name(name)
    assert check_set_name("20260115T120000Z-lab-b02ea170")
