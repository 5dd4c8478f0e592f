"""Rank regions at every vantage, and over all of them."""

from collections.abc import Sequence

from cloudgauge.analysis.controls import controls_of
from cloudgauge.analysis.ranking import common_lines, rank_rounds, rank_together
from cloudgauge.analysis.rounds import Line
from cloudgauge.analysis.sides import series_text
from cloudgauge.store.resultset import ResultSet
from cloudgauge.workflow.question import DEFAULT_QUESTION, Question
from cloudgauge.workflow.ranking_view import Group, Rankings
from cloudgauge.workflow.results import Results
from cloudgauge.workflow.set_view import provenance_of
from cloudgauge.workflow.standing_notes import sets_doubts
from cloudgauge.workflow.vantage_rounds import (
    VantageRounds,
    measured_targets,
    vantage_rounds,
)

_ONE_ALONE = "fewer than two targets have a value at every vantage"
_UNPAIRED = "what was imported without rounds cannot be held against a round"


def rank(
    results: Results,
    *,
    regions: str | Sequence[str] = "*",
    question: Question = DEFAULT_QUESTION,
) -> Rankings:
    """Rank regions: the places that each may hold, and ties.

    Args:
        results: Of any number of vantages.
        regions: Ids of regions or targets; ``*`` and ``?`` match as in file names.
        question: By what; its margin has no bearing.

    Raises:
        ConfigError: No such region was measured, or the weights do not fit.
        StoreError: A set cannot be read, or they do not fit together.
        NothingUsable: There is no value of the metric.
    """
    places = vantage_rounds(results.sets, question.metric)
    return rank_places(results.sets, places, regions=regions, question=question)


def rank_places(
    sets: Sequence[ResultSet],
    places: Sequence[VantageRounds],
    *,
    regions: str | Sequence[str] = "*",
    question: Question = DEFAULT_QUESTION,
) -> Rankings:
    """Rank regions of sets whose rounds were read already.

    Args:
        sets: All that the rounds are of.
        places: Their rounds of the question's metric.
        regions: As for `rank`.
        question: As for `rank`.

    Raises:
        ConfigError: No such region was measured, or the weights do not fit.
    """
    patterns = [regions] if isinstance(regions, str) else list(regions)
    wanted = {
        target_id
        for pattern in patterns
        for target_id in measured_targets(places, pattern, "--region")
    }
    weights = question.weights_of([place.vantage for place in places])
    groups: dict[str, dict[str, list[Line]]] = {}
    for place in places:
        for line in place.rounds.lines:
            if line.target_id in wanted and not line.replica:
                name = _group_of(place, line, question)
                groups.setdefault(name, {}).setdefault(place.vantage, []).append(line)
    return Rankings(
        question=question,
        groups=tuple(
            _group(name, lines, places, weights)
            for name, lines in sorted(groups.items())
        ),
        controls=controls_of(
            (place.vantage, place.rounds) for place in places if place.is_paired
        ),
        weights=weights,
        doubts=sets_doubts(sets),
        provenance=tuple(provenance_of(result) for result in sets),
    )


def _group_of(place: VantageRounds, line: Line, question: Question) -> str:
    """What a line shares with those it may be held against."""
    series = series_text(line)
    if not question.metric.is_of_service:
        return series
    return f"{series}, {place.targets[line.target_id].endpoint.service}"


def _group(
    name: str,
    lines: dict[str, list[Line]],
    places: Sequence[VantageRounds],
    weights: dict[str, float],
) -> Group:
    here = [place for place in places if place.vantage in lines]
    rounds = [place.rounds.some(lines[place.vantage]) for place in here]
    rankings = tuple(
        rank_rounds(one, vantage=place.vantage, is_paired=place.is_paired)
        for place, one in zip(here, rounds, strict=True)
    )
    counted = [
        (one, weights[place.vantage])
        for place, one in zip(here, rounds, strict=True)
        if weights[place.vantage] > 0
    ]
    if len(counted) < 2:
        return Group(name=name, rankings=rankings)
    if not all(place.is_paired for place in here):
        return Group(name=name, rankings=rankings, why_not=_UNPAIRED)
    if len(common_lines([one for one, _ in counted])) < 2:
        return Group(name=name, rankings=rankings, why_not=_ONE_ALONE)
    total = sum(weight for _, weight in counted)
    together = rank_together(
        [one for one, _ in counted], [weight / total for _, weight in counted]
    )
    return Group(name=name, rankings=rankings, together=together)
