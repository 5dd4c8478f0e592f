"""Rank regions at every vantage, and over all of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from cloudgauge.analysis.controls import controls_of
from cloudgauge.analysis.held_pairs import HeldPairs
from cloudgauge.analysis.ranking import (
    Ranking,
    common_lines,
    rank_rounds,
    rank_together,
)
from cloudgauge.analysis.rounds import Line, Rounds
from cloudgauge.analysis.sides import series_text
from cloudgauge.errors import StoreError
from cloudgauge.store.resultset import ResultSet
from cloudgauge.workflow.like_with_like import (
    Unlikeness,
    all_at_common_hours,
    likeness_text,
)
from cloudgauge.workflow.question import DEFAULT_QUESTION, Question
from cloudgauge.workflow.ranking_view import Group, Rankings
from cloudgauge.workflow.results import Results
from cloudgauge.workflow.set_view import provenance_of
from cloudgauge.workflow.standing_notes import (
    objectless_in,
    sets_doubts,
    without_object,
)
from cloudgauge.workflow.vantage_rounds import (
    VantageRounds,
    meant_targets,
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
    places = vantage_rounds(results.sets, question.metric, question.allowed)
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
    objectless = objectless_in(sets, question.metric)
    wanted = meant_targets(places, patterns, "--region", objectless)
    weights = question.weights_of([place.vantage for place in places])
    lines = [
        (place, line)
        for place in places
        for line in place.rounds.lines
        if line.target_id in wanted and not line.replica
    ]
    groups = _groups(lines, question)
    return Rankings(
        question=question,
        groups=tuple(
            _group(name, here, _Ranked(places, weights, question.allowed))
            for name, here in sorted(groups.items())
        ),
        controls=controls_of(
            (place.vantage, place.rounds) for place in places if place.is_paired
        ),
        weights=weights,
        doubts=sets_doubts(sets),
        left_out=without_object(objectless, patterns),
        provenance=tuple(provenance_of(result) for result in sets),
    )


def _groups(
    lines: Sequence[tuple[VantageRounds, Line]], question: Question
) -> dict[str, dict[str, list[Line]]]:
    """Lines by what they share with those they may be held against, and vantage."""
    likeness: dict[str, set[str]] = {}
    for place, line in lines:
        likeness.setdefault(_class_of(place, line, question), set()).update(
            _likeness_of(place, line, question)
        )
    groups: dict[str, dict[str, list[Line]]] = {}
    for place, line in lines:
        name = _class_of(place, line, question)
        known = sorted(likeness[name])
        if len(known) > 1:
            # Of what never answered nobody knows what it is like.
            (own,) = _likeness_of(place, line, question) or known[:1]
            name = f"{name}, {own}"
        groups.setdefault(name, {}).setdefault(place.vantage, []).append(line)
    return groups


def _class_of(place: VantageRounds, line: Line, question: Question) -> str:
    series = series_text(line)
    if not question.metric.is_of_service:
        return series
    return f"{series}, {place.targets[line.target_id].endpoint.service}"


def _likeness_of(place: VantageRounds, line: Line, question: Question) -> list[str]:
    """Clock and protocols in words, unless they may differ; none without a value."""
    attempts = place.rounds.attempts_of(line)
    if not attempts.answered:
        return []
    return [likeness_text(attempts, question.metric, question.allowed)]


@dataclass(frozen=True, slots=True)
class _Ranked:
    """What every group is ranked by."""

    places: Sequence[VantageRounds]
    weights: Mapping[str, float]
    allowed: frozenset[Unlikeness]


def _group(name: str, lines: Mapping[str, list[Line]], by: _Ranked) -> Group:
    here = [place for place in by.places if place.vantage in lines]
    rounds = [place.rounds.some(lines[place.vantage]) for place in here]
    held = HeldPairs(vantages=len(here))
    rankings = tuple(
        _ranking(place, one, by.allowed, held)
        for place, one in zip(here, rounds, strict=True)
    )
    counted = [
        (one, by.weights[place.vantage])
        for place, one in zip(here, rounds, strict=True)
        if by.weights[place.vantage] > 0
    ]
    why_not = _why_not(here, by, [one for one, _ in counted])
    if why_not or len(by.places) < 2:
        return Group(name=name, rankings=rankings, why_not=why_not)
    total = sum(weight for _, weight in counted)
    together = rank_together(
        [one for one, _ in counted], [weight / total for _, weight in counted], held
    )
    return Group(name=name, rankings=rankings, together=together)


def _why_not(
    here: Sequence[VantageRounds], by: _Ranked, counted: Sequence[Rounds]
) -> str:
    """Why there is no ranking over all vantages; "" if there is, or one vantage."""
    if len(by.places) < 2:
        return ""
    if len(here) < 2:
        return f"it was measured from {here[0].vantage} alone"
    if len(counted) < 2:
        names = [place.vantage for place in here if by.weights[place.vantage] > 0]
        if not names:
            return "none that measured it has a weight above 0"
        return f"{names[0]} alone has a weight above 0"
    if not all(place.is_paired for place in here):
        return _UNPAIRED
    return "" if len(common_lines(counted)) > 1 else _ONE_ALONE


def _ranking(
    place: VantageRounds,
    rounds: Rounds,
    allowed: frozenset[Unlikeness],
    held: HeldPairs,
) -> Ranking:
    vantage = place.vantage
    if place.is_paired or Unlikeness.HOURS in allowed:
        return rank_rounds(
            rounds, vantage=vantage, is_paired=place.is_paired, held=held
        )
    matched = all_at_common_hours(rounds)
    if isinstance(matched, str):
        where = f"vantage {vantage}"
        raise StoreError(where, matched)
    found = rank_rounds(matched.rounds, vantage=vantage, is_paired=False)
    return replace(found, caveats=(*matched.caveats, *found.caveats))
