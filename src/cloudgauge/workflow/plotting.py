"""Pictures of results, rankings and comparisons, as a notebook asks for them.

The builders stand on an extra and take a second to load: only who draws waits for them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from cloudgauge.analysis.columns import bin_columns_of, columns_of
from cloudgauge.analysis.ranking import Ranking
from cloudgauge.analysis.throughput import summarise_transfers
from cloudgauge.analysis.transfers import (
    TRANSFER_BINS,
    TRANSFER_SAMPLES,
    transfers_of,
)
from cloudgauge.errors import ConfigError, NothingUsable
from cloudgauge.report.figure import Figure
from cloudgauge.workflow.picture_courses import courses_of
from cloudgauge.workflow.picture_values import (
    Lines,
    distributions_of,
    heat_cells_of,
    map_points_of,
    measure_of,
    pairs_of,
    plain_lines,
    shifts_of,
    standings_of,
    throughputs_of,
    vantage_points_of,
)
from cloudgauge.workflow.question import parse_metric
from cloudgauge.workflow.vantage_rounds import measured_targets, vantage_rounds

if TYPE_CHECKING:
    from cloudgauge.analysis.metric import Metric
    from cloudgauge.report.figures.values import Throughput
    from cloudgauge.store.resultset import ResultSet
    from cloudgauge.workflow.comparison_view import Comparisons
    from cloudgauge.workflow.ranking_view import Rankings
    from cloudgauge.workflow.results import Results

_KIND, _REGIONS = "kind", "regions"
_THROUGHPUT = "throughput"

Drawing = Callable[["Results", "Lines", "Metric"], Figure]


def plot_results(
    results: Results, kind: str, *, regions: str | Sequence[str], metric: str
) -> Figure:
    """Draw result sets.

    Args:
        results: Of any number of vantages.
        kind: ``strips``, ``ecdf``, ``series``, ``heat``, ``map`` or ``throughput``.
        regions: Ids of regions or targets; ``*`` and ``?`` match as in file names.
        metric: ``connect``, ``tls``, ``first-byte`` or ``throughput``; the kind
            ``throughput`` takes no notice of it.

    Returns:
        With the reason in place of the picture where nothing was answered.

    Raises:
        ConfigError: No such kind, metric or region.
        StoreError: A set cannot be read, or they do not fit together.
        MachineError: The extra is not installed.
    """
    if kind == _THROUGHPUT:
        return _throughput(results, regions)
    drawings: dict[str, Drawing] = {
        "strips": _strips,
        "ecdf": _ecdf,
        "series": _series,
        "heat": _heat,
        "map": _map,
    }
    if kind not in drawings:
        wanted = ", ".join((*drawings, _THROUGHPUT))
        raise ConfigError(_KIND, f'want one of {wanted}, got "{kind}"')
    meant = parse_metric(metric)
    try:
        places = vantage_rounds(results.sets, meant)
    except NothingUsable:
        return _nothing(kind, f"No visit has a {metric} value: there is no picture.")
    patterns = [regions] if isinstance(regions, str) else list(regions)
    wanted_ids = [
        one
        for pattern in patterns
        for one in measured_targets(places, pattern, _REGIONS)
    ]
    return drawings[kind](results, plain_lines(places, wanted_ids), meant)


def _nothing(kind: str, why: str) -> Figure:
    return Figure(name=kind, title=kind, caption=why, summary=why, why_not=why)


def _strips(_results: Results, lines: Lines, metric: Metric) -> Figure:
    from cloudgauge.report.figures.strips import strips  # noqa: PLC0415  the extra

    return strips(distributions_of(lines), measure=measure_of(metric))


def _ecdf(_results: Results, lines: Lines, metric: Metric) -> Figure:
    from cloudgauge.report.figures.ecdf import ecdf  # noqa: PLC0415  the extra

    return ecdf(distributions_of(lines), measure=measure_of(metric))


def _series(_results: Results, lines: Lines, metric: Metric) -> Figure:
    from cloudgauge.report.figures.series import series  # noqa: PLC0415  the extra

    return series(courses_of(lines), measure=measure_of(metric))


def _heat(_results: Results, lines: Lines, metric: Metric) -> Figure:
    from cloudgauge.report.figures.heat_map import heat_map  # noqa: PLC0415  the extra

    return heat_map(heat_cells_of(lines), measure=measure_of(metric))


def _map(results: Results, lines: Lines, metric: Metric) -> Figure:
    from cloudgauge.report.figures.world_map import world_map  # noqa: PLC0415  the extra

    vantages = [one.manifest.run.vantage for one in results.sets]
    # A notebook has no table to lead to.
    return world_map(
        map_points_of(lines),
        vantage_points_of(vantages),
        measure=measure_of(metric),
        links=False,
    )


def _throughput(results: Results, regions: str | Sequence[str]) -> Figure:
    from cloudgauge.report.figures.throughput_bars import (  # noqa: PLC0415  the extra
        throughput_bars,
    )

    patterns = [regions] if isinstance(regions, str) else list(regions)
    many = len({one.manifest.run.vantage.name for one in results.sets}) > 1
    found = [
        replace(one, label=f"{one.label} · {result.manifest.run.vantage.name}")
        if many
        else one
        for result in results.sets
        for one in _of_set(result)
        if any(fnmatchcase(one.label, pattern) for pattern in patterns)
    ]
    return throughput_bars(found)


def _of_set(result: ResultSet) -> list[Throughput]:
    transfers = (
        transfers_of(
            columns_of(result, TRANSFER_SAMPLES), bin_columns_of(result, TRANSFER_BINS)
        )
        if result.objects
        else ()
    )
    return throughputs_of(
        summarise_transfers(transfers, result.manifest.run.calibration),
        {target.target_id: target for target in result.rows_used},
        result.manifest.plan.objectless,
    )


def plot_rankings(found: Rankings, kind: str, *, vantage: str | None) -> Figure:
    """Draw a ranking.

    Args:
        found: Of any number of groups; the first is drawn.
        kind: ``ranks`` or ``pairs``.
        vantage: Its name; None for all together, or the first where they cannot be
            joined.

    Raises:
        ConfigError: No such kind or vantage.
        MachineError: The extra is not installed.
    """
    ranking, where = _chosen(found, vantage)
    measure = measure_of(found.question.metric)
    if kind == "ranks":
        from cloudgauge.report.figures.rank_intervals import (  # noqa: PLC0415  the extra
            rank_intervals,
        )

        figure = rank_intervals(standings_of(ranking), measure=measure)
    elif kind == "pairs":
        from cloudgauge.report.figures.pair_matrix import (  # noqa: PLC0415  the extra
            pair_matrix,
        )

        figure = pair_matrix(*pairs_of(ranking), measure=measure)
    else:
        raise ConfigError(_KIND, f'want ranks or pairs, got "{kind}"')
    return replace(figure, title=f"{figure.title}, {where}")


def _chosen(found: Rankings, vantage: str | None) -> tuple[Ranking, str]:
    group = found.groups[0]
    which = f" ({group.name})" if len(found.groups) > 1 else ""
    if vantage is None and group.together is not None:
        return group.together, f"over all vantages{which}"
    for one in group.rankings:
        if vantage is None or one.vantage == vantage:
            return one, f"from {one.vantage}{which}"
    names = ", ".join(one.vantage for one in group.rankings)
    where = "vantage"
    raise ConfigError(where, f'want one of {names}, got "{vantage}"')


def plot_comparisons(found: Comparisons) -> Figure:
    """Draw the shifts of comparisons with their intervals, margins and verdicts.

    Raises:
        MachineError: The extra is not installed.
    """
    from cloudgauge.report.figures.shift_intervals import (  # noqa: PLC0415  the extra
        shift_intervals,
    )

    baseline = "before" if found.is_before_after else found.rows[0].baseline
    return shift_intervals(
        shifts_of(found),
        baseline=baseline,
        measure=measure_of(found.question.metric),
    )
