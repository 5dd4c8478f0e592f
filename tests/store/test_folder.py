import os
from pathlib import Path

import pytest

from cloudgauge.errors import MachineError, StoreError
from cloudgauge.store.folder import (
    CHECKSUMS,
    check_name,
    names_in,
    new_folder,
    plain_file,
    read_bytes,
    sets_at,
)
from tests.store.synthetic import make_plan, make_run_info

INFO = make_run_info(make_plan())


def test_a_folder_is_named_for_time_vantage_and_plan(tmp_path: Path) -> None:
    folder = new_folder(tmp_path / "results", INFO)
    assert folder.name == f"20260115T120000Z-lab-{INFO.plan_hash[:8]}"


def test_an_old_folder_is_never_taken(tmp_path: Path) -> None:
    first, second = new_folder(tmp_path, INFO), new_folder(tmp_path, INFO)
    assert second.name == f"{first.name}-2"


def test_a_place_that_is_no_folder_is_the_machines_fault(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(MachineError, match=r"file.*: (not a directory|file exists)"):
        new_folder(tmp_path / "file" / "results", INFO)


@pytest.mark.parametrize("name", ["a", "samples/x.parquet", "a/b/c", "A_1-2.z"])
def test_plain_names_are_allowed(tmp_path: Path, name: str) -> None:
    assert check_name(tmp_path, name) == name


@pytest.mark.parametrize(
    "name", ["", "/a", "a/", "../a", "a/..", ".a", "a//b", "a\\b", "a b", "a\n", "ü"]
)
def test_names_that_could_lead_elsewhere_are_not(tmp_path: Path, name: str) -> None:
    with pytest.raises(StoreError, match="holds a name that is not allowed"):
        check_name(tmp_path, name)


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(bytes(11))
    assert read_bytes(tmp_path, "file", limit_bytes=11) == bytes(11)
    with pytest.raises(StoreError, match="want at most 10 bytes"):
        read_bytes(tmp_path, "file", limit_bytes=10)


def test_a_device_is_no_plain_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(StoreError, match="is a link or no plain file"):
        plain_file(tmp_path, "pipe")
    assert names_in(tmp_path) == ("pipe",)


def test_a_link_to_a_folder_is_seen_and_not_entered(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "file").write_text("")
    (tmp_path / "set" / "link").symlink_to(tmp_path / "secret")
    assert names_in(tmp_path / "set") == ("link",)


def test_a_truth_that_is_all_that_was_named_is_said_to_be_no_set(
    tmp_path: Path,
) -> None:
    truth = tmp_path / "a.truth"
    truth.mkdir()
    with pytest.raises(StoreError, match=r"a\.truth: is the truth of a run, not a "):
        sets_at([truth])


def test_a_truth_beside_sets_is_passed_over(tmp_path: Path) -> None:
    truth, folder = tmp_path / "a.truth", tmp_path / "a"
    truth.mkdir()
    folder.mkdir()
    (folder / CHECKSUMS).touch()
    assert sets_at([folder, truth]) == (folder,)
    assert sets_at([tmp_path]) == (folder,)


def test_only_a_folder_is_a_truth_and_a_set_is_one_by_any_name(tmp_path: Path) -> None:
    nowhere, folder = tmp_path / "b.truth", tmp_path / "a.truth"
    folder.mkdir()
    (folder / CHECKSUMS).touch()
    assert sets_at([nowhere, folder]) == (nowhere, folder)
