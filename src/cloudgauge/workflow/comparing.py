"""Compare regions, or sets before and after: what a user decides by."""

from collections.abc import Sequence
from dataclasses import replace

from cloudgauge.analysis.comparison import Comparison, compare_sides
from cloudgauge.analysis.metric import Metric
from cloudgauge.analysis.rounds import Line
from cloudgauge.analysis.sides import Side
from cloudgauge.errors import ConfigError, StoreError
from cloudgauge.workflow.compared import answer, on_one_side
from cloudgauge.workflow.comparison_view import Comparisons
from cloudgauge.workflow.like_with_like import at_common_hours, unlike_sides
from cloudgauge.workflow.question import DEFAULT_QUESTION, Question
from cloudgauge.workflow.results import Results
from cloudgauge.workflow.standing_notes import left_out, objectless_in, without_object
from cloudgauge.workflow.vantage_rounds import (
    VantageRounds,
    meant_targets,
    measured_targets,
    refuse_mixed_networks,
    vantage_rounds,
)

_OF, _WITH = "--of", "--with"


def compare(
    results: Results,
    new: Results | None = None,
    *,
    of: str | None = None,
    against: str | Sequence[str] = (),
    question: Question = DEFAULT_QUESTION,
) -> Comparisons:
    """Compare regions of the same sets, or sets before and after.

    Args:
        results: Where both regions are, or the sets before.
        new: The sets after; None to compare regions.
        of: The baseline region or target; of sets before and after, those that are
            meant, all of them if None.
        against: What is held against it: regions or targets; ``*`` and ``?`` match as
            in file names. Not for sets before and after.
        question: By what, and within which margin.

    Raises:
        ConfigError: What is to be compared is not said, or not there.
        StoreError: A set cannot be read, or they do not fit together.
        NothingUsable: There is no value of the metric.
    """
    if new is not None:
        if against:
            problem = "is of regions of the same sets, not of sets before and after"
            raise ConfigError(_WITH, problem)
        return compare_sets(results, new, of=of or "*", question=question)
    if of is None or not against:
        problem = "say which region, and with --with which others are held against it"
        raise ConfigError(_OF, problem)
    return compare_regions(results, of=of, against=against, question=question)


def compare_regions(
    results: Results,
    *,
    of: str,
    against: str | Sequence[str],
    question: Question = DEFAULT_QUESTION,
) -> Comparisons:
    """Compare regions of the same sets, round by round, at every vantage.

    Args:
        results: Of any number of vantages.
        of: The baseline: a region's id, or a target's.
        against: What is held against it; ``*`` and ``?`` match as in file names.
        question: By what, and within which margin.

    Raises:
        ConfigError: A region is not in the sets, is both sides, or cannot be held
            against the other by that metric.
        StoreError: A set cannot be read, or they do not fit together.
        NothingUsable: There is no value of the metric.
    """
    places = vantage_rounds(results.sets, question.metric, question.allowed)
    patterns = [against] if isinstance(against, str) else list(against)
    baseline = _one_target(places, of)
    objectless = objectless_in(results.sets, question.metric)
    named = meant_targets(places, patterns, _WITH, objectless)
    others = [one for one in named if one != baseline]
    if not others:
        raise ConfigError(_WITH, f"want another region than {baseline}")
    for other in others:
        _check_class(places, (baseline, other), question.metric)
    rows = [
        row
        for other in others
        for place in places
        for row in _within(place, (baseline, other), question)
    ]
    if not rows:
        pair = f"{baseline} and {', '.join(others)}"
        problem = f"{pair} were never measured from one vantage in the same way"
        raise ConfigError(_WITH, problem)
    found = answer(results.sets, (places,), rows, question, is_before_after=False)
    there = {(row.candidate, row.vantage) for row in rows}
    missing = [
        f"{other} from {place.vantage}"
        for other in others
        for place in places
        if (other, place.vantage) not in there
    ]
    text = f"not measured beside {baseline}, so in no row"
    without = without_object(objectless, patterns)
    return replace(found, left_out=(*left_out(text, missing), *without))


def compare_sets(
    base: Results, new: Results, *, of: str = "*", question: Question = DEFAULT_QUESTION
) -> Comparisons:
    """Compare sets before and after: every region of both, vantage by vantage.

    Args:
        base: The baseline.
        new: What is held against it.
        of: The regions that are meant; ``*`` and ``?`` match as in file names.
        question: By what, and within which margin.

    Raises:
        ConfigError: No such region was measured.
        StoreError: A set cannot be read, or they have nothing in common.
        NothingUsable: There is no value of the metric in one of them.
    """
    refuse_mixed_networks([*base.sets, *new.sets])
    _refuse_same(base, new)
    before, after = (
        vantage_rounds(one.sets, question.metric, question.allowed)
        for one in (base, new)
    )
    wanted = measured_targets((*before, *after), of, _OF)
    later = {place.vantage: place for place in after}
    both = [(one, later[one.vantage]) for one in before if one.vantage in later]
    if not both:
        here, there = (
            ", ".join(place.vantage for place in places) for places in (before, after)
        )
        problem = (
            f"was measured from {there}, the baseline from {here}: no vantage in "
            "common; to compare two regions say --of and --with"
        )
        raise StoreError(_folders(new), problem)
    folders = _folders(new)
    rows = [
        _heaps((_side(one, line), _side(other, line)), one.vantage, question, folders)
        for one, other in both
        for line in one.rounds.lines
        if line in other.rounds.lines and not line.replica and line.target_id in wanted
    ]
    if not rows:
        raise StoreError(_folders(new), "has no target in common with the baseline")
    rows.sort(key=lambda row: (row.candidate, row.vantage))
    sets = (*base.sets, *new.sets)
    found = answer(sets, (before, after), rows, question, is_before_after=True)
    return replace(found, left_out=on_one_side(before, after, wanted))


def _within(
    place: VantageRounds, pair: tuple[str, str], question: Question
) -> list[Comparison]:
    """The comparisons of two targets at one vantage, a family and streams each."""
    lines = [line for line in place.rounds.lines if not line.replica]
    rows = []
    for line in lines:
        other = replace(line, target_id=pair[1])
        if line.target_id != pair[0] or other not in lines:
            continue
        sides = _side(place, line), _side(place, other)
        if place.is_paired:
            rows.append(_pair(sides, place.vantage, question))
        else:
            rows.append(_heaps(sides, place.vantage, question, _WITH))
    return rows


def _side(place: VantageRounds, line: Line) -> Side:
    return Side(rounds=place.rounds, line=line, settings=place.settings_of(line))


def _pair(sides: tuple[Side, Side], vantage: str, question: Question) -> Comparison:
    """Lines of the same rounds."""
    problem = unlike_sides(*sides, question.allowed)
    if problem:
        raise ConfigError(_WITH, problem)
    margin = question.margin_used
    return compare_sides(*sides, margin=margin, vantage=vantage, is_paired=True)


def _heaps(
    sides: tuple[Side, Side], vantage: str, question: Question, where: str
) -> Comparison:
    """Lines of no common rounds, at the hours of the day that they share."""
    problem = unlike_sides(*sides, question.allowed)
    if problem:
        raise StoreError(where, problem)
    matched = at_common_hours(*sides, question.allowed)
    if isinstance(matched, str):
        raise StoreError(where, matched)
    margin = question.margin_used
    found = compare_sides(
        *matched.sides, margin=margin, vantage=vantage, is_paired=False
    )
    return replace(found, caveats=(*matched.caveats, *found.caveats))


def _check_class(
    places: Sequence[VantageRounds], pair: tuple[str, str], metric: Metric
) -> None:
    """Refuse to hold one service's time against another's."""
    known = {id_: target for place in places for id_, target in place.targets.items()}
    one, other = (known[target_id].endpoint.service for target_id in pair)
    if metric.is_of_service and one != other:
        problem = (
            f"{metric.value} is compared within one class of service: {pair[0]} is "
            f"{one}, {pair[1]} is {other}; connect is comparable whatever answers"
        )
        raise ConfigError(_WITH, problem)


def _one_target(places: Sequence[VantageRounds], pattern: str) -> str:
    found = measured_targets(places, pattern, _OF)
    if len(found) > 1:
        raise ConfigError(_OF, f"want one target, {pattern} is {', '.join(found)}")
    return found[0]


def _refuse_same(base: Results, new: Results) -> None:
    runs = {one.manifest.run.run_id for one in base.sets}
    for result in new.sets:
        if result.manifest.run.run_id in runs:
            problem = "is on both sides: a run cannot be compared with itself"
            raise StoreError(str(result.folder), problem)


def _folders(results: Results) -> str:
    return ", ".join(str(one.folder) for one in results.sets)
