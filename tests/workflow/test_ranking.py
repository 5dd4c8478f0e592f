import json
from dataclasses import replace
from pathlib import Path

import pytest

import cloudgauge
from cloudgauge.errors import ConfigError, NothingUsable
from cloudgauge.model.run import Imported
from cloudgauge.model.sample import FailureKind, Sample
from cloudgauge.report.document import Cell
from cloudgauge.report.render import to_json, to_markdown
from cloudgauge.workflow.question import Question
from cloudgauge.workflow.ranking import rank
from cloudgauge.workflow.ranking_view import Rankings
from cloudgauge.workflow.results import load
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


def ranks(found: Rankings) -> dict[tuple[Cell, Cell], Cell]:
    (table,) = found.document().tables
    names = [column.name for column in table.columns]
    at = [names.index(name) for name in ("vantage", "target", "rank")]
    return {(row[at[0]], row[at[1]]): row[at[2]] for row in table.rows}


def test_regions_have_their_places_at_each_vantage_and_over_all(tmp_path: Path) -> None:
    found = cloudgauge.rank(two_vantages(tmp_path))

    assert ranks(found) == {
        ("all", AWS): "1",
        ("all", ALIBABA): "2",
        ("all", AZURE): "3",
        ("here", ALIBABA): "1",
        ("here", AWS): "2",
        ("here", AZURE): "3",
        ("there", AWS): "1",
        ("there", ALIBABA): "2",
        ("there", AZURE): "3",
    }
    notes = found.document().notes
    assert "no target may be best at every vantage" in notes
    flip = f"1 pair flips: such as {ALIBABA}, better than {AWS} from here and worse "
    assert any(note.startswith(flip) for note in notes)
    assert notes[-1].startswith("A/A: 0 of 2 controls")


def test_weights_turn_the_order_over_all_vantages(tmp_path: Path) -> None:
    question = Question.of(weights={"here": 0.9, "there": 0.1})
    assert ranks(rank(two_vantages(tmp_path), question=question))["all", ALIBABA] == "1"
    alone = Question.of(weights={"here": 1.0, "there": 0.0})
    assert ("all", ALIBABA) not in ranks(rank(two_vantages(tmp_path), question=alone))


def test_equal_regions_are_tied_and_may_be_best_everywhere(tmp_path: Path) -> None:
    found = rank(
        load(
            [
                kept(tmp_path, run_from(name, run=at), samples_with(ALIKE, seed=at))
                for at, name in enumerate(("here", "there"), start=1)
            ]
        )
    )
    table = json.loads(to_json(found.document()))["tables"]["ranking"]
    tied = [row for row in table if row["rank"] == "1 to 2"]
    assert len(tied) == 6
    assert {row["ties"] for row in tied} == {"a"}
    assert all(row["rank_low"] == 1 and row["rank_high"] == 2 for row in tied)
    note = f"may be best at every vantage: {ALIBABA}, {AWS}"
    assert note in found.document().notes


def test_a_ranking_shows_itself(tmp_path: Path) -> None:
    found = rank(two_vantages(tmp_path), regions="aws/*")
    assert repr(found) == (
        "<Rankings: 1 target ranked by connect from 2 vantages, a burst>"
    )
    assert "# 1 target ranked by connect" in str(found)
    assert "<table>" in found._repr_html_()
    note = "no ranking over all vantages: fewer than two targets have a value at every"
    assert any(text.startswith(note) for text in found.document().notes)


def test_only_the_named_regions_are_ranked(tmp_path: Path) -> None:
    found = rank(two_vantages(tmp_path), regions=["aws/*", AZURE])
    assert {target for _, target in ranks(found)} == {AWS, AZURE}
    with pytest.raises(ConfigError, match=r'--region: "gcp/\*" was not measured'):
        rank(two_vantages(tmp_path / "again"), regions="gcp/*")


def test_classes_of_service_are_ranked_apart_but_by_connect(tmp_path: Path) -> None:
    queue = PLAN.targets[0]
    queue = replace(queue, endpoint=replace(queue.endpoint, service="queue"))
    plan = replace(
        PLAN, targets=(queue, *PLAN.targets[1:]), controls=(queue.target_id,)
    )
    means = {queue.target_id: 50.0, AWS: 60.0, AZURE: 90.0}
    info = run_from("here", plan=plan)
    samples = samples_with(means, seed=1, plan=plan)
    results = load(kept(tmp_path, info, samples, plan=plan))

    found = rank(results, question=Question.of("first-byte"))

    assert [group.name for group in found.groups] == [
        "ipv4, object-storage",
        "ipv4, queue",
    ]
    notes = found.document().notes
    assert any(note.startswith("ranked each within its own group") for note in notes)
    assert len(rank(results).groups) == 1


def test_imports_without_rounds_have_no_ranking_over_all_vantages(
    tmp_path: Path,
) -> None:
    imported = Imported(
        source="pings.csv",
        source_sha256="0" * 64,
        measured="ICMP round trip",
        rounds_given=False,
    )
    infos = [
        replace(run_from(name, run=at), simulation=None, imported=imported)
        for at, name in enumerate(("here", "there"), start=1)
    ]
    found = rank(
        load([kept(tmp_path, info, samples_with(ALIKE, seed=1)) for info in infos])
    )
    assert not any(vantage == "all" for vantage, _ in ranks(found))
    note = "no ranking over all vantages: what was imported without rounds"
    assert any(text.startswith(note) for text in found.document().notes)


def test_a_region_that_never_answered_is_in_no_place_and_named(tmp_path: Path) -> None:
    def fail(sample: Sample) -> Sample:
        if sample.slot.target_id != AWS:
            return sample
        return replace(sample, failure=FailureKind.REFUSED)

    folder = kept(tmp_path, run_from("here"), samples_with(ALIKE, seed=1, change=fail))
    found = rank(load(folder))
    assert ranks(found)["here", AWS] is None
    note = f"without a value, so in no place: {AWS} from here"
    assert note in found.document().notes


def mostly_beyond(sample: Sample) -> Sample:
    """Four of five visits to AWS time out."""
    slot = sample.slot
    if slot.target_id != AWS or not slot.round_index % 5 or sample.exchange:
        return sample
    return replace(sample, failure=FailureKind.CONNECT_TIMEOUT)


def test_a_median_that_timed_out_is_shown_as_longer_than_what_was_waited(
    tmp_path: Path,
) -> None:
    samples = samples_with(ALIKE, seed=1, change=mostly_beyond)
    document = rank(load(kept(tmp_path, run_from("here"), samples))).document()

    rows = json.loads(to_json(document))["tables"]["ranking"]
    (row,) = (row for row in rows if row["target"] == AWS)
    assert (row["rank"], row["timed_out"]) == ("3", 32)
    for end in ("p50", "p50_low", "p50_high"):
        assert (row[f"{end}_ms"], row[f"{end}_beyond_ms"]) == (None, 10_000.0)
    (line,) = (line for line in to_markdown(document).splitlines() if "aws/" in line)
    assert line.startswith(
        r"| here | 3 | c | aws/place-1 | \> 10 s | \> 10 s | \> 10 s |"
    )


def test_a_notebook_does_not_repeat_what_is_the_same_in_every_row(
    tmp_path: Path,
) -> None:
    found = rank(two_vantages(tmp_path))
    html = found._repr_html_()
    for gone in ("series", "group", "rank from", "rank to", "burst", "unsettled"):
        assert f">{gone}</th>" not in html
    assert "the same in every row: " in html
    assert ">region</th>" in html


def test_nothing_usable_is_not_ranked(tmp_path: Path) -> None:
    folder = kept(tmp_path, run_from("here"), [])
    with pytest.raises(NothingUsable, match="no visit has a connect value"):
        rank(load(folder))


@pytest.mark.parametrize(
    ("weights", "told"),
    [
        ("here=1", "--weights: none given for there; want one for each vantage"),
        ("here=1,there=1,x=1", '--weights: no vantage "x" here; want here, there'),
    ],
)
def test_weights_must_be_those_of_the_vantages(
    tmp_path: Path, weights: str, told: str
) -> None:
    with pytest.raises(ConfigError, match=told):
        rank(two_vantages(tmp_path), question=Question.of(weights=weights))


def test_a_vantage_without_weight_leaves_no_ranking_over_all_and_says_why(
    tmp_path: Path,
) -> None:
    question = Question.of(weights="here=1,there=0")
    found = rank(two_vantages(tmp_path), question=question)
    assert found.groups[0].together is None
    assert (
        "no ranking over all vantages: here alone has a weight above 0"
        in found.document().notes
    )
