import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

import cloudgauge
from cloudgauge.errors import ConfigError, StoreError
from cloudgauge.model.plan import Plan
from cloudgauge.model.quantity import NS_PER_S
from cloudgauge.model.run import RunInfo, Simulation, Vantage
from cloudgauge.model.sample import Sample
from cloudgauge.report.document import Document
from cloudgauge.workflow.keeping import show_sets, verify_sets
from cloudgauge.workflow.likeness import Difference
from cloudgauge.workflow.merging import MergeRequest, allowed_words, merge_sets
from cloudgauge.workflow.repeating import repeat_of
from tests.store.several import PLAN, Run, keep_run
from tests.store.synthetic import STARTED_WALL_NS, make_plan, make_target

SET_V1 = Path(__file__).parent.parent / "golden" / "set-v1"
HOUR_NS = 3_600 * NS_PER_S
# Weeks after what was measured.
NOW_NS = STARTED_WALL_NS + 600 * HOUR_NS


def merge(into: Path, *paths: Path, allow: str = "") -> Document:
    request = MergeRequest(
        paths=paths, into=into, now_ns=NOW_NS, allowed=allowed_words(allow)
    )
    return merge_sets(request)


def refused(tmp_path: Path, first: Run, other: Run, word: str) -> str:
    """The sentence that refuses the other run; it is taken when *word* allows it."""
    folders = [
        keep_run(tmp_path / name, run) for name, run in (("a", first), ("b", other))
    ]
    with pytest.raises(StoreError, match=f"say --allow {word}$") as caught:
        merge(tmp_path / "refused", *folders)
    assert not (tmp_path / "refused").exists()
    assert caught.value.path == str(folders[1])
    document = merge(tmp_path / "allowed", *folders, allow=word)
    assert any(note.startswith("allowed: ") for note in document.notes)
    manifest = json.loads((tmp_path / "allowed" / "manifest.json").read_text())
    assert manifest["allowed"] == [word]
    return caught.value.problem


def test_two_vantages_become_one_folder_that_is_shown_and_verified(
    tmp_path: Path,
) -> None:
    folders = [
        keep_run(tmp_path / "sets", Run()),
        keep_run(tmp_path / "sets", Run(vantage="berlin", digit="b", seed=2)),
    ]
    into = tmp_path / "merged"
    document = merge(into, tmp_path / "sets")
    assert document.title.startswith("2 runs of 2 vantages, ")
    shown = show_sets([into])
    assert shown.title == show_sets(folders).title
    assert shown.tables[0].rows == show_sets(folders).tables[0].rows
    assert verify_sets([into]).title == "2 of 2 result sets as they were sealed"
    alone = cloudgauge.load(folders).frame()
    assert cloudgauge.load(into).frame()["wall_ns"].sum() == alone["wall_ns"].sum()


def test_a_merged_set_and_a_set_give_one_merged_set(tmp_path: Path) -> None:
    sets = tmp_path / "sets"
    keep_run(sets, Run())
    keep_run(sets, Run(vantage="berlin", digit="b"))
    third = keep_run(tmp_path, Run(vantage="tokyo", digit="c"))
    merge(tmp_path / "two", sets)
    document = merge(tmp_path / "three", tmp_path / "two", third, sets)
    assert document.title.startswith("3 runs of 3 vantages")
    assert sum("dropped, an exact duplicate" in note for note in document.notes) == 2
    assert len(cloudgauge.load(tmp_path / "three").sets) == 3


def test_another_plan_is_refused_and_its_parts_are_named(tmp_path: Path) -> None:
    plan = replace(PLAN, seed=8, question="which?")
    problem = refused(tmp_path, Run(), Run(digit="b", plan=plan), "plan")
    assert "its plan is not that of" in problem
    assert "question, seed differ" in problem
    alone = replace(PLAN, seed=8)
    again = refused(tmp_path / "again", Run(), Run(digit="b", plan=alone), "plan")
    assert ": seed differs" in again


def test_another_clock_of_the_connect_phase_is_another_metric(tmp_path: Path) -> None:
    def by_program(sample: Sample) -> Sample:
        return replace(sample, kernel=None)

    problem = refused(tmp_path, Run(), Run(digit="b", seen=by_program), "metric")
    assert "has connect times by the program" in problem
    assert "has connect round trips by the kernel" in problem


def simulated(scenario_hash: str) -> Callable[[RunInfo], RunInfo]:
    simulation = Simulation(
        means="tun", scenario="calm", scenario_hash=scenario_hash, seed=1
    )
    return lambda info: replace(info, simulation=simulation)


def test_a_private_network_is_not_mixed_with_the_real_one(tmp_path: Path) -> None:
    other = Run(digit="b", info=simulated("f" * 64))
    problem = refused(tmp_path, Run(), other, "network")
    assert "is of a private one (tun, calm ffffffff)" in problem
    assert "of a real network" in problem


def test_two_private_networks_are_told_apart_by_their_scenario(tmp_path: Path) -> None:
    first = Run(info=simulated("e" * 64))
    refused(tmp_path, first, Run(digit="b", info=simulated("f" * 64)), "network")


def test_a_vantage_that_is_described_in_two_ways_is_refused(tmp_path: Path) -> None:
    def moved(info: RunInfo) -> RunInfo:
        return replace(info, vantage=Vantage(name="lab", city="Oslo"))

    problem = refused(tmp_path, Run(), Run(digit="b", info=moved), "vantage")
    assert 'describes vantage "lab" in another way' in problem


def checked_on(day: date) -> Plan:
    """The plan over a row of the catalogue that was checked on that day."""
    target = make_target("aws", "place-1")
    checked = replace(target.endpoint.provenance, checked=day)
    endpoint = replace(target.endpoint, provenance=checked)
    return replace(
        make_plan(targets=1, controls=0), targets=(replace(target, endpoint=endpoint),)
    )


def test_a_run_before_its_catalogue_was_checked_has_a_wrong_clock(
    tmp_path: Path,
) -> None:
    plan = checked_on(date(2026, 1, 17))
    late = 48 * HOUR_NS
    problem = refused(
        tmp_path, Run(plan=plan, later_ns=late), Run(digit="b", plan=plan), "clock"
    )
    assert "began on 2026-01-15 by its clock" in problem
    assert "checked on 2026-01-17" in problem


def test_a_day_is_left_for_time_zones(tmp_path: Path) -> None:
    plan = checked_on(date(2026, 1, 16))
    folders = [keep_run(tmp_path, Run(plan=plan, digit=digit)) for digit in "ab"]
    merge(tmp_path / "merged", *folders)


def stepped(step_ns: int) -> Callable[[Sample], Sample]:
    def seen(sample: Sample) -> Sample:
        after = sample.slot.round_index > 0
        return replace(sample, wall_ns=sample.wall_ns + step_ns) if after else sample

    return seen


def test_a_clock_that_moved_by_more_than_a_minute_is_refused(tmp_path: Path) -> None:
    problem = refused(
        tmp_path, Run(), Run(digit="b", seen=stepped(61 * NS_PER_S)), "clock"
    )
    assert "its wall clock moved by 1m1" in problem


def test_a_clock_that_moved_a_little_is_told(tmp_path: Path) -> None:
    folders = [
        keep_run(tmp_path, Run()),
        keep_run(tmp_path, Run(vantage="x", digit="b", seen=stepped(NS_PER_S))),
    ]
    document = merge(tmp_path / "merged", *folders)
    assert any("its wall clock moved by 1" in note for note in document.notes)


def test_a_clock_that_ran_backwards_is_told(tmp_path: Path) -> None:
    folders = [
        keep_run(tmp_path, Run()),
        keep_run(tmp_path, Run(vantage="x", digit="b", seen=stepped(-30 * NS_PER_S))),
    ]
    document = merge(tmp_path / "merged", *folders)
    (told,) = [note for note in document.notes if "backwards" in note]
    assert "its wall clock moved by 30s against" in told
    assert "monotonic one, ran backwards by 29s9" in told


def test_a_run_that_ended_later_than_now_has_a_wrong_clock(tmp_path: Path) -> None:
    problem = refused(
        tmp_path,
        Run(),
        Run(digit="b", later_ns=600 * HOUR_NS + 180 * NS_PER_S),
        "clock",
    )
    assert "from now by its clock: that clock, or this machine's, is wrong" in problem


def test_a_clock_that_is_a_minute_ahead_is_taken(tmp_path: Path) -> None:
    late = Run(digit="b", later_ns=600 * HOUR_NS - 60 * NS_PER_S)
    folders = [keep_run(tmp_path, run) for run in (Run(), late)]
    merge(tmp_path / "merged", *folders)


def test_an_older_schema_is_merged_only_when_that_is_meant(tmp_path: Path) -> None:
    folder = keep_run(tmp_path, Run())
    with pytest.raises(StoreError, match=r"schema version 1, .* of 2"):
        merge(tmp_path / "merged", folder, SET_V1)
    allowed = ",".join(Difference)
    merge(tmp_path / "merged", folder, SET_V1, allow=allowed)
    versions = {
        one.manifest.schema_version for one in cloudgauge.load(tmp_path / "merged").sets
    }
    assert versions == {1, 2}


def test_every_difference_is_named_at_once(tmp_path: Path) -> None:
    folders = [
        keep_run(tmp_path, Run()),
        keep_run(tmp_path, Run(digit="b", plan=replace(PLAN, seed=8))),
        keep_run(tmp_path, Run(digit="c", info=simulated("f" * 64))),
    ]
    with pytest.raises(StoreError, match=r"say --allow plan,network$") as caught:
        merge(tmp_path / "merged", *folders)
    assert all(str(folder) in str(caught.value) for folder in folders)


def test_one_machine_at_two_runs_at_once_is_told(tmp_path: Path) -> None:
    folders = [keep_run(tmp_path, Run(digit=digit)) for digit in "ab"]
    notes = merge(tmp_path / "merged", *folders).notes
    assert [note for note in notes if "were measured at the same time" in note]
    assert not [note for note in notes if "clocks were apart" in note]


def test_vantages_that_measured_at_different_times_are_told(tmp_path: Path) -> None:
    folders = [
        keep_run(tmp_path, Run()),
        keep_run(tmp_path, Run(vantage="berlin", digit="b", later_ns=HOUR_NS)),
    ]
    notes = merge(tmp_path / "merged", *folders).notes
    assert any(note.startswith("the vantages measured at different") for note in notes)
    assert any("clocks were apart was not measured" in note for note in notes)
    assert not any("at the same time" in note for note in notes)


def test_one_set_and_its_copy_are_nothing_to_merge(tmp_path: Path) -> None:
    folder = keep_run(tmp_path, Run())
    shutil.copytree(folder, tmp_path / "copy")
    wanted = "want sets of at least two runs, got 1 and 1 duplicate"
    with pytest.raises(ConfigError, match=wanted):
        merge(tmp_path / "merged", folder, tmp_path / "copy")


def test_a_merged_set_is_repeated_run_by_run(tmp_path: Path) -> None:
    # As made up it is too dense to be repeated.
    plan = replace(PLAN, pacing=replace(PLAN.pacing, round_ns=60 * NS_PER_S))
    folders = [keep_run(tmp_path, Run(digit=digit, plan=plan)) for digit in "ab"]
    into = tmp_path / "merged"
    merge(into, *folders)
    with pytest.raises(StoreError, match="whose runs can be repeated one by one"):
        repeat_of(into)
    assert repeat_of(min((into / "members").iterdir())).plan == plan


def test_verify_names_what_is_wrong_in_a_merged_set_and_goes_on(tmp_path: Path) -> None:
    sets = tmp_path / "sets"
    keep_run(sets, Run())
    keep_run(sets, Run(vantage="berlin", digit="b"))
    into = tmp_path / "merged"
    merge(into, sets)
    (min((into / "members").iterdir()) / "targets.json").write_text("{}")
    with pytest.raises(StoreError, match=r"targets\.json was changed"):
        verify_sets([into])
    (into / "CITATION.cff").write_text("")
    with pytest.raises(StoreError, match=r"CITATION\.cff was changed"):
        verify_sets([into, sets])


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("plam", 'got "plam"; did you mean "plan"'),
        ("plan,everything", 'want schema, plan, metric.* got "everything"'),
    ],
)
def test_an_unknown_word_is_refused(text: str, wanted: str) -> None:
    with pytest.raises(ConfigError, match=wanted):
        allowed_words(text)


def test_words_may_have_blanks_around_them() -> None:
    assert allowed_words(" plan, clock ,") == {Difference.PLAN, Difference.CLOCK}
