"""The short answer of a report in words: what may be best, and how sure that is."""

import math
from collections.abc import Iterator

from cloudgauge.analysis.ranking import Place, Ranking
from cloudgauge.model.quantity import format_duration
from cloudgauge.report.figures.extent import estimate_text
from cloudgauge.report.page import Part, Points, Words
from cloudgauge.workflow.ranking_view import Group, Rankings
from cloudgauge.workflow.reporting_sources import Sources, counted, some
from cloudgauge.workflow.standing_notes import short_names


def answer_parts(sources: Sources) -> Iterator[Part]:
    """Sentences for who reads no further, those of each vantage with it."""
    found = sources.rankings
    if found is None:
        yield Words(lines=(f"There is no answer: {sources.why_not}.",))
        yield from _rates(sources)
        return
    names = short_names(sources.targets)
    for group in found.groups:
        whose = f" ({group.name})" if len(found.groups) > 1 else ""
        for ranking in _all_of(group):
            yield Words(
                lines=tuple(_sentences(ranking, names, whose)),
                vantage=sources.choice_of(ranking.vantage),
            )
    yield Points(lines=tuple(_standing(sources, found)))
    yield from _rates(sources)


def lead_of(sources: Sources) -> str:
    """One sentence that names how much stands behind the report."""
    samples = sum(one.result.manifest.counts.samples for one in sources.sets)
    failed = sum(
        failure.count
        for one in sources.sets
        for failure in one.result.manifest.counts.failures
    )
    vantages = sources.vantages
    return (
        f"{counted(len(sources.targets), 'target')} from "
        f"{counted(len(vantages), 'vantage')} ({some(vantages)}): "
        f"{counted(samples, 'sample')}, {failed:,} of them failed, in "
        f"{counted(len(sources.sets), 'result set')}"
    )


def _all_of(group: Group) -> Iterator[Ranking]:
    if group.together is not None:
        yield group.together
    yield from group.rankings


def _sentences(ranking: Ranking, names: dict[str, str], whose: str) -> Iterator[str]:
    place = f"From {ranking.vantage}" if ranking.vantage else "Over all vantages"
    seen = [one for one in ranking.places if one.low_rank is not None]
    if not seen:
        yield f"{place}{whose} no region answered."
        return
    best = sorted(
        (one for one in seen if one.may_be_best),
        key=lambda one: one.p50.point if one.p50 else math.inf,
    )
    of = counted(len(seen), "region")
    first = _named(best[0], names)
    if len(best) == 1:
        yield (
            f"{place}{whose}, {first} is best of {of}: surely so, with 95 % for all "
            "places at once."
        )
    else:
        others = some([_named(one, names) for one in best[1:]])
        yield (
            f"{place}{whose}, {len(best)} of {of} may be best and are not shown to "
            f"differ enough to say which: {first}, then by point {others}."
        )
    sure = sum(one.low_rank == one.high_rank for one in seen)
    yield (
        f"{ranking.rounds:,} rounds tell {sure} of {len(seen)} places apart from all "
        "others; the rest share theirs."
    )
    silent = [names[one.line.target_id] for one in ranking.places if one not in seen]
    if silent:
        yield f"{counted(len(silent), 'region')} never answered: {some(silent)}."


def _named(place: Place, names: dict[str, str]) -> str:
    """Such as ``aws/eu-west-1 at 12.3 ms (11.9 to 12.8)``."""
    return f"{names[place.line.target_id]} at {estimate_text(place.p50, 'ms')}"


def _standing(sources: Sources, found: Rankings) -> Iterator[str]:
    """What holds whatever the vantage: bursts, what was not real, flips."""
    rankings = [one for group in found.groups for one in _all_of(group)]
    if any(one.is_burst for one in rankings):
        spans = [
            place.rounds.coverage().end_ns - place.rounds.coverage().begin_ns
            for place in sources.places
        ]
        span = format_duration(max(spans) // 10**9 * 10**9) if max(spans) else "0s"
        yield (
            f"Burst: the rounds cover {span}, less than three quarters of a day; this "
            "says how it was then, and nothing of other hours or days."
        )
    for note in sources.ranked.notes if sources.ranked else ():
        if note.startswith(("may be best at every", "no target may be best", "A/A")):
            yield f"{note[0].upper()}{note[1:]}."
        elif "flip" in note.partition(":")[0]:
            yield f"{note}."


def _rates(sources: Sources) -> Iterator[Part]:
    """The fastest downloads of each vantage."""
    for one in sources.sets:
        known = [t for t in one.transfers if t.rate.point is not None]
        if known:
            best = max(known, key=lambda t: t.rate.point or 0.0)
            rate = (best.rate.point or 0.0) * 8 / 1e6
            yield Words(
                lines=(
                    f"Of {counted(len(known), 'settled rate')} from "
                    f"{one.run.vantage.name} the highest is {rate:,.3g} Mbit/s from "
                    f"{best.target_id} over {counted(best.streams, 'stream')}.",
                )
            )
