"""Regions ranked, as a table: places they may hold and ties, never a list of points."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from cloudgauge.analysis.controls import Controls
from cloudgauge.analysis.flips import flips
from cloudgauge.analysis.metric import Metric
from cloudgauge.analysis.ranking import Place, Ranking
from cloudgauge.analysis.sides import endless, series_text
from cloudgauge.report.document import Cell, Column, Document, Scale, Table
from cloudgauge.report.figure import Figure
from cloudgauge.report.html import to_html
from cloudgauge.report.render import to_markdown
from cloudgauge.stats.caveat import Caveat
from cloudgauge.stats.summary import Estimate
from cloudgauge.workflow.question import Question
from cloudgauge.workflow.standing_notes import (
    beyond_column,
    burst_note,
    controls_note,
    open_end,
    short_names,
    unit_of,
)
from cloudgauge.workflow.told_once import Wording, told_once
from cloudgauge.workflow.wide_ties import wide_ties

_ALL = "all"
_NAMED = 5
_WORDING = Wording(
    answers=frozenset({"rank", "ties", "region"}),
    aside=frozenset({"rank_low", "rank_high"}),
)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Group:
    """What may be ranked together, at each vantage.

    Attributes:
        name: What its members have in common, such as ``ipv4``.
        rankings: One a vantage, in the order of their names.
        together: Over all vantages; None with one, or where they cannot be joined.
        why_not: Why there is no `together` though there are several; "" otherwise.
    """

    name: str
    rankings: tuple[Ranking, ...]
    together: Ranking | None = None
    why_not: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Rankings:
    """Everything that was ranked; in a notebook it shows itself as a table.

    Attributes:
        groups: At least one; regions of two groups are not held against one another.
        controls: How often A/A controls of the same sets differ.
        weights: Of the vantages, their sum 1.
        doubts: About the sets themselves.
        left_out: What was asked for and is in no row.
        provenance: Where the figures come from, one line a set.
    """

    question: Question
    groups: tuple[Group, ...]
    controls: Controls
    weights: dict[str, float] = field(default_factory=dict)
    doubts: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    provenance: tuple[str, ...] = ()

    def document(self) -> Document:
        """As a table, caveats first, A/A controls at the foot."""
        return Document(
            kind="rank",
            title=_title(self),
            tables=(_table(self),),
            notes=tuple(_notes(self)),
            provenance=self.provenance,
        )

    def plot(self, kind: str = "ranks", *, vantage: str | None = None) -> Figure:
        """Draw the places that regions may hold, or all pairs of them.

        Args:
            kind: ``ranks`` or ``pairs``.
            vantage: Its name; None for all together, or the first where they cannot
                be joined.

        Raises:
            ConfigError: No such kind or vantage.
            MachineError: The extra ``report`` is not installed.
        """
        # It draws what this module holds, so it stands above it.
        from cloudgauge.workflow.plotting import plot_rankings  # noqa: PLC0415  see above

        return plot_rankings(self, kind, vantage=vantage)

    def __str__(self) -> str:
        return to_markdown(self.document())

    def __repr__(self) -> str:
        return f"<Rankings: {self.document().title}>"

    def _repr_html_(self) -> str:
        return to_html(told_once(self.document(), _WORDING))


def _all_of(group: Group) -> tuple[Ranking, ...]:
    return (*((group.together,) if group.together else ()), *group.rankings)


def _every(found: Rankings) -> tuple[Ranking, ...]:
    return tuple(one for group in found.groups for one in _all_of(group))


def _title(found: Rankings) -> str:
    vantages = {one.vantage for group in found.groups for one in group.rankings}
    targets = {place.line.target_id for one in _every(found) for place in one.places}
    places = "1 vantage" if len(vantages) == 1 else f"{len(vantages)} vantages"
    burst = ", a burst" if any(one.is_burst for one in _every(found)) else ""
    metric = found.question.metric.value
    count = "1 target" if len(targets) == 1 else f"{len(targets)} targets"
    return f"{count} ranked by {metric} from {places}{burst}"


def _table(found: Rankings) -> Table:
    unit, scale = unit_of(found.question.metric)
    names = short_names(
        place.line.target_id for one in _every(found) for place in one.places
    )
    return Table(
        name="ranking",
        title="",
        columns=(
            Column(name="vantage", label="vantage"),
            Column(name="rank", label="rank"),
            Column(name="ties", label="ties"),
            Column(name="region", label="region"),
            *_p50_columns(found.question.metric),
            Column(name=f"behind_{unit}", label="behind", scale=scale),
            Column(name=f"behind_low_{unit}", label="behind low", scale=scale),
            Column(name=f"behind_high_{unit}", label="behind high", scale=scale),
            Column(name="rounds", label="rounds", scale=Scale.COUNT),
            Column(name="failed", label="failed", scale=Scale.COUNT),
            Column(name="timed_out", label="timed out", scale=Scale.COUNT),
            Column(name="unsettled", label="unsettled", scale=Scale.COUNT),
            Column(name="series", label="series"),
            Column(name="group", label="group"),
            Column(name="rank_low", label="rank from", scale=Scale.COUNT),
            Column(name="rank_high", label="rank to", scale=Scale.COUNT),
            Column(name="burst", label="burst"),
            Column(name="target", label="target"),
        ),
        rows=tuple(
            _row(group, ranking, place, names)
            for group in found.groups
            for ranking in _all_of(group)
            for place in ranking.places
        ),
    )


def _p50_columns(metric: Metric) -> Iterator[Column]:
    """The median and its ends, and what each is beyond where timeouts reach it."""
    unit, scale = unit_of(metric)
    for name, label in (
        ("p50", "rate" if metric.is_rate else "p50"),
        ("p50_low", "low"),
        ("p50_high", "high"),
    ):
        yield Column(name=f"{name}_{unit}", label=label, scale=scale)
        if not metric.is_rate:
            yield beyond_column(name, label)


def _p50_cells(place: Place, metric: Metric) -> Iterator[Cell]:
    for end, is_endless in zip(_ends(place.p50), endless(place.p50), strict=True):
        yield end
        if not metric.is_rate:
            yield place.limit if is_endless else None


def _row(
    group: Group, ranking: Ranking, place: Place, names: Mapping[str, str]
) -> tuple[Cell, ...]:
    return (
        ranking.vantage or _ALL,
        _rank_text(place),
        place.letters or None,
        names[place.line.target_id],
        *_p50_cells(place, ranking.metric),
        *_ends(place.behind),
        place.rounds,
        place.attempts.failed,
        place.attempts.timed_out,
        place.attempts.unsettled,
        series_text(place.line),
        group.name,
        place.low_rank,
        place.high_rank,
        ranking.is_burst,
        place.line.target_id,
    )


def _rank_text(place: Place) -> str | None:
    if place.low_rank is None or place.high_rank is None:
        return None
    if place.low_rank == place.high_rank:
        return str(place.low_rank)
    return f"{place.low_rank} to {place.high_rank}"


def _ends(estimate: Estimate | None) -> tuple[float | None, ...]:
    if estimate is None:
        return (None, None, None)
    ends = (estimate.point, estimate.low, estimate.high)
    return tuple(open_end(end) for end in ends)


def _notes(found: Rankings) -> Iterator[str]:
    yield from found.doubts
    yield from burst_note(one.is_burst for one in _every(found))
    yield from _caveats(_every(found))
    yield from wide_ties(_every(found), found.question.metric)
    if len(found.groups) > 1:
        names = "; ".join(group.name for group in found.groups)
        yield f"ranked each within its own group, never across: {names}"
    for group in found.groups:
        if len(group.rankings) > 1:
            yield from _across(found, group)
    unseen = sorted(
        {
            f"{place.line.target_id} from {one.vantage}"
            for group in found.groups
            for one in group.rankings
            for place in one.places
            if place.low_rank is None
        }
    )
    if unseen:
        yield f"without a value, so in no place: {_listed(unseen)}"
    yield from found.left_out
    yield (
        "rank: the places that a target may hold, all at once with 95 %; two that "
        "share a letter are not shown to differ, which is not shown to be the same; "
        "behind: by how much it is worse than the first, intervals all at once"
    )
    yield controls_note(found.controls)


def _caveats(rankings: Sequence[Ranking]) -> Iterator[str]:
    seen: dict[Caveat, list[str]] = {}
    for one in rankings:
        for caveat in one.caveats:
            seen.setdefault(caveat, []).append(one.vantage or _ALL)
    for caveat, vantages in sorted(seen.items(), key=lambda item: -item[0].weight):
        everywhere = len(vantages) == len(rankings)
        where = "" if everywhere else f" ({', '.join(dict.fromkeys(vantages))})"
        yield f"{caveat.text}{where}"


def _across(found: Rankings, group: Group) -> Iterator[str]:
    """What holds at every vantage of a group, and what flips."""
    which = f" ({group.name})" if len(found.groups) > 1 else ""
    best = [set(one.best) for one in group.rankings]
    common = sorted(set.intersection(*best))
    if common:
        yield f"may be best at every vantage{which}: {_listed(common)}"
    else:
        yield f"no target may be best at every vantage{which}"
    changed = flips(group.rankings)
    if changed:
        first = changed[0]
        flipped = "1 pair flips" if len(changed) == 1 else f"{len(changed)} pairs flip"
        yield (
            f"{flipped}{which}: such as {first.one}, better than "
            f"{first.other} from {first.one_better_at} and worse from "
            f"{first.other_better_at}"
        )
    if group.together is not None:
        shares = ", ".join(f"{name} {w:.3g}" for name, w in found.weights.items())
        yield (
            f'vantage "{_ALL}"{which}: the mean over these vantages and no others, '
            f"weighed {shares}"
        )
    elif group.why_not:
        yield f"no ranking over all vantages{which}: {group.why_not}"


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{', '.join(names[:_NAMED])}{more}"
