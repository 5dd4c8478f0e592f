"""The sets that the notebooks open are sealed, small, and honest about themselves."""

import ast
import csv
import io
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import cloudgauge as cg
from cloudgauge.store.folder import names_in
from cloudgauge.store.merged import members_in
from cloudgauge.store.resultset import ResultSet
from cloudgauge.store.verify import verify
from cloudgauge.world.scenario import Scenario, scenario_hash
from cloudgauge.world.scenario_file import parse_scenario

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
DATA, MAKING = NOTEBOOKS / "data", NOTEBOOKS / "making"
README = (NOTEBOOKS / "README.md").read_text(encoding="utf-8")
SETS = sorted(path for path in DATA.iterdir() if path.is_dir())
MERGED = DATA / "private-four-vantages"
RUNS = [path for path in SETS if path != MERGED] + list(members_in(MERGED))
MOST_BYTES = 3_000_000

every_run = pytest.mark.parametrize("folder", RUNS, ids=lambda path: path.name)


def scenario_of(name: str) -> Scenario:
    """The scenario of that name, put together as `make_data.sh` does it."""
    text = (MAKING / "private-six-clouds.toml").read_text(encoding="utf-8")
    if name == "one-slower":
        text = text.replace('name = "private-six-clouds"', 'name = "one-slower"')
        text += (MAKING / "one-slower.toml").read_text(encoding="utf-8")
    return parse_scenario(text, where=name)


def verdicts(found: cg.Comparisons) -> dict[str, str]:
    """The verdict on each region, by its id."""
    return {row.candidate.partition(":")[0]: row.verdict.value for row in found.rows}


def notebook_mapping() -> dict[str, Any]:
    """How the notebook on own data reads the invented log."""
    cells = json.loads((NOTEBOOKS / "05-my-own-data.ipynb").read_text("utf-8"))["cells"]
    (source,) = ["".join(one["source"]) for one in cells if one["id"] == "import"]
    text = source.partition("mapping = ")[2].partition("\nkept_in")[0]
    mapping: dict[str, Any] = ast.literal_eval(text)
    return mapping


def log_of(rows: Callable[[pd.DataFrame], pd.Series], into: Path) -> cg.Results:
    """Some rows of the invented log, imported as the notebook does it."""
    log = pd.read_csv(DATA / "invented-pings.csv")
    return cg.import_samples(log[rows(log)], notebook_mapping(), into)


@every_run
def test_a_set_is_as_it_was_sealed_and_stays_so_for_ever(folder: Path) -> None:
    # What is here was written by schema version 2 and is never written anew for a
    # later one: every version is read.
    verified = verify(folder)

    assert verified.manifest.schema_version == 2
    assert verified.manifest.outcome is not None
    assert verified.manifest.outcome.complete
    assert verified.files == len(names_in(folder))


@every_run
def test_a_set_was_made_in_the_private_network_that_lies_beside_it(
    folder: Path,
) -> None:
    run = ResultSet.open(folder).manifest.run

    assert run.simulation is not None
    scenario = scenario_of(run.simulation.scenario)
    assert run.simulation.scenario_hash == scenario_hash(scenario)
    assert run.simulation.seed == scenario.seed
    assert run.vantage in scenario.vantages
    assert run.vantage.name.startswith("private-")


def test_names_of_data_say_that_they_are_of_no_real_cloud() -> None:
    names = sorted(path.name for path in DATA.iterdir())

    assert [one for one in names if not one.startswith(("private-", "invented-"))] == []
    assert sorted(re.findall(r"^\| `([\w.-]+)` \|", README, re.MULTILINE)) == names


def test_the_data_are_small() -> None:
    sizes = [path.stat().st_size for path in DATA.rglob("*") if path.is_file()]

    assert sum(sizes) < MOST_BYTES


def test_vantages_of_the_merged_set_are_four_places_with_coordinates() -> None:
    vantages = [ResultSet.open(one).manifest.run.vantage for one in members_in(MERGED)]

    assert len({one.city for one in vantages}) == 4
    assert all(one.latitude_deg and one.longitude_deg for one in vantages)
    assert all(one.country for one in vantages)


def test_the_invented_log_is_what_its_program_writes(tmp_path: Path) -> None:
    written = tmp_path / "pings.csv"
    command = [sys.executable, str(MAKING / "invented_pings.py"), str(written)]
    subprocess.run(command, check=True, timeout=60)

    kept = (DATA / "invented-pings.csv").read_text(encoding="utf-8")
    assert written.read_text(encoding="utf-8") == kept
    rows = list(csv.DictReader(io.StringIO(kept)))
    assert {row["rtt_ms"] for row in rows if row["ok"] == "0"} == {""}


def test_the_mapping_of_the_invented_log_is_the_same_in_its_file() -> None:
    text = (MAKING / "invented-pings.toml").read_text(encoding="utf-8")

    assert tomllib.loads(text) == notebook_mapping()


def test_every_plan_that_made_a_set_lies_beside_it() -> None:
    made = {ResultSet.open(folder).manifest.plan.name for folder in RUNS}
    plans = {path.stem for path in MAKING.glob("*.toml")} | {"south-east-asia"}
    plans -= {"private-six-clouds", "one-slower", "invented-pings"}

    assert made == plans


def test_a_first_look_has_two_faults_and_downloads_that_did_not_settle() -> None:
    failures = cg.load(DATA / "private-first-look").failures()
    downloads = cg.load(DATA / "private-downloads").throughput()

    assert {"connect-timeout", "reset"} <= set(failures["failure"])
    assert set(downloads["streams"]) == {1, 4}
    assert set(downloads["settled"]) == {True, False}


def test_who_was_given_the_same_round_trip_is_not_told_apart() -> None:
    asia = cg.load(DATA / "private-south-east-asia")
    same = cg.compare(asia, of="aws/ap-southeast-1", against="gcp/asia-southeast1")
    given = [
        override.link
        for override in scenario_of("private-six-clouds").overrides
        if override.vantage == "private-bangkok"
        and override.match in {"aws/ap-southeast-1", "gcp/asia-southeast1"}
    ]

    assert len(given) == 2
    assert given[0] == given[1]
    assert verdicts(same) == {"gcp/asia-southeast1": "equivalent"}


def test_one_region_became_slower_and_of_the_others_none() -> None:
    base = cg.load(DATA / "private-tokyo")
    again = cg.compare(base, cg.load(DATA / "private-tokyo-again"))
    slower = cg.compare(base, cg.load(DATA / "private-tokyo-one-slower"))

    assert set(verdicts(again).values()) == {"equivalent"}
    found = verdicts(slower)
    assert found.pop("gcp/asia-northeast1") == "differs"
    assert set(found.values()) == {"equivalent"}


def test_from_four_vantages_conclusions_flip_that_a_mean_hides() -> None:
    four = cg.load(MERGED)
    mumbai = cg.compare(four, of="aws/ap-south-1", against="gcp/asia-south1")
    gulf = cg.compare(four, of="aws/me-central-1", against="azure/uaenorth")
    wide = cg.compare(
        four,
        of="aws/me-central-1",
        against="azure/uaenorth",
        question=cg.Question.of(margin="15ms"),
    )

    assert [one.agreement.value for one in mumbai.across] == ["flips"]
    assert [one.agreement.value for one in gulf.across] == ["flips"]
    assert [one.verdict.value for one in gulf.together] == ["equivalent"]
    assert [one.agreement.value for one in wide.across] == ["holds at every vantage"]


def test_a_step_in_the_log_leaves_a_shift_undecided_that_each_half_knows(
    tmp_path: Path,
) -> None:
    whole = log_of(lambda log: log["when"] > "", tmp_path / "whole")
    before = log_of(lambda log: log["when"] < "2026-01-14", tmp_path / "before")
    after = log_of(lambda log: log["when"] >= "2026-01-14", tmp_path / "after")
    london, paris = "aws/eu-west-2", "aws/eu-west-3"

    assert verdicts(cg.compare(whole, of=paris, against="*"))[london] == "undecided"
    assert verdicts(cg.compare(before, after))[london] == "differs"
    assert verdicts(cg.compare(after, of=paris, against=london))[london] == "differs"
