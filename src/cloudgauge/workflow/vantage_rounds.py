"""Result sets as rounds of one metric, vantage by vantage: what is compared and ranked.

Runs from one vantage follow one another; those of different vantages are never mixed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from fnmatch import fnmatchcase

from cloudgauge.analysis.columns import bin_columns_of, columns_of
from cloudgauge.analysis.metric import Metric
from cloudgauge.analysis.rounds import Line, Rounds, joined, run_numbers
from cloudgauge.analysis.run_rounds import round_samples, rounds_of, transfer_rounds
from cloudgauge.analysis.transfers import (
    TRANSFER_BINS,
    TRANSFER_SAMPLES,
    transfers_of,
)
from cloudgauge.errors import ConfigError, NothingUsable, StoreError
from cloudgauge.model.quantity import NS_PER_MS, format_duration
from cloudgauge.model.run import RunInfo
from cloudgauge.model.target import Target
from cloudgauge.store.resultset import ResultSet
from cloudgauge.workflow.like_with_like import Unlikeness, if_meant

_NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class VantageRounds:
    """What was measured from one vantage.

    Attributes:
        vantage: Its name.
        rounds: Of all its runs, in the order in which they began.
        is_paired: Values of one round belong together; not so for imports that do not
            say which round a value is of.
        targets: By id.
        settings: What was recorded of the runs that could make a difference, by name.
    """

    vantage: str
    rounds: Rounds
    is_paired: bool
    targets: Mapping[str, Target]
    settings: tuple[tuple[str, str], ...]

    def settings_of(self, line: Line) -> tuple[tuple[str, str], ...]:
        """The same, and what the catalogue says of a line's endpoint."""
        endpoint = self.targets[line.target_id].endpoint
        return (
            ("service", endpoint.service),
            ("reach", endpoint.reach.value),
            ("family", line.family),
            *((("streams", str(line.streams)),) if line.streams else ()),
            *self.settings,
        )


def vantage_rounds(
    sets: Sequence[ResultSet],
    metric: Metric,
    allowed: frozenset[Unlikeness] = frozenset(),
) -> tuple[VantageRounds, ...]:
    """Read result sets, by the names of their vantages.

    Args:
        sets: At least one.
        metric: What is wanted of them.
        allowed: In which ways they may differ.

    Raises:
        StoreError: One cannot be read, some are of a private network and some not,
            or those of one vantage are of different sources.
        NothingUsable: There is no value of the metric in any of them.
    """
    _refuse_mixed(sets, allowed)
    parts = [(result, _of_set(result, metric)) for result in sets]
    return places_of(parts, metric, allowed)


def places_of(
    parts: Sequence[tuple[ResultSet, Rounds]],
    metric: Metric,
    allowed: frozenset[Unlikeness] = frozenset(),
) -> tuple[VantageRounds, ...]:
    """The rounds of result sets that were read, by the names of their vantages.

    Args:
        parts: Each set with its rounds of the metric.
        metric: What the rounds are of.
        allowed: In which ways they may differ.

    Raises:
        StoreError: Some are of a private network and some not, or those of one
            vantage are of different sources.
        NothingUsable: There is no value of the metric in any of them.
    """
    _refuse_mixed([result for result, _ in parts], allowed)
    by_vantage: dict[str, list[tuple[ResultSet, Rounds]]] = {}
    for part in sorted(parts, key=lambda one: one[0].manifest.run.started_wall_ns):
        name = part[0].manifest.run.vantage.name
        by_vantage.setdefault(name, []).append(part)
    found = [_of_vantage(name, by_vantage[name]) for name in sorted(by_vantage)]
    kept = tuple(one for one in found if one is not None)
    if not any(here.rounds.has_value for here in kept):
        where = ", ".join(str(result.folder) for result, _ in parts)
        msg = f"{where}: no visit has a {metric.value} value"
        raise NothingUsable(msg)
    return kept


def refuse_mixed_networks(sets: Iterable[ResultSet]) -> None:
    """Refuse to hold what was simulated against what was not.

    Raises:
        StoreError: Naming one of each.
    """
    first: dict[bool, ResultSet] = {}
    for result in sets:
        first.setdefault(result.manifest.run.simulation is not None, result)
    if len(first) == 2:
        problem = (
            f"was measured in a private network and {first[False].folder} was not: "
            "they say nothing of one another"
        )
        raise StoreError(str(first[True].folder), problem)


def _refuse_mixed(sets: Sequence[ResultSet], allowed: frozenset[Unlikeness]) -> None:
    refuse_mixed_networks(sets)
    if Unlikeness.METRIC in allowed:
        return
    first: dict[str, ResultSet] = {}
    for result in sets:
        run = result.manifest.run
        other = first.setdefault(run.vantage.name, result)
        if _measured(run) != _measured(other.manifest.run):
            problem = (
                f"is {_measured(run)}, {other.folder} is "
                f"{_measured(other.manifest.run)}: two sources at vantage "
                f"{run.vantage.name}, which are not mixed"
            )
            raise StoreError(str(result.folder), if_meant(problem, Unlikeness.METRIC))


def _measured(run: RunInfo) -> str:
    made = run.imported
    return f'an import of "{made.measured}"' if made else "measured by cloudgauge"


def measured_targets(
    places: Sequence[VantageRounds], pattern: str, where: str
) -> tuple[str, ...]:
    """The ids of the targets that a region's or target's name means, sorted.

    Args:
        places: Where they were measured.
        pattern: ``*`` and ``?`` match as in file names.
        where: What the user gave it as.

    Raises:
        ConfigError: It matches none.
    """
    regions = {
        line.target_id: place.targets[line.target_id].region.region_id
        for place in places
        for line in place.rounds.lines
    }
    found = [
        target_id
        for target_id, region in regions.items()
        if fnmatchcase(target_id, pattern) or fnmatchcase(region, pattern)
    ]
    if not found:
        near = get_close_matches(pattern, {*regions, *regions.values()}, n=1)
        hint = f'; did you mean "{near[0]}"?' if near else ""
        problem = f'"{pattern}" was not measured: {_some(regions.values())} were{hint}'
        raise ConfigError(where, problem)
    return tuple(sorted(found))


def meant_targets(
    places: Sequence[VantageRounds],
    patterns: Sequence[str],
    where: str,
    objectless: Iterable[str] = (),
) -> tuple[str, ...]:
    """The ids of the targets that several names mean, each once.

    Args:
        places: Where they were measured.
        patterns: As for `measured_targets`.
        where: What the user gave them as.
        objectless: Ids of regions that were meant and have nothing to download: a
            name of theirs alone is passed over, if others mean something.

    Raises:
        ConfigError: One matches nothing, or none anything with a value.
    """
    without = list(objectless)
    found: dict[str, None] = {}
    for pattern in patterns:
        try:
            found |= dict.fromkeys(measured_targets(places, pattern, where))
        except ConfigError:
            if not any(fnmatchcase(region_id, pattern) for region_id in without):
                raise
    if not found:
        names = ", ".join(f'"{pattern}"' for pattern in patterns)
        raise ConfigError(where, f"{names}: no throughput target")
    return tuple(found)


def _some(names: Iterable[str]) -> str:
    known = sorted(set(names))
    more = f" and {len(known) - _NAMED} more" if len(known) > _NAMED else ""
    return f"{', '.join(known[:_NAMED])}{more}"


def _of_vantage(
    name: str, read: Sequence[tuple[ResultSet, Rounds]]
) -> VantageRounds | None:
    having = [(result, rounds) for result, rounds in read if rounds.lines]
    parts = [rounds for _, rounds in having]
    if not parts:
        return None
    runs = run_numbers([result.manifest.run.part for result, _ in having])
    sets = [result for result, _ in read]
    imports = [one.manifest.run.imported for one in sets]
    return VantageRounds(
        vantage=name,
        rounds=replace(joined(parts, runs), limit=_limit(sets, parts[0].metric)),
        is_paired=all(one is None or one.rounds_given for one in imports),
        targets={row.target_id: row for one in sets for row in one.rows_used},
        settings=_settings(sets),
    )


def _limit(sets: Sequence[ResultSet], metric: Metric) -> float | None:
    if metric.is_rate:
        return None
    return min(one.manifest.plan.probe.timeout_ns for one in sets) / NS_PER_MS


def _of_set(result: ResultSet, metric: Metric) -> Rounds:
    started_ns = result.manifest.run.started_wall_ns
    if metric is not Metric.THROUGHPUT:
        return rounds_of(
            columns_of(result, round_samples(metric)),
            metric,
            started_ns,
            imported=result.manifest.run.imported is not None,
        )
    columns = columns_of(result, (*round_samples(metric), *TRANSFER_SAMPLES))
    transfers = transfers_of(columns, bin_columns_of(result, TRANSFER_BINS))
    return transfer_rounds(columns, transfers, started_ns)


def _settings(sets: Sequence[ResultSet]) -> tuple[tuple[str, str], ...]:
    """What was recorded of runs; of several, every word once."""
    words: dict[str, dict[str, None]] = {}
    for result in sets:
        for name, word in _of_run(result):
            words.setdefault(name, {})[word] = None
    return tuple((name, " and ".join(found)) for name, found in words.items())


def _of_run(result: ResultSet) -> Iterable[tuple[str, str]]:
    run, plan = result.manifest.run, result.manifest.plan
    yield "measured", run.imported.measured if run.imported else "by cloudgauge"
    yield "network", _network(run)
    yield "cloudgauge", run.tool_version
    yield "system", run.environment.system
    yield "event loop", run.environment.event_loop
    # An import's rounds were not paced: their length is its span by their number.
    if run.imported is None:
        yield "round", format_duration(plan.round_span_ns)
    yield "series a round", str(plan.series_count + plan.transfers_per_round)
    yield "warm requests", str(plan.probe.warm_requests)
    yield "timeout", format_duration(plan.probe.timeout_ns)
    yield "names", "of the user's own" if run.hosts_file else "by the resolver"


def _network(run: RunInfo) -> str:
    made = run.simulation
    return f"private ({made.means}, {made.scenario})" if made else "real"
