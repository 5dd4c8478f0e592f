import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cloudgauge.cli.app import app
from tests.workflow.two_vantages import (
    ALIBABA,
    AWS,
    kept,
    run_from,
    samples_with,
    two_vantages,
)

RUNNER = CliRunner()


@pytest.fixture(name="sets")
def made_sets(tmp_path: Path) -> str:
    """A folder with the sets of two vantages."""
    two_vantages(tmp_path / "sets")
    return str(tmp_path / "sets")


def test_compare_tells_the_verdict_at_every_vantage(sets: str) -> None:
    asked = ["compare", sets, "--of", "alibaba/place-1", "--with", "aws/place-1"]
    ended = RUNNER.invoke(app, [*asked, "--format", "json"])
    assert ended.exit_code == 0
    told = json.loads(ended.stdout)
    assert told["kind"] == "compare"
    assert [
        (row["vantage"], row["verdict"]) for row in told["tables"]["comparisons"]
    ] == [("here", "differs"), ("there", "differs"), ("all", "differs")]
    assert told["tables"]["vantages"][0]["agreement"] == "flips"


@pytest.mark.parametrize(
    ("condition", "code", "said"),
    [
        ("slower:5ms", 1, f"slower:5ms: {AWS} from here\n"),
        # The point is beyond 9.9 ms; its interval is not.
        ("slower:9.9ms", 0, ""),
        ("slower:5%", 1, f"slower:5%: {AWS} from here\n"),
        ("undecided", 0, ""),
    ],
)
def test_a_condition_that_does_not_hold_ends_with_1_after_the_table(
    sets: str, condition: str, code: int, said: str
) -> None:
    asked = ["compare", sets, "--of", ALIBABA, "--with", AWS, "--fail-on", condition]
    ended = RUNNER.invoke(app, asked)
    assert ended.exit_code == code
    assert ended.stderr == said
    assert "What holds at every vantage" in ended.stdout


def test_the_margin_is_the_users(sets: str) -> None:
    asked = ["compare", sets, "--of", ALIBABA, "--with", AWS, "--margin", "30ms"]
    told = json.loads(RUNNER.invoke(app, [*asked, "--format", "json"]).stdout)
    rows = told["tables"]["comparisons"]
    assert {row["verdict"] for row in rows} == {"equivalent"}
    assert {row["margin_ms"] for row in rows} == {30.0}


def test_two_paths_are_before_and_after(tmp_path: Path) -> None:
    means = {ALIBABA: 50.0, AWS: 60.0, "azure/place-1:object-storage": 70.0}
    paths = [
        str(kept(tmp_path, run_from("here", run=at), samples_with(means, seed=at)))
        for at in (1, 2)
    ]
    ended = RUNNER.invoke(app, ["compare", *paths, "--fail-on", "slower:5ms"])
    assert ended.exit_code == 0
    assert "after against before" in ended.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--with", AWS], 2, "--of: say which region, and with --with which others"),
        ([], 2, "PATH...: want two, before and after, got 1; to compare regions"),
        (["--of", "x/y", "--with", AWS], 2, '--of: "x/y" was not measured: '),
        (["--margin", "3"], 2, '--margin: want an amount such as 5ms or 2%, got "3"'),
        (["--fail-on", "worse"], 2, "--fail-on: want slower:5ms, slower:2%, "),
        (["--weights", "here"], 2, "--weights: want vantage=number, such as "),
        (
            ["--of", ALIBABA, "--with", AWS, "--metric", "throughput"],
            4,
            "no visit has a throughput value",
        ),
    ],
)
def test_a_mistake_ends_with_its_code_and_one_sentence(
    sets: str, arguments: list[str], code: int, said: str
) -> None:
    ended = RUNNER.invoke(app, ["compare", sets, *arguments])
    assert ended.exit_code == code
    assert said in ended.stderr
    assert ended.stderr.startswith("cloudgauge: ")
    assert ended.stderr.count("\n") == 1
    assert ended.stdout == ""


def truncate(folder: Path) -> None:
    (samples,) = (folder / "samples").iterdir()
    samples.write_bytes(samples.read_bytes()[:-100])


def come_later(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["schema_version"] = 99
    (folder / "manifest.json").write_text(json.dumps(manifest))


def empty(folder: Path) -> None:
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (truncate, ".parquet was changed"),
        (come_later, "manifest.json"),
        (empty, "is no result set"),
    ],
)
@pytest.mark.parametrize("command", ["rank", "compare"])
def test_a_set_that_cannot_be_read_ends_with_5(
    tmp_path: Path,
    spoil: object,
    said: str,
    command: str,
) -> None:
    means = {ALIBABA: 50.0, AWS: 60.0, "azure/place-1:object-storage": 70.0}
    folder = kept(tmp_path, run_from("here"), samples_with(means, seed=1))
    assert callable(spoil)
    spoil(folder)
    of_whom = ["--of", ALIBABA, "--with", AWS] if command == "compare" else []
    ended = RUNNER.invoke(app, [command, str(folder), *of_whom])
    assert ended.exit_code == 5
    assert said in ended.stderr
    assert ended.stdout == ""
