"""Everything that was compared at once: corrected together, and over all vantages."""

from collections.abc import Mapping, Sequence

from cloudgauge.analysis.across import across_vantages, pooled
from cloudgauge.analysis.comparison import Comparison, adjusted
from cloudgauge.analysis.controls import controls_of
from cloudgauge.analysis.sides import series_text
from cloudgauge.store.resultset import ResultSet
from cloudgauge.workflow.comparison_view import Comparisons
from cloudgauge.workflow.question import Question
from cloudgauge.workflow.set_view import provenance_of
from cloudgauge.workflow.standing_notes import left_out, sets_doubts
from cloudgauge.workflow.vantage_rounds import VantageRounds


def answer(
    sets: Sequence[ResultSet],
    sides: Sequence[tuple[VantageRounds, ...]],
    rows: Sequence[Comparison],
    question: Question,
    *,
    is_before_after: bool,
) -> Comparisons:
    """Correct comparisons together, and join those of several vantages.

    Args:
        sets: All that the comparisons are of.
        sides: The rounds of the sets, or of those before and of those after.
        rows: At least one.
        question: What was asked.
        is_before_after: The sides are two.
    """
    groups: dict[tuple[str, str, str], list[Comparison]] = {}
    for row in rows:
        groups.setdefault((row.baseline, row.candidate, row.series), []).append(row)
    many = [group for group in groups.values() if len(group) > 1]
    places = [place for one in sides for place in one]
    weights = question.weights_of(sorted({place.vantage for place in places}))
    over_all, without = _over_all(many, weights)
    corrected = adjusted((*rows, *over_all))
    alone, together = corrected[: len(rows)], corrected[len(rows) :]
    by_pair: dict[tuple[str, str, str], list[Comparison]] = {}
    for row in alone:
        by_pair.setdefault((row.baseline, row.candidate, row.series), []).append(row)
    return Comparisons(
        question=question,
        rows=alone,
        together=together,
        across=tuple(across_vantages(g) for g in by_pair.values() if len(g) > 1),
        controls=controls_of(
            (place.vantage, place.rounds) for place in places if place.is_paired
        ),
        is_before_after=is_before_after,
        weights=weights,
        without_all=tuple(without),
        doubts=sets_doubts(sets),
        provenance=tuple(provenance_of(result) for result in sets),
    )


def _over_all(
    many: Sequence[Sequence[Comparison]], weights: Mapping[str, float]
) -> tuple[list[Comparison], list[str]]:
    """Those over all vantages, and why others have none."""
    found, without = [], []
    for group in many:
        counted = [one for one in group if weights[one.vantage] > 0]
        joined = pooled(group, weights) if len(counted) > 1 else None
        if joined is None:
            without.append(_without_all(group[0], counted))
        else:
            found.append(joined)
    return found, without


def _without_all(first: Comparison, counted: Sequence[Comparison]) -> str:
    """Why there is no row over all vantages of two sides."""
    if not counted:
        why = "none that measured it has a weight above 0"
    elif len(counted) < 2:
        why = f"{counted[0].vantage} alone has a weight above 0"
    else:
        unknown = [one.vantage for one in counted if not one.is_known]
        why = f"from {', '.join(unknown)} the shift is not known"
    return f"no row over all vantages of {first.candidate} ({first.series}): {why}"


def on_one_side(
    before: Sequence[VantageRounds],
    after: Sequence[VantageRounds],
    wanted: Sequence[str],
) -> tuple[str, ...]:
    """What has no row since it was measured before alone, or after alone."""
    seen = [
        {
            f"{line.target_id} ({series_text(line)}) from {place.vantage}"
            for place in side
            for line in place.rounds.lines
            if line.target_id in wanted
        }
        for side in (before, after)
    ]
    return (
        *left_out("measured before alone, so in no row", seen[0] - seen[1]),
        *left_out("measured after alone, so in no row", seen[1] - seen[0]),
    )
