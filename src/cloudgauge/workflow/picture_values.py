"""What was read and ranked as the plain values that pictures are drawn from."""

import math
from collections.abc import Iterator, Mapping, Sequence

from cloudgauge.analysis.metric import Metric
from cloudgauge.analysis.ranking import Ranking
from cloudgauge.analysis.rounds import Line, Rounds
from cloudgauge.analysis.sides import CONFIDENCE, median_of
from cloudgauge.analysis.throughput import TransferSummary
from cloudgauge.model.run import Vantage
from cloudgauge.model.target import Target
from cloudgauge.report.figures.values import (
    Distribution,
    HeatCell,
    MapPoint,
    Measure,
    PairCell,
    Quantile,
    Shift,
    Standing,
    Throughput,
    VantagePoint,
)
from cloudgauge.stats.summary import round_interval
from cloudgauge.stats.verdict import Verdict
from cloudgauge.workflow.comparison_view import Comparisons
from cloudgauge.workflow.standing_notes import short_names
from cloudgauge.workflow.vantage_rounds import VantageRounds

_TAIL = 0.95
_MBIT_PER_BYTE = 8 / 1e6

Lines = Sequence[tuple[VantageRounds, Line]]


def measure_of(metric: Metric) -> Measure:
    """What the axis of a metric's picture says."""
    name = metric.value.replace("-", " ")
    return Measure(name=name, unit=metric.unit, more_is_better=metric.is_rate)


def provider_of(target_id: str) -> str:
    """The provider of a target's or a region's id."""
    return target_id.partition("/")[0]


def plain_lines(
    places: Sequence[VantageRounds], wanted: Sequence[str] | None = None
) -> Lines:
    """The lines of all vantages, without the second series of controls.

    Args:
        places: Vantage by vantage.
        wanted: Ids of targets; None for all.
    """
    return [
        (place, line)
        for place in places
        for line in place.rounds.lines
        if not line.replica and (wanted is None or line.target_id in wanted)
    ]


def line_labels(lines: Lines) -> list[str]:
    """What to call each line: its region, and what tells it from the others here."""
    names = short_names(line.target_id for _, line in lines)
    families = {line.family for _, line in lines}
    vantages = {place.vantage for place, _ in lines}
    labels = []
    for place, line in lines:
        label = names[line.target_id]
        if len(families) > 1:
            label += f" {line.family}"
        if line.streams:
            label += f" ×{line.streams}"  # noqa: RUF001  a times sign is meant
        if len(vantages) > 1:
            label += f" · {place.vantage}"
        labels.append(label)
    return labels


def distributions_of(lines: Lines) -> list[Distribution]:
    """Every value of lines, p50 and p95 with intervals by rounds."""
    return [
        Distribution(
            label=label,
            provider=provider_of(line.target_id),
            values=tuple(_there(place.rounds, line)[1]),
            quantiles=tuple(_quantiles(place.rounds, line)),
            failed=place.rounds.attempts_of(line).failed,
            attempts=place.rounds.attempts_of(line).made,
        )
        for (place, line), label in zip(lines, line_labels(lines), strict=True)
    ]


def _there(rounds: Rounds, line: Line) -> tuple[list[int], list[float]]:
    """The rounds with a value of a line, and the values; endless ones too."""
    values = rounds.of(line).tolist()
    places = [at for at, value in enumerate(values) if not math.isnan(value)]
    return places, [values[at] for at in places]


def _quantiles(rounds: Rounds, line: Line) -> Iterator[Quantile]:
    places, values = _there(rounds, line)
    for p in (0.5, _TAIL) if values else ():
        found = round_interval(values, places, p, confidence=CONFIDENCE)
        yield Quantile(p=p, estimate=found)


def heat_cells_of(lines: Lines) -> list[HeatCell]:
    """One cell a line: a vantage and a region."""
    names = line_labels([(lines[0][0], line) for _, line in lines]) if lines else []
    return [
        HeatCell(
            vantage=place.vantage,
            label=name,
            provider=provider_of(line.target_id),
            p50=median_of(place.rounds, line),
            failed=place.rounds.attempts_of(line).failed,
            attempts=place.rounds.attempts_of(line).made,
        )
        for (place, line), name in zip(lines, names, strict=True)
    ]


def map_points_of(lines: Lines) -> list[MapPoint]:
    """One point a line: a region as one vantage sees it."""
    made = []
    for place, line in lines:
        region = place.targets[line.target_id].region
        made.append(
            MapPoint(
                region_id=region.region_id,
                label=region.region_id,
                provider=region.provider,
                city=region.city,
                latitude_deg=region.latitude_deg,
                longitude_deg=region.longitude_deg,
                vantage=place.vantage,
                p50=median_of(place.rounds, line),
            )
        )
    return made


def vantage_points_of(vantages: Sequence[Vantage]) -> list[VantagePoint]:
    """Each vantage once, by name, with the coordinates that somebody gave."""
    known: dict[str, Vantage] = {}
    for one in vantages:
        if one.name not in known or known[one.name].latitude_deg is None:
            known[one.name] = one
    return [
        VantagePoint(
            name=name,
            latitude_deg=known[name].latitude_deg,
            longitude_deg=known[name].longitude_deg,
            city=known[name].city or "",
        )
        for name in sorted(known)
    ]


def standings_of(ranking: Ranking) -> list[Standing]:
    """The places of one ranking."""
    names = short_names(place.line.target_id for place in ranking.places)
    return [
        Standing(
            label=names[place.line.target_id],
            provider=provider_of(place.line.target_id),
            low_rank=place.low_rank,
            high_rank=place.high_rank,
            letters=place.letters,
            p50=place.p50,
            rounds=place.rounds,
        )
        for place in ranking.places
    ]


def pairs_of(ranking: Ranking) -> tuple[list[str], list[PairCell]]:
    """The labels of one ranking in its order, and what is known of each two.

    A ranking asks who is better; it does not ask who is equivalent.
    """
    seen = [one.line.target_id for one in ranking.places if one.low_rank is not None]
    names = short_names(seen)
    cells = []
    for at, one in enumerate(seen):
        for other in seen[at + 1 :]:
            is_better = (one, other) in ranking.better
            known = is_better or (other, one) in ranking.better
            cells.append(
                PairCell(
                    row=names[one],
                    column=names[other],
                    verdict=Verdict.DIFFERS if known else Verdict.UNDECIDED,
                    row_is_better=is_better,
                )
            )
    return [names[one] for one in seen], cells


def shifts_of(found: Comparisons) -> list[Shift]:
    """Every comparison, those over all vantages last."""
    rows = (*found.rows, *found.together)
    names = short_names(row.candidate for row in rows)
    return [
        Shift(
            label=names[row.candidate],
            provider=provider_of(row.candidate),
            vantage=row.vantage,
            shift=row.shift,
            margin=row.margin,
            verdict=row.verdict,
            rounds=row.rounds,
        )
        for row in rows
    ]


def throughputs_of(
    transfers: Sequence[TransferSummary],
    targets: Mapping[str, Target],
    objectless: Sequence[str] = (),
) -> list[Throughput]:
    """The rates of one set's downloads, and the regions that have none.

    Args:
        transfers: One a target, family and number of streams.
        targets: By id.
        objectless: Ids of regions without a throughput target.
    """
    made = [
        Throughput(
            label=targets[one.target_id].region.region_id,
            provider=targets[one.target_id].region.provider,
            streams=one.streams,
            point=_mbit(one.rate.point),
            low=_mbit(one.rate.low),
            high=_mbit(one.rate.high),
            tests=one.tests,
            settled=one.settled,
        )
        for one in transfers
    ]
    return made + [
        Throughput(
            label=region_id,
            provider=provider_of(region_id),
            streams=None,
            point=None,
            low=None,
            high=None,
        )
        for region_id in objectless
    ]


def _mbit(bytes_per_s: float | None) -> float | None:
    return None if bytes_per_s is None else bytes_per_s * _MBIT_PER_BYTE
