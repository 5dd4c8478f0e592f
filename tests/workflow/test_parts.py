from pathlib import Path

import numpy as np
import pytest

from cloudgauge.analysis.metric import Metric
from cloudgauge.analysis.rounds import Rounds, run_numbers
from cloudgauge.model.run import Part
from cloudgauge.report.render import to_json, to_markdown
from cloudgauge.store.resultset import ResultSet
from cloudgauge.workflow.keeping import show_sets, verify_sets
from cloudgauge.workflow.merging import MergeRequest, merge_sets
from cloudgauge.workflow.ranking import rank
from cloudgauge.workflow.repeating import repeat_of
from cloudgauge.workflow.results import load
from cloudgauge.workflow.vantage_rounds import VantageRounds, vantage_rounds
from tests.store.synthetic import make_plan
from tests.workflow.parted import CAMPAIGN, Piece, in_parts, whole

PLAN = make_plan(targets=3, rounds=40, warm_requests=1)
ALIBABA, AWS, AZURE = (target.target_id for target in PLAN.targets)
MEANS_MS = {ALIBABA: 50.0, AWS: 50.3, AZURE: 52.0}
PER_ROUND = PLAN.slots_per_round
TWO = (Piece(first_round=0, rounds=25), Piece(first_round=25, rounds=15))


def rounds_at(paths: list[Path]) -> VantageRounds:
    opened = [ResultSet.open(path) for path in paths]
    (place,) = vantage_rounds(opened, Metric.CONNECT)
    return place


def same_values(one: Rounds, other: Rounds) -> bool:
    return np.array_equal(one.values, other.values, equal_nan=True)


def test_parts_are_ranked_as_the_same_samples_in_one_set(tmp_path: Path) -> None:
    one = [whole(tmp_path, PLAN, MEANS_MS)]
    # In any order: they are put into theirs.
    several = in_parts(tmp_path, PLAN, MEANS_MS, TWO)[::-1]

    first, second = (rank(load(paths)).document() for paths in (one, several))

    assert first.tables == second.tables
    assert to_markdown(first).split("\n\n")[0] == to_markdown(second).split("\n\n")[0]


def test_parts_that_follow_one_another_are_the_rounds_of_one_run(
    tmp_path: Path,
) -> None:
    one = rounds_at([whole(tmp_path, PLAN, MEANS_MS)]).rounds
    several = rounds_at(in_parts(tmp_path, PLAN, MEANS_MS, TWO)).rounds

    assert same_values(one, several)
    assert one.lines == several.lines
    assert one.attempts == several.attempts
    assert one.wall_ns.tolist() == several.wall_ns.tolist()
    assert set(several.runs.tolist()) == {0}


def test_the_halves_of_a_round_that_a_kill_split_are_no_pair(tmp_path: Path) -> None:
    # Killed after the second slot of round 24; what it lost is made an hour later.
    lost = frozenset(range(24 * PER_ROUND + 2, 25 * PER_ROUND))
    hour_ns = 3_600 * 10**9
    rest = Piece(first_round=24, rounds=1, is_rest=True, late_ns=hour_ns)
    paths = in_parts(tmp_path, PLAN, MEANS_MS, (*TWO, rest), lost)

    place = rounds_at(paths)

    whole_set = rounds_at([whole(tmp_path, PLAN, MEANS_MS)])
    values, complete = place.rounds.values, whole_set.rounds.values
    assert len(values) == 41
    early, late = values[24], values[40]
    assert np.isnan(early).sum() + np.isnan(late).sum() == values.shape[1]
    assert not (~np.isnan(early) & ~np.isnan(late)).any()
    put_together = np.where(np.isnan(early), late, early)
    assert put_together.tolist() == complete[24].tolist()
    assert place.rounds.wall_ns[40] - place.rounds.wall_ns[24] > hour_ns
    assert place.rounds.runs.tolist() == [0] * 40 + [1]
    others = [at for at in range(41) if at not in {24, 40}]
    kept = [at for at in range(40) if at != 24]
    assert np.array_equal(values[others], complete[kept])


def part(first_round: int, rounds: int, **words: object) -> Part:
    return Part(
        campaign=str(words.get("campaign", CAMPAIGN)),
        number=0,
        first_round=first_round,
        rounds=rounds,
        slots=1,
        is_rest=bool(words.get("is_rest")),
    )


@pytest.mark.parametrize(
    ("parts", "numbers"),
    [
        ([None, None], [0, 1]),
        ([part(0, 4), part(4, 4), part(8, 1)], [0, 0, 0]),
        ([part(0, 4), part(5, 4)], [0, 1]),
        ([part(0, 4), part(4, 4, campaign="f" * 32)], [0, 1]),
        ([part(0, 4), part(4, 4, is_rest=True)], [0, 1]),
        ([part(0, 4, is_rest=True), part(4, 4)], [0, 1]),
        ([part(0, 4), None, part(4, 4)], [0, 1, 2]),
        ([None, part(0, 4), part(4, 4)], [0, 1, 1]),
    ],
)
def test_a_run_goes_on_in_a_part_that_follows_on_time(
    parts: list[Part | None], numbers: list[int]
) -> None:
    assert run_numbers(parts) == numbers


def test_a_part_is_shown_with_its_own_rounds_and_visits(tmp_path: Path) -> None:
    lost = frozenset({24 * PER_ROUND, 24 * PER_ROUND + 1})
    rest = Piece(first_round=24, rounds=1, is_rest=True, late_ns=10**12)
    paths = in_parts(tmp_path, PLAN, MEANS_MS, (*TWO, rest), lost)

    document = show_sets(paths)

    (runs,) = [table for table in document.tables if table.name == "runs"]
    names = [column.name for column in runs.columns]
    shown = {
        tuple(row[names.index(name)] for name in ("rounds", "visits", "planned_visits"))
        for row in runs.rows
    }
    per_round = PER_ROUND
    assert shown == {
        (25, 25 * per_round - 2, 25 * per_round - 2),
        (15, 15 * per_round, 15 * per_round),
        (1, 2, 2),
    }
    notes = [note.split(": ", 1)[1] for note in document.notes if "campaign" in note]
    assert notes == [
        "part 1 of campaign 01234567: rounds 1 to 25",
        "part 2 of campaign 01234567: rounds 26 to 40",
        "part 3 of campaign 01234567: what earlier parts lack of round 25",
    ]
    assert not any("have no sample" in note for note in document.notes)
    assert any("show --by vantage,target takes" in note for note in document.notes)
    alone = show_sets(paths[:1])
    assert not any("show --by" in note for note in alone.notes)
    assert to_json(verify_sets(paths))


def test_parts_are_merged_without_a_doubt_about_their_times(tmp_path: Path) -> None:
    paths = in_parts(tmp_path, PLAN, MEANS_MS, TWO)
    request = MergeRequest(
        paths=tuple(paths), into=tmp_path / "merged", now_ns=2 * 10**18
    )

    document = merge_sets(request)

    (table,) = document.tables
    names = [column.name for column in table.columns]
    assert [row[names.index("rounds")] for row in table.rows] == [25, 15]
    assert not any("at the same time" in note for note in document.notes)
    merged = rounds_at(list((tmp_path / "merged" / "members").iterdir()))
    assert same_values(merged.rounds, rounds_at(paths).rounds)


def test_what_is_repeated_of_a_part_is_its_plan(tmp_path: Path) -> None:
    first, _ = in_parts(tmp_path, PLAN, MEANS_MS, TWO)

    repeat = repeat_of(first)

    assert repeat.plan == PLAN
    assert repeat.part is not None
    assert (repeat.part.first_round, repeat.part.rounds) == (0, 25)
    one = whole(tmp_path, PLAN, MEANS_MS)
    assert repeat_of(one).part is None
