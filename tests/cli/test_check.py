"""``cloudgauge targets check`` and ``fold`` as typed, without a packet."""

from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cloudgauge.catalog.evidence_files import write_evidence
from cloudgauge.catalog.loader import load_catalog
from cloudgauge.cli.app import app
from tests.catalog.evidence_values import disappointed, evidence_of, found, silent
from tests.catalog.target_files import endpoint, region, write

# Rows of our own: who knows what day it is where this runs.
OLD, DAY = "2020-01-01", date(2021, 6, 1)


def targets(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["targets", *arguments])


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--area", "gulf"], "a selection"),
        (["--all"], "a selection"),
        (["-6"], "--ipv6"),
        (["-t", "3s"], "--timeout"),
        (["--evidence", "here"], "--evidence"),
        (["--hosts", "hosts"], "--hosts"),
        (["--ca-file", "ca.pem"], "--ca-file"),
        (["--allow-private"], "--allow-private"),
        (["--contact", "https://a.example"], "--contact"),
        (["--world"], "--world"),
        (["--scenario", "s.toml"], "--scenario"),
        (["--vantage-at", "1,2"], "--vantage-at"),
        (["--vantage", "lab"], "--vantage"),
        (["--fail-on", "partial"], "--fail-on"),
    ],
)
def test_an_option_of_a_live_check_is_refused_where_none_was_asked_for(
    options: list[str], told: str
) -> None:
    ended = targets("check", *options)
    assert ended.exit_code == 2
    assert ended.stdout == ""
    assert ended.stderr == (
        f"cloudgauge: {told}: is of a live check; say --live as well\n"
    )


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--area", "gulv"], '--area: no area "gulv"; did you mean "gulf"?'),
        (["--timeout", "soon"], "--timeout: "),
        (["--contact", "me (there)"], "--contact: contact must be a URL"),
        (["--scenario", "s.toml"], "--scenario: is of the private network; say"),
        (["--targets", "nowhere.toml"], "nowhere.toml: cannot be read"),
        (["--service", "ssm-agent", "--provider", "gcp"], "none of the regions that"),
        (["--hosts", "nowhere"], "nowhere: cannot be read"),
    ],
)
def test_a_mistake_is_told_before_anything_is_asked(
    options: list[str], told: str, tmp_path: Path
) -> None:
    ended = targets("check", "--live", "--evidence", str(tmp_path / "e"), *options)
    assert ended.exit_code == 2
    assert told in ended.stderr
    assert not (tmp_path / "e").exists()


def test_help_teaches_the_live_check_and_the_folding() -> None:
    told = targets("check", "--help").output
    assert "cloudgauge targets check --live --area gulf" in told
    assert "at most one visit a second to a host" in " ".join(told.split())
    assert "targets/ --dry-run" in targets("fold", "--help").output


def mine(folder: Path) -> Path:
    """A target file of one region with three endpoints."""
    return write(
        folder,
        region(checked=OLD),
        endpoint(checked=OLD, confidence="low"),
        *(
            endpoint(checked=OLD, service=name, primary=False, url=f"https://{name}/")
            for name in ("compute-api", "log-service")
        ),
    )


def test_evidence_is_seen_in_lists_and_shown_with_its_date_and_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    file = mine(tmp_path)
    missed, hidden, seen = load_catalog((file,)).targets_of("acme/rotterdam-1")
    check = evidence_of(found(seen, day=DAY), disappointed(missed, DAY))
    folder = tmp_path / "cloudgauge" / "evidence"
    write_evidence(folder, check)
    write_evidence(folder, evidence_of(silent(hidden, DAY), silent(seen, DAY), hour=13))

    shown = targets("show", "acme/rotterdam-1", "--targets", str(file)).stdout
    _, _, told = shown.partition("live checks")
    lines = [line.split() for line in told.splitlines() if "2021-06-01" in line]
    assert [line[:2] for line in lines[:4]] == [
        ["compute-api", "does"],
        ["log-service", "not"],
        ["object-storage", "not"],
        ["object-storage", "holds"],
    ]
    assert "lab, SG" in told
    listed = targets(
        *("list", "--service", "compute-api", "--targets", str(file)),
        *("--region", "acme/*", "--format", "csv"),
    )
    assert "acme/rotterdam-1,low,no throughput target,compute-api" in listed.stdout


def test_a_broken_evidence_file_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    folder = tmp_path / "cloudgauge" / "evidence"
    folder.mkdir(parents=True)
    (folder / "evidence-1.toml").write_text("schema_version = 1\n")
    ended = targets("list")
    assert ended.exit_code == 2
    assert "evidence-1.toml: network: is missing" in ended.stderr
    # The lint is of target files, and a plan takes its targets as they have them.
    assert targets("check").exit_code == 0


def test_a_user_without_a_home_can_list_targets(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("XDG_DATA_HOME", "HOME", "USERPROFILE"):
        monkeypatch.delenv(name, raising=False)
    assert targets("list", "--area", "gulf").exit_code == 0
    live = targets("check", "--live", "--area", "gulf")
    assert live.exit_code == 74
    assert "set one" in live.stderr


def test_folding_is_told_before_it_is_done(tmp_path: Path) -> None:
    file = mine(tmp_path)
    before = file.read_bytes()
    everywhere = load_catalog((file,)).targets_of("acme/rotterdam-1")
    (target,) = (one for one in everywhere if one.endpoint.primary)
    evidence = write_evidence(tmp_path / "e", evidence_of(found(target, day=DAY)))
    arguments = ("fold", str(evidence), "--into", str(file), "--format", "csv")
    dry = targets(*arguments, "--dry-run")
    assert dry.exit_code == 0, dry.output
    assert "acme/rotterdam-1:object-storage,high,low,2021-06-01" in dry.stdout
    assert file.read_bytes() == before
    done = targets(*arguments)
    assert done.stdout == dry.stdout
    assert file.read_bytes() != before
    assert targets("check", str(file)).exit_code == 0
    gone = targets("fold", str(tmp_path / "nowhere"), "--into", str(file))
    assert gone.exit_code == 2
