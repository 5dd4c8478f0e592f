"""What rank, compare and merge make of sets that are of little or no use."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cloudgauge.cli.app import app
from cloudgauge.model.plan import Plan
from cloudgauge.model.sample import FailureKind, Sample
from tests.store.synthetic import make_plan
from tests.workflow.two_vantages import (
    ALIBABA,
    AWS,
    AZURE,
    PLAN,
    kept,
    run_from,
    samples_with,
)

MEANS = {ALIBABA: 50.0, AWS: 60.0, AZURE: 90.0}
COMMANDS = ("rank", "regions", "before-after", "merge")
Change = Callable[[Sample], Sample]


def as_it_is(sample: Sample) -> Sample:
    return sample


def refused(sample: Sample) -> Sample:
    return replace(sample, failure=FailureKind.REFUSED)


def always_the_same(sample: Sample) -> Sample:
    if sample.kernel is None:
        return sample
    return replace(sample, kernel=replace(sample.kernel, connect_rtt_us=50_000))


def a_set(
    parent: Path, *, vantage: str = "here", run: int = 2, change: Change = as_it_is
) -> Path:
    samples = samples_with(MEANS, seed=run, change=change)
    return kept(parent / str(run), run_from(vantage, run=run), samples)


def of_plan(parent: Path, plan: Plan) -> Path:
    info = run_from("here", run=2, plan=plan)
    return kept(parent, info, samples_with(MEANS, seed=2, plan=plan), plan=plan)


def without_samples(parent: Path, *, vantage: str = "here") -> Path:
    return kept(parent / "empty", run_from(vantage, run=2), [])


def hashed_anew(folder: Path, name: str) -> None:
    """As whoever wrote it would have it."""
    digest = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    sums = folder / "SHA256SUMS"
    lines = [
        digest + line[64:] if line.endswith(name) else line
        for line in sums.read_text().splitlines()
    ]
    sums.write_text("\n".join(lines) + "\n")


def truncated(folder: Path) -> None:
    (samples,) = (folder / "samples").iterdir()
    samples.write_bytes(samples.read_bytes()[:-200])
    hashed_anew(folder, f"samples/{samples.name}")


def of_the_future(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["schema_version"] = 99
    (folder / "manifest.json").write_text(json.dumps(manifest))
    hashed_anew(folder, "manifest.json")


def changed(folder: Path) -> None:
    manifest = folder / "manifest.json"
    manifest.write_text(manifest.read_text() + " ")


def run(command: str, tmp_path: Path, good: Path, other: Path) -> Result:
    into = tmp_path / "into"
    asked = {
        "rank": ["rank", str(other)],
        "regions": ["compare", str(other), "--of", ALIBABA, "--with", "a*"],
        "before-after": ["compare", str(good), str(other)],
        "merge": ["merge", str(good), str(other), "--into", str(into)],
    }
    ended = CliRunner().invoke(app, asked[command])
    assert ended.exception is None or isinstance(ended.exception, SystemExit)
    if ended.exit_code:
        assert ended.stdout == ""
        assert ended.stderr.startswith("cloudgauge: ")
        assert not into.exists()
    return ended


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (truncated, r".parquet"),
        (of_the_future, "is of schema version 99, and this cloudgauge reads up to"),
        (changed, "manifest.json was changed"),
    ],
)
def test_a_corrupt_or_later_set_ends_with_5(
    tmp_path: Path, command: str, spoil: Callable[[Path], None], said: str
) -> None:
    other = a_set(tmp_path)
    spoil(other)
    ended = run(command, tmp_path, a_set(tmp_path, run=1), other)
    assert ended.exit_code == 5
    assert said in ended.stderr
    assert ended.stderr.count("\n") == 1


@pytest.mark.parametrize("command", COMMANDS[:3])
def test_a_set_without_a_value_ends_with_4(tmp_path: Path, command: str) -> None:
    good = a_set(tmp_path, run=1)
    for other in (without_samples(tmp_path), a_set(tmp_path, run=3, change=refused)):
        ended = run(command, tmp_path, good, other)
        assert ended.exit_code == 4
        assert ended.stderr == f"cloudgauge: {other}: no visit has a connect value\n"


def test_an_empty_set_is_merged_only_when_that_is_meant(tmp_path: Path) -> None:
    good, empty = a_set(tmp_path, run=1), without_samples(tmp_path)
    ended = run("merge", tmp_path, good, empty)
    assert ended.exit_code == 5
    assert "has no sample, " in ended.stderr
    assert ended.stderr.endswith("if that is meant, say --allow metric\n")


def test_another_plan_is_not_merged(tmp_path: Path) -> None:
    other = of_plan(tmp_path / "o", make_plan(targets=3, rounds=1, warm_requests=1))
    ended = run("merge", tmp_path, a_set(tmp_path, run=1), other)
    assert ended.exit_code == 5
    assert "its plan is not that of " in ended.stderr


def told(*arguments: str) -> list[str]:
    ended = CliRunner().invoke(app, [*arguments, "--format", "json"])
    assert ended.exit_code == 0, ended.stderr
    notes: list[str] = json.loads(ended.stdout)["notes"]
    return notes


@pytest.mark.parametrize("more", [[], ["--of", ALIBABA, "--with", "a*"]])
def test_an_empty_set_beside_a_good_one_is_named(
    tmp_path: Path, more: list[str]
) -> None:
    good, empty = a_set(tmp_path, run=1), without_samples(tmp_path, vantage="there")
    command = "compare" if more else "rank"
    notes = told(command, str(good), str(empty), *more)
    assert f"{empty.name}: no sample: nothing of it is in any figure" in notes


def test_a_vantage_where_all_failed_stays_in_the_table(tmp_path: Path) -> None:
    good = a_set(tmp_path, run=1)
    failed = a_set(tmp_path, vantage="there", change=refused)
    notes = told("rank", str(good), str(failed))
    assert "no region has a value: there is nothing to rank (there)" in notes
    assert any(note.startswith("without a value, so in no place: ") for note in notes)
    both = told("compare", str(good), str(failed), "--of", ALIBABA, "--with", AWS)
    assert any("from there the shift is not known" in note for note in both)


def test_one_round_orders_nothing_and_bounds_no_shift(tmp_path: Path) -> None:
    one = str(of_plan(tmp_path, make_plan(targets=3, rounds=1, warm_requests=1)))
    assert "one round shows no order: every place is open" in told("rank", one)
    shift = told("compare", one, "--of", ALIBABA, "--with", AWS)
    assert any(
        note.startswith("so few values do not bound the shift") for note in shift
    )


def test_identical_values_are_tied_and_equivalent(tmp_path: Path) -> None:
    same = str(a_set(tmp_path, change=always_the_same))
    ranked = CliRunner().invoke(app, ["rank", same, "--format", "json"])
    rows = json.loads(ranked.stdout)["tables"]["ranking"]
    assert {row["ties"] for row in rows} == {"a"}
    asked = ["compare", same, "--of", ALIBABA, "--with", "a*", "--format", "json"]
    rows = json.loads(CliRunner().invoke(app, asked).stdout)["tables"]["comparisons"]
    assert {row["verdict"] for row in rows} == {"equivalent"}


def without(target_id: str) -> Plan:
    targets = tuple(one for one in PLAN.targets if one.target_id != target_id)
    return replace(PLAN, targets=targets)


def test_what_was_measured_on_one_side_alone_is_named(tmp_path: Path) -> None:
    good, fewer = a_set(tmp_path, run=1), of_plan(tmp_path / "o", without(AWS))
    notes = told("compare", str(good), str(fewer))
    assert f"measured before alone, so in no row: {AWS} (ipv4) from here" in notes
    notes = told("compare", str(fewer), str(good))
    assert f"measured after alone, so in no row: {AWS} (ipv4) from here" in notes


def test_a_vantage_that_did_not_measure_a_region_is_named(tmp_path: Path) -> None:
    there = a_set(tmp_path, vantage="there", run=1)
    fewer = of_plan(tmp_path / "o", without(AWS))
    notes = told("compare", str(there), str(fewer), "--of", ALIBABA, "--with", "a*")
    assert f"not measured beside {ALIBABA}, so in no row: {AWS} from here" in notes
