"""Evidence folded into target files, as a maintainer does it."""

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from cloudgauge.catalog.evidence import Evidence, Network
from cloudgauge.catalog.evidence_files import write_evidence
from cloudgauge.catalog.files import user_file
from cloudgauge.catalog.lint import errors_in
from cloudgauge.catalog.loader import build_catalog, load_catalog
from cloudgauge.errors import ConfigError, ConfigErrors, MachineError
from cloudgauge.model.target import Confidence, Target
from cloudgauge.workflow.folding import fold
from tests.catalog.evidence_values import disappointed, evidence_of, found, silent
from tests.catalog.target_files import endpoint, region, write

SHIPPED = Path(__file__).parents[2] / "targets"
LATER = date(2027, 3, 1)
OBJECT = """
[[object]]
region = "acme/rotterdam-1"
name = "agent"   # what all regions have
url = "https://storage.rotterdam-1.example.net/agent.rpm"
primary = true
confidence = "medium"
checked = 2026-11-22 # read in the manual
source = ["our own data centre"]
"""


def mine(folder: Path) -> tuple[Path, Target, Target]:
    """A target file of one endpoint and one object, and both of them."""
    path = write(folder, region(), endpoint(confidence="low"), OBJECT)
    catalog = build_catalog((user_file(path),))
    return path, catalog.targets[0], catalog.objects[0]


def kept(folder: Path, evidence: Evidence) -> tuple[Path, ...]:
    return (write_evidence(folder / "evidence", evidence),)


def test_what_held_becomes_known_and_what_did_not_becomes_doubtful(
    tmp_path: Path,
) -> None:
    path, target, item = mine(tmp_path)
    before = path.read_text(encoding="utf-8")
    check = evidence_of(disappointed(item, LATER), found(target, day=LATER))
    document = fold(kept(tmp_path, check), path, today=LATER, dry_run=False)
    assert document.title == "changed 2 rows in 1 file"
    assert [row[:7] for row in document.tables[0].rows] == [
        (
            *("acme/rotterdam-1:object-storage", "high", "low"),
            *("2027-03-01", "2026-11-22", "answered", "lab, SG"),
        ),
        (
            *("acme/rotterdam-1:agent", "low", "medium"),
            *("2027-03-01", "2026-11-22", "unexpected-status", "lab, SG"),
        ),
    ]
    head, row, thing = before.partition("[[endpoint]]")
    expected = head + (row + thing).replace("2026-11-22", "2027-03-01").replace(
        'confidence = "low"', 'confidence = "high"'
    ).replace('confidence = "medium"', 'confidence = "low"')
    assert path.read_text(encoding="utf-8") == expected
    assert errors_in((user_file(path),)) == ()


def test_a_dry_run_says_it_and_writes_nothing(tmp_path: Path) -> None:
    path, target, _ = mine(tmp_path)
    before = path.read_bytes()
    check = evidence_of(found(target, day=LATER))
    document = fold(kept(tmp_path, check), path, today=LATER, dry_run=True)
    assert document.title == "would change 1 row in 1 file"
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] != []
    assert not list(tmp_path.glob(".*"))


def test_evidence_of_a_private_network_is_refused_whole(tmp_path: Path) -> None:
    path, target, item = mine(tmp_path)
    before = path.read_bytes()
    real = kept(tmp_path, evidence_of(found(item, day=LATER)))
    private = evidence_of(found(target, day=LATER), network=Network.PRIVATE)
    files = (*real, *kept(tmp_path, private))
    with pytest.raises(ConfigError) as caught:
        fold(files, path, today=LATER, dry_run=False)
    assert caught.value.where == f"{files[1]}: network"
    assert caught.value.problem == (
        'is "private": only what was found in the real network may be folded into '
        "target files"
    )
    assert path.read_bytes() == before


def test_what_says_nothing_of_a_row_is_passed_over_and_counted(tmp_path: Path) -> None:
    path, target, item = mine(tmp_path)
    before = path.read_bytes()
    elsewhere = replace(found(target, day=LATER), url="https://old.example.net/")
    stranger = replace(found(target, day=LATER), target_id="acme/delft-1:agent")
    old = evidence_of(disappointed(target, date(2026, 1, 1)))
    files = (
        *kept(tmp_path, evidence_of(stranger, silent(item, LATER), elsewhere)),
        *kept(tmp_path, old),
    )
    # Of an endpoint the older finding is looked at, too; the last reason is told.
    document = fold(files, path, today=LATER, dry_run=False)
    assert document.title == "changed 0 rows in 0 files"
    assert set(document.notes) == {
        "left out, older than what the row says: 1 finding",
        "left out, nothing could be told from there: 1 finding",
        "left out, of no row in these files: 1 finding",
    }
    changed_url = fold(
        kept(tmp_path, evidence_of(elsewhere)), path, today=LATER, dry_run=False
    )
    assert changed_url.notes == (
        "left out, asked for another URL than the row has now: 1 finding",
    )
    assert path.read_bytes() == before


def test_of_several_findings_the_newest_that_says_something_counts(
    tmp_path: Path,
) -> None:
    path, target, _ = mine(tmp_path)
    files = [
        path
        for hour, finding in enumerate(
            (found(target, day=LATER), disappointed(target, LATER), silent(target))
        )
        for path in kept(tmp_path, evidence_of(finding, hour=hour))
    ]
    document = fold((files[1], files[2], files[0]), path, today=LATER, dry_run=True)
    (row,) = document.tables[0].rows
    # It is "low" already: only the day changes.
    assert row[1:5] == ("low", "low", "2027-03-01", "2026-11-22")


def test_line_ends_and_rights_stay(tmp_path: Path) -> None:
    path, target, _ = mine(tmp_path)
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    path.chmod(0o640)
    before = path.read_bytes()
    fold(
        kept(tmp_path, evidence_of(found(target, day=LATER))),
        path,
        today=LATER,
        dry_run=False,
    )
    after = path.read_bytes()
    assert after.count(b"\r\n") == before.count(b"\r\n") == after.count(b"\n")
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_file_that_cannot_be_replaced_stays_as_it_is(tmp_path: Path) -> None:
    path, target, _ = mine(tmp_path)
    before = path.read_bytes()
    # Something of ours is in the way.
    (tmp_path / f".{path.name}.new").mkdir()
    files = kept(tmp_path, evidence_of(found(target, day=LATER)))
    with pytest.raises(MachineError, match=r"mine\.toml: cannot be written"):
        fold(files, path, today=LATER, dry_run=False)
    assert path.read_bytes() == before


def test_a_file_beyond_all_measure_is_refused(tmp_path: Path) -> None:
    path, target, _ = mine(tmp_path)
    path.write_bytes(b"#" * (16 * 1024 * 1024 + 1))
    files = kept(tmp_path, evidence_of(found(target, day=LATER)))
    with pytest.raises(ConfigError, match="want at most 16777216 bytes"):
        fold(files, path, today=LATER, dry_run=False)


def test_folding_twice_changes_nothing_more(tmp_path: Path) -> None:
    path, target, _ = mine(tmp_path)
    files = kept(tmp_path, evidence_of(found(target, day=LATER)))
    fold(files, path, today=LATER, dry_run=False)
    once = path.read_bytes()
    assert (
        fold(files, path, today=LATER, dry_run=False).title
        == "changed 0 rows in 0 files"
    )
    assert path.read_bytes() == once


def test_target_files_with_mistakes_are_refused(tmp_path: Path) -> None:
    _, target, _ = mine(tmp_path)
    files = kept(tmp_path, evidence_of(found(target, day=LATER)))
    folder = tmp_path / "targets"
    folder.mkdir()
    with pytest.raises(ConfigError, match=r"has no target file \(\*\.toml\) in it"):
        fold(files, folder, today=LATER, dry_run=False)
    wrong = write(folder, region(latitude=99), endpoint())
    with pytest.raises(ConfigErrors, match=r"region\[0\]\.latitude"):
        fold(files, folder, today=LATER, dry_run=False)
    wrong.write_bytes(b"\xff")
    with pytest.raises(ConfigError, match="is not UTF-8 text"):
        fold(files, folder, today=LATER, dry_run=False)
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        fold(files, tmp_path / "nowhere.toml", today=LATER, dry_run=False)


def test_the_whole_shipped_catalogue_can_be_folded_and_passes_the_lint(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "targets"
    shutil.copytree(SHIPPED, folder)
    catalog = load_catalog()
    rows = [*catalog.targets, *catalog.objects]
    findings = [
        disappointed(row, LATER) if index % 3 == 0 else found(row, day=LATER)
        for index, row in enumerate(sorted(rows, key=lambda row: row.target_id))
    ]
    document = fold(
        kept(tmp_path, evidence_of(*findings)), folder, today=LATER, dry_run=False
    )
    assert len(document.tables[0].rows) == len(rows)
    assert document.notes == ()
    after = build_catalog(tuple(map(user_file, sorted(folder.rglob("*.toml")))))
    known = [one.endpoint.provenance for one in (*after.targets, *after.objects)]
    assert {one.checked for one in known} == {LATER}
    assert {one.confidence for one in known} == {Confidence.HIGH, Confidence.LOW}
    for shipped in SHIPPED.rglob("*.toml"):
        new = folder / shipped.relative_to(SHIPPED)
        old_lines = shipped.read_bytes().split(b"\n")
        pairs = zip(old_lines, new.read_bytes().split(b"\n"), strict=True)
        changed = [old for old, fresh in pairs if old != fresh]
        assert all(old.startswith((b"checked", b"confidence")) for old in changed)
