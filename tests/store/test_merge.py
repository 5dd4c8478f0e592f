import hashlib
import json
from pathlib import Path

import pytest

from cloudgauge.errors import ConfigError, MachineError, StoreError
from cloudgauge.store.folder import new_folder
from cloudgauge.store.journal import Journal
from cloudgauge.store.lock import FolderLock
from cloudgauge.store.merge import write_merged
from cloudgauge.store.merged import found_sets, read_merged
from cloudgauge.store.resultset import ResultSet
from tests.store.several import PLAN, Run, keep_run
from tests.store.synthetic import make_run_info, make_samples


def merged(into: Path, *folders: Path) -> Path:
    sets = [ResultSet.open(folder) for folder in folders]
    write_merged(sets, into, allowed=("plan",), tool_version="0.1.0")
    return into


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_every_file_of_every_set_is_in_it_as_it_was(tmp_path: Path) -> None:
    folders = [
        keep_run(tmp_path, Run()),
        keep_run(tmp_path, Run(vantage="berlin", digit="b")),
    ]
    into = merged(tmp_path / "merged", *folders)
    for folder in folders:
        assert contents(into / "members" / folder.name) == contents(folder)
    manifest = read_merged(into)
    assert [member.vantage for member in manifest.members] == ["berlin", "lab"]
    assert manifest.allowed == ("plan",)


def test_the_same_sets_give_the_same_bytes_in_whatever_order(tmp_path: Path) -> None:
    # Two of one second, vantage and plan: their names tell nothing apart.
    one = keep_run(tmp_path / "a", Run(digit="a"))
    two = keep_run(tmp_path / "b", Run(digit="b", seed=2))
    assert one.name == two.name
    first = contents(merged(tmp_path / "first", one, two))
    assert contents(merged(tmp_path / "second", two, one)) == first
    assert f"members/{one.name}-2/manifest.json" in first


def test_every_byte_has_its_hash(tmp_path: Path) -> None:
    into = merged(
        tmp_path / "merged",
        keep_run(tmp_path, Run()),
        keep_run(tmp_path, Run(vantage="berlin", digit="b")),
    )
    hashed = set()
    for sums in into.rglob("SHA256SUMS"):
        for line in sums.read_text().splitlines():
            digest, name = line.split("  ")
            file = sums.parent / name
            assert hashlib.sha256(file.read_bytes()).hexdigest() == digest
            hashed.add(file)
    assert {into / name for name in contents(into)} - hashed == {into / "SHA256SUMS"}
    package = json.loads((into / "datapackage.json").read_text())
    described = {resource["path"] for resource in package["resources"]}
    assert described == set(contents(into)) - {"SHA256SUMS", "datapackage.json"}


def test_all_vantages_are_authors_and_all_runs_are_named(tmp_path: Path) -> None:
    into = merged(
        tmp_path / "merged",
        keep_run(tmp_path, Run()),
        keep_run(tmp_path, Run(vantage="berlin", digit="b")),
    )
    citation = (into / "CITATION.cff").read_text()
    assert 'name: "vantage lab"' in citation
    assert 'name: "vantage berlin"' in citation
    for digit in "ab":
        assert f'value: "cloudgauge:{digit * 32}"' in citation


def test_what_is_there_is_never_written_over(tmp_path: Path) -> None:
    folder = keep_run(tmp_path, Run())
    into = tmp_path / "merged"
    into.mkdir()
    (into / "mine").write_text("precious")
    with pytest.raises(ConfigError, match="is there already; name a new folder"):
        merged(into, folder)
    assert contents(into) == {"mine": b"precious"}
    with pytest.raises(ConfigError, match=r"lies inside .*, which is a sealed set"):
        merged(folder / "merged", folder)
    ResultSet.open(folder)


def test_an_empty_folder_may_be_there(tmp_path: Path) -> None:
    into = tmp_path / "merged"
    into.mkdir()
    assert len(found_sets([merged(into, keep_run(tmp_path, Run()))])) == 1


def test_a_run_that_is_alive_is_refused_and_nothing_is_left(tmp_path: Path) -> None:
    info = make_run_info(PLAN)
    with (
        FolderLock.take(new_folder(tmp_path, info)) as lock,
        Journal.create(lock, info, PLAN) as journal,
    ):
        for sample in make_samples(PLAN):
            journal.append(sample)
        journal.flush()
        with pytest.raises(StoreError, match="is still being measured"):
            merged(tmp_path / "merged", lock.folder)
    assert not (tmp_path / "merged").exists()


def test_a_set_that_changes_while_it_is_copied_leaves_nothing(tmp_path: Path) -> None:
    folder = keep_run(tmp_path / "sets", Run())
    opened = ResultSet.open(folder)
    (folder / "targets.json").write_text("{}")
    into = tmp_path / "merged"
    with pytest.raises(StoreError, match=r"targets\.json was changed"):
        write_merged([opened], into, allowed=(), tool_version="0.1.0")
    assert [path.name for path in tmp_path.iterdir()] == ["sets"]


def test_a_parent_that_is_a_file_is_the_machines_fault(tmp_path: Path) -> None:
    folder = keep_run(tmp_path, Run())
    (tmp_path / "file").write_text("")
    with pytest.raises(MachineError, match="file"):
        merged(tmp_path / "file" / "merged", folder)
