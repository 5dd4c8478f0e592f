import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from cloudgauge.errors import StoreError
from cloudgauge.store.checksums import checksums_text, read_checksums
from cloudgauge.store.folder import is_merged, sha256_of
from cloudgauge.store.merge import write_merged
from cloudgauge.store.merged import found_sets, members_in, read_merged
from cloudgauge.store.resultset import ResultSet
from tests.store.several import Run, keep_run

Damage = Callable[[Path], object]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    parent = tmp_path_factory.mktemp("several")
    sets = [
        ResultSet.open(keep_run(parent, run))
        for run in (Run(), Run(vantage="berlin", digit="b"))
    ]
    write_merged(sets, parent / "merged", allowed=(), tool_version="0.1.0")
    return parent / "merged"


def member(folder: Path) -> Path:
    return min((folder / "members").iterdir())


def sealed_again(folder: Path) -> None:
    """Make the outer hashes fit again, as who forges a set would."""
    sums = {name: sha256_of(folder / name) for name in read_checksums(folder)}
    (folder / "SHA256SUMS").write_text(checksums_text(sums))


def rewritten(folder: Path, **changes: object) -> None:
    path = folder / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
    sealed_again(folder)


def test_its_members_stand_for_it_wherever_it_is_named(sound: Path) -> None:
    members = members_in(sound)
    assert is_merged(sound)
    assert [path.name.split("-")[1] for path in members] == ["berlin", "lab"]
    assert found_sets([sound]) == members
    # A folder that holds it, beside the sets it was made of.
    assert set(members) < set(found_sets([sound.parent]))
    opened = [ResultSet.open(path) for path in members]
    assert {one.manifest.run.vantage.name for one in opened} == {"berlin", "lab"}


def test_it_is_no_set_of_one_run(sound: Path) -> None:
    with pytest.raises(StoreError, match="is a merged set: open the folders in its"):
        ResultSet.open(sound)


@pytest.mark.parametrize(
    ("damage", "wanted"),
    [
        (lambda f: (f / "CITATION.cff").write_text(""), r"CITATION\.cff was changed"),
        (lambda f: (f / "CITATION.cff").unlink(), r"CITATION\.cff is missing"),
        (lambda f: (f / "SHA256SUMS").unlink(), "SHA256SUMS: is missing"),
        (lambda f: (f / "more").write_text(""), "more is not part of the set"),
        (lambda f: (f / "more").mkdir(), "more is not part of the set"),
        (
            lambda f: (member(f) / "SHA256SUMS").write_text(""),
            r"members/.*/SHA256SUMS was changed",
        ),
        (lambda f: shutil.rmtree(member(f)), r"members/.*/SHA256SUMS is missing"),
        (
            lambda f: shutil.copytree(member(f), f / "members" / "more"),
            "members/more is not part of the set",
        ),
        (
            lambda f: (f / "members" / "more").symlink_to(member(f)),
            "members/more is not part of the set",
        ),
    ],
)
def test_what_was_changed_beside_the_members_is_named(
    sound: Path, tmp_path: Path, damage: Damage, wanted: str
) -> None:
    folder = Path(shutil.copytree(sound, tmp_path / "copy"))
    damage(folder)
    with pytest.raises(StoreError, match=wanted):
        found_sets([folder])


def test_what_was_changed_in_a_member_is_named_when_it_is_opened(
    sound: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(sound, tmp_path / "copy"))
    (member(folder) / "targets.json").write_text("{}")
    first, _ = members_in(folder)
    with pytest.raises(StoreError, match=r"targets\.json was changed"):
        ResultSet.open(first)


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({"schema_version": 3}, "is of schema version 3, and .* a newer one is needed"),
        ({"schema_version": 1}, "has no schema_version of a merged set"),
        ({"schema_version": True}, "has no schema_version of a merged set"),
        ({"members": []}, "names other members than the folder holds"),
        ({"more": 1}, "unknown key"),
        ({"allowed": 1}, "want a list"),
    ],
)
def test_a_manifest_that_cannot_be_is_refused(
    sound: Path, tmp_path: Path, changes: dict[str, object], wanted: str
) -> None:
    folder = Path(shutil.copytree(sound, tmp_path / "copy"))
    rewritten(folder, **changes)
    with pytest.raises(StoreError, match=wanted):
        members_in(folder)


def test_a_manifest_that_names_another_seal_of_a_member_is_refused(
    sound: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(sound, tmp_path / "copy"))
    members = json.loads((folder / "manifest.json").read_text())["members"]
    members[0]["checksums_sha256"] = "0" * 64
    rewritten(folder, members=members)
    with pytest.raises(StoreError, match="is not the one that the manifest names"):
        members_in(folder)


def test_a_manifest_that_is_no_json_is_refused(sound: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(sound, tmp_path / "copy"))
    (folder / "manifest.json").write_text("{")
    sealed_again(folder)
    with pytest.raises(StoreError, match="is not JSON"):
        read_merged(folder)
