import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

import cloudgauge
from cloudgauge.analysis.across import Agreement
from cloudgauge.cli.terminal import draw
from cloudgauge.errors import ConfigError, NothingUsable, StoreError
from cloudgauge.model.run import Imported
from cloudgauge.model.sample import FailureKind, Sample
from cloudgauge.report.render import to_json
from cloudgauge.stats.verdict import Verdict
from cloudgauge.workflow.comparing import compare, compare_sets
from cloudgauge.workflow.question import Question
from cloudgauge.workflow.results import Results, load
from cloudgauge.workflow.standing_notes import short_names
from tests.store.synthetic import make_plan
from tests.workflow.two_vantages import (
    ALIBABA,
    AWS,
    AZURE,
    PLAN,
    kept,
    run_from,
    samples_with,
    two_vantages,
)

ALIKE = {ALIBABA: 50.0, AWS: 50.0, AZURE: 90.0}


def one_set(
    parent: Path,
    means: Mapping[str, float] = ALIKE,
    *,
    run: int = 1,
    vantage: str = "here",
) -> Results:
    info = run_from(vantage, run=run)
    return load(kept(parent, info, samples_with(means, seed=run)))


def test_two_regions_flip_with_the_vantage(tmp_path: Path) -> None:
    found = compare(two_vantages(tmp_path), of="alibaba/place-1", against="aws/place-1")

    here, there = found.rows
    assert [here.vantage, there.vantage] == ["here", "there"]
    assert here.verdict is there.verdict is Verdict.DIFFERS
    assert here.shift is not None
    assert there.shift is not None
    assert here.shift.point == pytest.approx(10, abs=0.4)
    assert there.shift.point == pytest.approx(-20, abs=0.4)
    (across,) = found.across
    assert across.agreement is Agreement.FLIPS
    assert (across.better, across.worse) == (("there",), ("here",))
    (together,) = found.together
    assert together.shift is not None
    assert together.shift.point == pytest.approx(-5, abs=0.4)
    assert found.controls.tests == 2
    assert found.controls.differing == ()


def test_vantages_count_by_the_weights_of_their_users(tmp_path: Path) -> None:
    found = compare(
        two_vantages(tmp_path),
        of=ALIBABA,
        against=[AWS],
        question=Question.of(weights="here=3,there=1"),
    )
    (together,) = found.together
    assert together.shift is not None
    assert together.shift.point == pytest.approx(2.5, abs=0.4)
    assert found.weights == {"here": 0.75, "there": 0.25}


def test_a_vantage_without_weight_leaves_no_row_over_all_and_says_why(
    tmp_path: Path,
) -> None:
    question = Question.of(weights="here=1,there=0")
    found = compare(two_vantages(tmp_path), of=ALIBABA, against=AWS, question=question)
    assert found.together == ()
    told = f"no row over all vantages of {AWS} (ipv4): here alone has a weight above 0"
    assert told in found.document().notes


def test_a_vantage_that_knows_no_shift_leaves_no_row_over_all(tmp_path: Path) -> None:
    def beyond(sample: Sample) -> Sample:
        failure = FailureKind.CONNECT_TIMEOUT
        return replace(sample, failure=failure) if sample.exchange == 0 else sample

    def only_aws(sample: Sample) -> Sample:
        return beyond(sample) if sample.slot.target_id == AWS else sample

    results = load(
        [
            kept(tmp_path, run_from("here"), samples_with(ALIKE, seed=1)),
            kept(
                tmp_path,
                run_from("there", run=2),
                samples_with(ALIKE, seed=2, change=only_aws),
            ),
        ]
    )
    found = compare(results, of=ALIBABA, against=AWS)
    assert found.together == ()
    assert "(ipv4): from there the shift is not known" in str(found.document().notes)


def test_several_regions_are_corrected_together(tmp_path: Path) -> None:
    found = compare(one_set(tmp_path), of=ALIBABA, against="*")
    assert [row.candidate for row in found.rows] == [AWS, AZURE]
    for row in found.rows:
        assert row.p_value is not None
        assert row.p_adjusted is not None
        assert row.p_value <= row.p_adjusted <= 1
    assert not found.across
    assert not found.together


def test_the_document_says_verdict_burst_method_and_at_its_foot_the_controls(
    tmp_path: Path,
) -> None:
    document = compare(one_set(tmp_path), of=ALIBABA, against=AWS).document()

    told = json.loads(to_json(document))
    (row,) = told["tables"]["comparisons"]
    assert row["verdict"] == "equivalent"
    assert row["baseline"] == ALIBABA
    assert row["burst"] is True
    assert row["shift_low_ms"] < row["shift_ms"] < row["shift_high_ms"]
    assert document.title.endswith("1 vantage, a burst")
    assert any(note.startswith("burst: ") for note in document.notes)
    assert any("surely within 2 ms or 2 % of the baseline" in n for n in document.notes)
    assert document.notes[-1] == (
        "A/A: 0 of 1 controls, each a target measured as two, differ at 5 % "
        "(1 in 20 is expected)"
    )
    assert len(document.provenance) == 1


def test_what_was_compared_shows_itself(tmp_path: Path) -> None:
    found = cloudgauge.compare(two_vantages(tmp_path), of=ALIBABA, against=AWS)
    assert repr(found).startswith("<Comparisons: connect, held against ")
    assert "| aws/place-1 | flips | there | here |" in str(found)
    assert "<td style=" in found._repr_html_()


def test_before_and_after_are_two_heaps_of_each_region(tmp_path: Path) -> None:
    before = one_set(tmp_path / "b")
    after = one_set(tmp_path / "a", {**ALIKE, AWS: 70.0}, run=2)

    found = cloudgauge.compare(before, after)

    verdicts = {row.candidate: row.verdict for row in found.rows}
    assert verdicts == {
        ALIBABA: Verdict.EQUIVALENT,
        AWS: Verdict.DIFFERS,
        AZURE: Verdict.EQUIVALENT,
    }
    assert found.is_before_after
    assert not any(row.is_paired for row in found.rows)
    # Controls of both sets.
    assert found.controls.tests == 2
    document = found.document()
    assert any(note.startswith("no rounds in common") for note in document.notes)
    assert any("shift: after minus before" in note for note in document.notes)


def test_before_and_after_of_some_regions_alone(tmp_path: Path) -> None:
    found = compare(one_set(tmp_path / "b"), one_set(tmp_path / "a", run=2), of="aws/*")
    assert [row.candidate for row in found.rows] == [AWS]


def test_settings_that_differ_between_two_sets_are_named(tmp_path: Path) -> None:
    other = make_plan(targets=3, rounds=40, warm_requests=2)
    after = kept(
        tmp_path / "a",
        run_from("here", run=2, plan=other),
        samples_with(ALIKE, seed=2, plan=other),
        plan=other,
    )
    found = compare_sets(one_set(tmp_path / "b"), load(after), of=AWS)
    assert found.rows[0].also_differs == ("warm requests: 1 / 2",)
    assert "also differs: warm requests: 1 / 2" in found.document().notes


def test_imports_without_rounds_are_compared_as_heaps_and_said_to_be(
    tmp_path: Path,
) -> None:
    imported = Imported(
        source="pings.csv",
        source_sha256="0" * 64,
        measured="ICMP round trip",
        rounds_given=False,
    )
    folder = kept(
        tmp_path,
        replace(run_from("here"), simulation=None, imported=imported),
        samples_with({**ALIKE, AWS: 60.0}, seed=1),
    )
    found = compare(load(folder), of=ALIBABA, against=AWS)
    assert not found.rows[0].is_paired
    assert found.rows[0].verdict is Verdict.DIFFERS
    assert found.controls.tests == 0
    notes = found.document().notes
    assert any(note.startswith("imported: ICMP round trip") for note in notes)
    assert notes[-1].startswith("A/A: no control here")


@pytest.mark.parametrize(
    ("of", "against", "told"),
    [
        ("aws/place-9", AZURE, r'--of: "aws/place-9" was not measured: .*mean "aws/'),
        (ALIBABA, "gcp/*", r'--with: "gcp/\*" was not measured: alibaba/place-1, '),
        (ALIBABA, ALIBABA, "--with: want another region than alibaba/place-1:object"),
        ("a*", AZURE, "--of: want one target, a[*] is alibaba/place-1:object-storage,"),
        (None, AZURE, "--of: say which region, and with --with which others"),
        (ALIBABA, (), "--of: say which region, and with --with which others"),
    ],
)
def test_regions_that_cannot_be_meant_are_refused(
    tmp_path: Path, of: str | None, against: str, told: str
) -> None:
    results = one_set(tmp_path)
    with pytest.raises(ConfigError, match=told):
        compare(results, of=of, against=against)


def test_regions_of_sets_before_and_after_are_not_held_against_one_another(
    tmp_path: Path,
) -> None:
    results = one_set(tmp_path)
    with pytest.raises(ConfigError, match="--with: is of regions of the same sets"):
        compare(results, results, of=ALIBABA, against=AWS)


def test_one_class_of_service_is_not_held_against_another_but_by_connect(
    tmp_path: Path,
) -> None:
    others = [
        replace(one, endpoint=replace(one.endpoint, service=service))
        for one, service in zip(PLAN.targets, ("queue", "queue", "table"), strict=True)
    ]
    controls = (others[0].target_id,)
    plan = replace(PLAN, targets=tuple(others), controls=controls)
    means = dict(
        zip((one.target_id for one in others), (50.0, 50.0, 90.0), strict=True)
    )
    results = load(
        kept(
            tmp_path,
            run_from("here", plan=plan),
            samples_with(means, seed=1, plan=plan),
            plan=plan,
        )
    )
    by_first_byte = Question.of("first-byte")
    with pytest.raises(ConfigError, match=r"one class of service: .* is queue, "):
        compare(results, of="aws/*", against="azure/*", question=by_first_byte)
    alike = compare(results, of="alibaba/*", against="aws/*", question=by_first_byte)
    assert alike.rows[0].also_differs == ()
    by_connect = compare(results, of="aws/*", against="azure/*")
    assert by_connect.rows[0].also_differs == ("service: queue / table",)


def test_two_regions_that_no_vantage_saw_both_are_refused(tmp_path: Path) -> None:
    def only(target_id: str) -> list[Sample]:
        made = samples_with(ALIKE, seed=1)
        return [one for one in made if one.slot.target_id == target_id]

    results = load(
        [
            kept(tmp_path, run_from("here"), only(ALIBABA)),
            kept(tmp_path, run_from("there", run=2), only(AWS)),
        ]
    )
    with pytest.raises(ConfigError, match="were never measured from one vantage"):
        compare(results, of=ALIBABA, against=AWS)


def test_a_set_in_which_all_failed_has_nothing_to_compare(tmp_path: Path) -> None:
    def fail(sample: Sample) -> Sample:
        return replace(sample, failure=FailureKind.REFUSED)

    folder = kept(tmp_path, run_from("here"), samples_with(ALIKE, seed=1, change=fail))
    with pytest.raises(NothingUsable, match="no visit has a connect value"):
        compare(load(folder), of=ALIBABA, against=AWS)


def test_an_empty_set_has_nothing_to_compare(tmp_path: Path) -> None:
    folder = kept(tmp_path, run_from("here"), [])
    with pytest.raises(NothingUsable, match="no visit has a connect value"):
        compare(load(folder), of=ALIBABA, against=AWS)


def test_a_set_without_downloads_has_no_throughput(tmp_path: Path) -> None:
    results = one_set(tmp_path)
    with pytest.raises(NothingUsable, match="no visit has a throughput value"):
        compare(results, of=ALIBABA, against=AWS, question=Question.of("throughput"))


def test_the_simulated_is_not_held_against_the_real(tmp_path: Path) -> None:
    info = replace(run_from("here", run=2), simulation=None)
    real = kept(tmp_path / "r", info, samples_with(ALIKE, seed=1))
    with pytest.raises(StoreError, match=r"in a private network and .* was not"):
        compare(one_set(tmp_path), load(real))


def test_a_run_is_not_held_against_itself(tmp_path: Path) -> None:
    results = one_set(tmp_path)
    with pytest.raises(StoreError, match="a run cannot be compared with itself"):
        compare(results, results)


def test_sets_of_different_vantages_have_no_before_and_after(tmp_path: Path) -> None:
    there = one_set(tmp_path / "t", run=2, vantage="there")
    told = "was measured from there, the baseline from here: no vantage in common"
    with pytest.raises(StoreError, match=told):
        compare(one_set(tmp_path / "h"), there)


def test_sets_of_different_targets_have_no_before_and_after(tmp_path: Path) -> None:
    def elsewhere(sample: Sample) -> Sample:
        slot = sample.slot
        code = slot.target_id.replace("place-1", "place-2")
        return replace(sample, slot=replace(slot, target_id=code))

    moved = [
        replace(one, region=replace(one.region, code="place-2")) for one in PLAN.targets
    ]
    controls = (moved[0].target_id,)
    plan = replace(PLAN, targets=tuple(moved), controls=controls)
    after = kept(
        tmp_path / "a",
        run_from("here", run=2, plan=plan),
        samples_with(ALIKE, seed=1, change=elsewhere),
        plan=plan,
    )
    with pytest.raises(StoreError, match="has no target in common with the baseline"):
        compare(one_set(tmp_path / "b"), load(after))


@pytest.mark.parametrize("width", [80, 120, 200])
def test_a_comparison_fits_the_terminal_and_keeps_the_interval(
    tmp_path: Path, width: int
) -> None:
    found = compare(two_vantages(tmp_path), of=ALIBABA, against="*")
    text = draw(found.document(), width=width, styled=False)
    assert max(len(line) for line in text.splitlines()) <= width
    assert "no room for: high ms" not in text
    row = next(line for line in text.splitlines() if "azure/place-1" in line)
    assert len(row.split()) > 5


def test_a_region_of_two_targets_is_called_by_their_whole_names() -> None:
    assert short_names(["aws/a:queue", "aws/a:table", "gcp/b:queue"]) == {
        "aws/a:queue": "aws/a:queue",
        "aws/a:table": "aws/a:table",
        "gcp/b:queue": "gcp/b",
    }
