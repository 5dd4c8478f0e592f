"""Tables of a report: those of `rank` and `show`, vantage by vantage."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from cloudgauge.report.document import Cell, Column, Scale, Table
from cloudgauge.report.page import PageTable, Subject
from cloudgauge.workflow.ranking_view import Rankings
from cloudgauge.workflow.reporting_sources import Sources

# Said by the switch, or by the words above the table.
_SAID_ELSEWHERE = ("vantage", "group", "rank_low", "rank_high", "burst", "target")
_ALL_RANKED = "all"
_RUNS = (
    *("folder", "vantage", "started", "plan", "rounds", "visits", "planned_visits"),
    *("samples", "failed", "complete", "run_id"),
)
_LATENCY = (
    *("target", "series", "mark", "samples", "failures", "connect_p50_ms"),
    *("connect_bound_ms", "connect_p50_low_ms", "connect_p50_high_ms"),
    *("connect_p95_ms", "connect_min_ms", "first_byte_p50_ms", "first_byte_p95_ms"),
    *("availability", "availability_low", "availability_high", "lateness_p99_ms"),
)


def ranking_tables(sources: Sources, found: Rankings) -> Iterator[PageTable]:
    """The table of `rank`, one for each vantage and group."""
    if sources.ranked is None:
        return
    (table,) = sources.ranked.tables
    for group in found.groups:
        rankings = [group.together] if group.together else []
        for ranking in (*rankings, *group.rankings):
            where = ranking.vantage or _ALL_RANKED
            rows = _rows_where(table, {"vantage": where, "group": group.name})
            kept = _with_city(sources, replace(table, rows=rows))
            by = "connect p50" if ranking.vantage else "mean of the connect p50s"
            whose = f", {group.name}" if len(found.groups) > 1 else ""
            yield PageTable(
                table=replace(_worth_showing(kept), title=""),
                caption=f"Places that each region may hold by {by}, "
                f"{ranking.vantage or 'all vantages together'}{whose}; "
                f"{ranking.rounds:,} rounds, intervals all at once with 95 %",
                head="region",
                subjects=_subjects(sources, kept),
                is_landing=group is found.groups[0],
                vantage=sources.choice_of(ranking.vantage),
            )


def latency_tables(sources: Sources) -> Iterator[PageTable]:
    """The table of `show`, one for each vantage."""
    for table in sources.shown.tables:
        if table.name != "series":
            continue
        for vantage in sources.vantages:
            rows = _rows_where(table, {"vantage": vantage})
            if not rows:
                continue
            whole = replace(table, rows=rows)
            yield PageTable(
                table=_worth_showing(_columns(whole, _LATENCY)),
                caption=f"Latency of each series from {vantage}; failed exchanges are "
                "in no quantile, p50 with its 95 % interval by rounds",
                head="target",
                subjects=_subjects(sources, whole),
                vantage=sources.choice_of(vantage) if sources.choices else "",
            )


def failure_table(sources: Sources) -> PageTable | None:
    """Failures by target and kind; None where nothing failed."""
    rows: list[tuple[Cell, ...]] = []
    for one in sources.sets:
        vantage = one.run.vantage.name
        made = [(s.target_id, s.family, s.samples, s.failures) for s in one.series]
        made += [(t.target_id, t.family, t.tests, t.failures) for t in one.transfers]
        rows += [
            (target_id, family, vantage, kind.word, kind.count, kind.count / tries)
            for target_id, family, tries, failures in made
            for kind in failures
        ]
    if not rows:
        return None
    rows.sort(key=lambda row: (-float(row[5] or 0), str(row[0])))
    table = Table(
        name="failures",
        title="",
        columns=(
            Column(name="target", label="target"),
            Column(name="family", label="series"),
            Column(name="vantage", label="vantage"),
            Column(name="kind", label="kind"),
            Column(name="count", label="failed", scale=Scale.COUNT),
            Column(name="share", label="share", scale=Scale.RATIO),
        ),
        rows=tuple(rows),
    )
    return PageTable(
        table=table,
        caption="Failures by target and kind; the share is of the exchanges, or "
        "transfers, of that series",
        head="target",
        subjects=_subjects(sources, table),
    )


def throughput_table(sources: Sources) -> PageTable | None:
    """The table of downloads; None where there was none."""
    for table in sources.shown.tables:
        if table.name == "throughput":
            return PageTable(
                table=replace(_worth_showing(table), title=""),
                caption="Settled rates of downloads, with the lowest and the highest "
                "of the tests, and round trips beside them",
                head="target",
                subjects=_subjects(sources, table),
            )
    return None


def runs_table(sources: Sources) -> PageTable:
    """The runs that everything is made of."""
    (table,) = (one for one in sources.shown.tables if one.name == "runs")
    # The page may be sent to others, whom the path is no business of.
    names = [one.result.folder.name for one in sources.sets]
    rows = tuple((name, *row[1:]) for name, row in zip(names, table.rows, strict=True))
    return PageTable(
        table=_columns(replace(table, title="", rows=rows), _RUNS),
        caption="Runs, one a result set",
        head="folder",
    )


def _rows_where(
    table: Table, wanted: Mapping[str, str]
) -> tuple[tuple[Cell, ...], ...]:
    places = {column.name: at for at, column in enumerate(table.columns)}
    return tuple(
        row
        for row in table.rows
        if all(row[places[name]] == word for name, word in wanted.items())
    )


def _columns(table: Table, names: Sequence[str]) -> Table:
    """These columns, and those that bound them, in the order of the table."""
    kept = [
        at
        for at, column in enumerate(table.columns)
        if column.name in names or column.beyond in names
    ]
    return replace(
        table,
        columns=tuple(table.columns[at] for at in kept),
        rows=tuple(tuple(row[at] for at in kept) for row in table.rows),
    )


def _worth_showing(table: Table) -> Table:
    """Without what is said elsewhere, and columns in which nothing stands."""
    names = {column.name for column in table.columns}
    elsewhere = _SAID_ELSEWHERE if "region" in names else ()
    kept = [
        column.name
        for at, column in enumerate(table.columns)
        if column.name not in elsewhere
        and any(row[at] is not None and row[at] != 0 for row in table.rows)
        and not (column.name == "series" and _is_same(table, at))
    ]
    return _columns(table, kept) if table.rows else table


def _with_city(sources: Sources, table: Table) -> Table:
    """With the city of each target, and the ties, which may be long, at the end."""
    at = [column.name for column in table.columns].index("target")
    cities = [
        sources.targets[str(row[at])].region.city
        if str(row[at]) in sources.targets
        else None
        for row in table.rows
    ]
    ties = [column.name for column in table.columns].index("ties")
    return replace(
        table,
        columns=(
            *table.columns[:ties],
            *table.columns[ties + 1 :],
            Column(name="city", label="city"),
            table.columns[ties],
        ),
        rows=tuple(
            (*row[:ties], *row[ties + 1 :], city, row[ties])
            for row, city in zip(table.rows, cities, strict=True)
        ),
    )


def _subjects(sources: Sources, table: Table) -> tuple[Subject, ...]:
    at = [column.name for column in table.columns].index("target")
    return tuple(sources.subject_of(str(row[at])) for row in table.rows)


def _is_same(table: Table, at: int) -> bool:
    return len({row[at] for row in table.rows}) == 1
