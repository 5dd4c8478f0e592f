"""Pictures of a report, one a vantage, of what was read and ranked already.

The builders stand on the extra, so they are loaded when a picture is wanted.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from cloudgauge.analysis.ranking import Ranking
from cloudgauge.report.page import Part, Picture, Words
from cloudgauge.workflow.picture_courses import courses_of, has_changed
from cloudgauge.workflow.picture_values import (
    Lines,
    distributions_of,
    heat_cells_of,
    map_points_of,
    pairs_of,
    plain_lines,
    standings_of,
    throughputs_of,
    vantage_points_of,
)
from cloudgauge.workflow.reporting_sources import ALL, Sources

# The best of a ranking and those after them: a screen holds no more, tables have all.
_MOST_PAIRED = 25
_MOST_SPREAD = 24
_MOST_COURSES = 5


def map_pictures(sources: Sources) -> Iterator[Part]:
    """The world as each vantage sees it; all of them together first."""
    from cloudgauge.report.figures.world_map import world_map  # noqa: PLC0415  the extra

    whole = [one.run.vantage for one in sources.sets]
    places = list(sources.places)
    if len(places) != 1:
        figure = world_map(map_points_of(plain_lines(places)), vantage_points_of(whole))
        yield Picture(figure=figure, is_map=True, vantage=sources.choice_of(""))
    for place in places:
        here = [one for one in whole if one.name == place.vantage]
        figure = world_map(map_points_of(plain_lines([place])), vantage_points_of(here))
        vantage = sources.choice_of(place.vantage)
        yield Picture(figure=figure, is_map=True, vantage=vantage)


def rank_pictures(sources: Sources) -> Iterator[Part]:
    """The places that regions may hold."""
    from cloudgauge.report.figures.rank_intervals import (  # noqa: PLC0415  the extra
        rank_intervals,
    )

    for ranking in _rankings(sources):
        vantage = sources.choice_of(ranking.vantage)
        yield Picture(figure=rank_intervals(standings_of(ranking)), vantage=vantage)


def pair_pictures(sources: Sources) -> Iterator[Part]:
    """Who is surely better than whom, of the best and their neighbours."""
    from cloudgauge.report.figures.pair_matrix import (  # noqa: PLC0415  the extra
        pair_matrix,
    )

    for ranking in _rankings(sources):
        best = replace(ranking, places=ranking.places[:_MOST_PAIRED])
        vantage = sources.choice_of(ranking.vantage)
        yield Picture(figure=pair_matrix(*pairs_of(best)), vantage=vantage)


def heat_pictures(sources: Sources) -> Iterator[Part]:
    """Every region from every vantage; nothing with one vantage."""
    from cloudgauge.report.figures.heat_map import heat_map  # noqa: PLC0415  the extra

    if len(sources.places) > 1:
        lines = plain_lines(list(sources.places))
        yield Picture(figure=heat_map(heat_cells_of(lines)))


def distribution_pictures(sources: Sources) -> Iterator[Part]:
    """What single rounds saw of the best regions, as dots and as steps."""
    from cloudgauge.report.figures.ecdf import ecdf  # noqa: PLC0415  the extra
    from cloudgauge.report.figures.strips import strips  # noqa: PLC0415  the extra

    yield from _ask_for_one(sources, "Distributions")
    for vantage, lines in _best_lines(sources):
        found = distributions_of(lines)
        yield Picture(figure=strips(found), vantage=vantage)
        yield Picture(figure=ecdf(found), vantage=vantage)


def course_pictures(sources: Sources) -> Iterator[Part]:
    """The best regions over time, then those after them that changed."""
    from cloudgauge.report.figures.series import series  # noqa: PLC0415  the extra

    yield from _ask_for_one(sources, "Courses over time")
    for vantage, lines in _best_lines(sources):
        best, rest = lines[:_MOST_COURSES], lines[_MOST_COURSES:]
        yield Picture(figure=series(courses_of(best)), vantage=vantage)
        changed = list(islice(filter(has_changed, rest), _MOST_COURSES))
        if changed:
            figure = series(courses_of(changed))
            title = f"{figure.title}: others that changed"
            yield Picture(figure=replace(figure, title=title), vantage=vantage)


def throughput_pictures(sources: Sources) -> Iterator[Part]:
    """The rates of downloads, a picture a set."""
    from cloudgauge.report.figures.throughput_bars import (  # noqa: PLC0415  the extra
        throughput_bars,
    )

    yield from _ask_for_one(sources, "Pictures of downloads")
    for one in sources.sets:
        # Regions without an object are in the table; a row of nothing is no picture.
        rates = throughputs_of(one.transfers, one.targets)
        if rates:
            vantage = sources.choice_of(one.run.vantage.name)
            yield Picture(figure=throughput_bars(rates), vantage=vantage)


def _ask_for_one(sources: Sources, what: str) -> Iterator[Part]:
    """Say where something is that only single vantages have."""
    if ALL in sources.choices:
        told = f"{what} are of one vantage: choose one at the top of the page."
        yield Words(lines=(told,), vantage=ALL)


def _best_lines(sources: Sources) -> Iterator[tuple[str, Lines]]:
    """The best lines of each vantage, with the choice that shows them."""
    places = {place.vantage: place for place in sources.places}
    for ranking in _rankings(sources):
        if ranking.vantage:
            place = places[ranking.vantage]
            lines = [(place, one.line) for one in ranking.places[:_MOST_SPREAD]]
            yield sources.choice_of(ranking.vantage), lines


def _rankings(sources: Sources) -> Iterator[Ranking]:
    groups = sources.rankings.groups if sources.rankings else ()
    for group in groups:
        if group.together is not None:
            yield group.together
        yield from group.rankings
