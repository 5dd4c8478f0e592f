"""Result sets as families of metrics: what Prometheus and its kin call things."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from cloudgauge.analysis.export_metrics import (
    Median,
    SeriesCounts,
    SeriesName,
    all_transfers_of,
    counts_of,
    medians_of,
)
from cloudgauge.analysis.transfers import Transfer
from cloudgauge.report.openmetrics import (
    Family,
    Labels,
    MetricKind,
    Number,
    seconds_text,
)
from cloudgauge.report.probe_metrics import (
    ProbeDuration,
    ProbeSeries,
    probe_families,
)
from cloudgauge.store.resultset import ResultSet


@dataclass(frozen=True, slots=True, kw_only=True)
class _Counted:
    """A series and the labels that every number of it has."""

    labels: Labels
    counts: SeriesCounts


@dataclass(frozen=True, slots=True, kw_only=True)
class _Figures:
    """What is exported of one set."""

    result: ResultSet
    series: tuple[_Counted, ...]
    medians: tuple[tuple[Labels, float], ...]
    rates: tuple[tuple[Labels, float], ...]
    received: tuple[tuple[Labels, int], ...]


def families_of(sets: Sequence[ResultSet]) -> Iterator[Family]:
    """The metrics of sets, in an order that is always the same.

    Raises:
        StoreError: A set cannot be read.
    """
    found = [_figures_of(result) for result in sets]
    yield from _about_runs(found)
    yield from _about_probes([one for each in found for one in each.series])
    yield from _about_figures(found)


def _about_runs(found: Sequence[_Figures]) -> Iterator[Family]:
    yield Family(
        name="cloudgauge_run",
        kind=MetricKind.INFO,
        unit="",
        about="A run: its vantage, its plan and the network that it measured.",
        numbers=tuple(Number(labels=_run_labels(one), text="1") for one in found),
    )
    yield Family(
        name="cloudgauge_run_start_time_seconds",
        kind=MetricKind.GAUGE,
        unit="seconds",
        about="When the run began by the wall clock, UTC since 1970-01-01.",
        numbers=tuple(
            Number(
                labels=(("run_id", one.result.manifest.run.run_id),),
                text=seconds_text(one.result.manifest.run.started_wall_ns),
            )
            for one in found
        ),
    )


def _about_probes(series: Sequence[_Counted]) -> Iterator[Family]:
    yield Family(
        name="cloudgauge_probe_success",
        kind=MetricKind.GAUGE,
        unit="",
        about="1 if any visit or transfer of the run was answered as expected, else 0.",
        numbers=tuple(
            Number(labels=one.labels, text=str(int(one.counts.answered > 0)))
            for one in series
        ),
    )
    yield Family(
        name="cloudgauge_probe_success_ratio",
        kind=MetricKind.GAUGE,
        unit="ratio",
        about="Share of visits and transfers that were answered as expected.",
        numbers=tuple(
            Number(
                labels=one.labels, text=repr(one.counts.answered / one.counts.visits)
            )
            for one in series
            if one.counts.visits
        ),
    )
    yield from probe_families([_counted_as_probes(one) for one in series])


def _counted_as_probes(one: _Counted) -> ProbeSeries:
    return ProbeSeries(
        labels=one.labels,
        visits=one.counts.visits,
        failures=tuple(sorted(one.counts.failures.items())),
        durations=tuple(
            ProbeDuration(
                phase=name.phase,
                exchange=name.exchange,
                clock=name.clock,
                counts=tuple(duration.counts.tolist()),
                total_ns=duration.total_ns,
            )
            for name, duration in sorted(one.counts.durations.items())
        ),
    )


def _about_figures(found: Sequence[_Figures]) -> Iterator[Family]:
    yield Family(
        name="cloudgauge_probe_duration_median_seconds",
        kind=MetricKind.GAUGE,
        unit="seconds",
        about="Median over the run, as cloudgauge show has it; none without an answer.",
        numbers=tuple(
            Number(labels=labels, text=repr(seconds))
            for one in found
            for labels, seconds in one.medians
        ),
    )
    yield Family(
        name="cloudgauge_transfer_rate_bytes_per_second",
        kind=MetricKind.GAUGE,
        unit="bytes_per_second",
        about="Median of the rates at which transfers settled; none if none did.",
        numbers=tuple(
            Number(labels=labels, text=repr(rate))
            for one in found
            for labels, rate in one.rates
        ),
    )
    yield Family(
        name="cloudgauge_transfer_received_bytes",
        kind=MetricKind.COUNTER,
        unit="bytes",
        about="Bytes of bodies that transfers received, until a failure too.",
        numbers=tuple(
            Number(labels=labels, text=str(count))
            for one in found
            for labels, count in one.received
        ),
    )


def _figures_of(result: ResultSet) -> _Figures:
    found, transfers = counts_of(result), all_transfers_of(result)
    return _Figures(
        result=result,
        series=tuple(
            _Counted(labels=_labels(result, name), counts=found[name])
            for name in sorted(found)
        ),
        medians=tuple(
            (_median_labels(result, name, one), one.seconds)
            for name, one in medians_of(result)
        ),
        rates=tuple(_rates(result, transfers)),
        received=tuple(_received(result, transfers)),
    )


def _run_labels(one: _Figures) -> Labels:
    run = one.result.manifest.run
    if run.imported is not None:
        network = "imported"
    else:
        network = "real" if run.simulation is None else "simulated"
    return (
        ("run_id", run.run_id),
        ("vantage", run.vantage.name),
        ("plan_hash", run.plan_hash),
        ("network", network),
    )


def _labels(result: ResultSet, name: SeriesName) -> Labels:
    region_id = name.target_id.partition(":")[0]
    return (
        ("provider", region_id.partition("/")[0]),
        ("region", region_id),
        ("target", name.target_id),
        ("vantage", result.manifest.run.vantage.name),
        ("family", name.family),
        ("replica", str(name.replica)),
        ("run_id", result.manifest.run.run_id),
    )


def _median_labels(result: ResultSet, name: SeriesName, one: Median) -> Labels:
    clock = () if one.clock is None else (("clock", one.clock),)
    about = (("phase", one.phase), ("exchange", one.exchange))
    return (*_labels(result, name), *about, *clock)


def _rates(
    result: ResultSet, transfers: Sequence[Transfer]
) -> Iterator[tuple[Labels, float]]:
    for name, streams, mine in _by_series(transfers):
        rates = [
            one.settled.point
            for one in mine
            if one.settled is not None
            and one.settled.is_settled
            and one.settled.point is not None
        ]
        if rates:
            yield (*_labels(result, name), ("streams", str(streams))), median(rates)


def _received(
    result: ResultSet, transfers: Sequence[Transfer]
) -> Iterator[tuple[Labels, int]]:
    for name, streams, mine in _by_series(transfers):
        labels = (*_labels(result, name), ("streams", str(streams)))
        yield labels, sum(one.body_bytes for one in mine)


def _by_series(
    transfers: Sequence[Transfer],
) -> Iterator[tuple[SeriesName, int, list[Transfer]]]:
    found: dict[tuple[SeriesName, int], list[Transfer]] = {}
    for one in transfers:
        name = SeriesName(target_id=one.target_id, family=one.family, replica=0)
        found.setdefault((name, one.streams), []).append(one)
    for (name, streams), mine in sorted(found.items(), key=lambda item: item[0]):
        yield name, streams, mine
