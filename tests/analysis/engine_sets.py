"""Result sets with everything that a figure has to leave out or to count."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from cloudgauge.analysis.engine_query import By, CellKey, Query
from cloudgauge.analysis.metric import Metric
from cloudgauge.model.plan import Plan, ProbeSpec
from cloudgauge.model.quantity import NS_PER_S
from cloudgauge.model.run import Imported
from cloudgauge.model.sample import ClockKind, FailureKind, Sample
from cloudgauge.model.target import Family
from cloudgauge.store.resultset import ResultSet
from tests.store.several import Run, keep_run
from tests.store.synthetic import keep_set, make_plan, make_samples
from tests.store.transfers import make_download_plan, make_transfers

GOLDEN_V1 = Path(__file__).parents[1] / "golden" / "set-v1"
HOUR_NS = 3_600 * NS_PER_S
_FAILURES = (
    FailureKind.CONNECT_TIMEOUT,
    FailureKind.TLS_TIMEOUT,
    FailureKind.RESPONSE_TIMEOUT,
    FailureKind.REFUSED,
    FailureKind.HELD_BACK,
)
_TIMEOUTS = _FAILURES[:3]
_LONGER = {
    Metric.CONNECT: _TIMEOUTS[:1],
    Metric.TLS: _TIMEOUTS[:2],
    Metric.FIRST_BYTE: _TIMEOUTS,
}
_DOWNLOADS = make_download_plan(objects=1, rounds=2, bins=40)


def plan_with(*, warm: int = 2, rounds: int = 6) -> Plan:
    """Three targets over both IP versions, one of them a control."""
    plan = make_plan(targets=3, rounds=rounds)
    return replace(
        plan,
        probe=ProbeSpec(warm_requests=warm, families=(Family.IPV4, Family.IPV6)),
    )


@dataclass(slots=True)
class Weather:
    """Changes samples at random: failures, SYNs sent again, clocks that say nothing."""

    rng: random.Random
    blind: float
    failing: float

    def seen(self, sample: Sample) -> Sample:
        """What became of a sample."""
        made, kernel, timings = sample, sample.kernel, sample.timings
        assert kernel is not None
        if self.rng.random() < self.blind or sample.slot.target_id.startswith("azure"):
            kernel = replace(kernel, connect_rtt_us=None)
        if self.rng.random() < 0.1:
            kernel = replace(kernel, syn_retransmits=self.rng.choice((1, 2)))
        if sample.exchange == 0 and self.rng.random() < 0.1:
            timings = replace(timings, tls_ns=None)
        clock = self.rng.choice((*ClockKind, None))
        made = replace(made, kernel=kernel, timings=timings, clock=clock)
        if self.rng.random() >= self.failing:
            return made
        failure = self.rng.choice(_FAILURES)
        if self.rng.random() < 0.5:
            timings = replace(timings, first_byte_ns=None)
        if failure is FailureKind.CONNECT_TIMEOUT:
            timings = replace(timings, connect_ns=None, tls_ns=None, first_byte_ns=None)
            kernel = replace(kernel, connect_rtt_us=None)
        return replace(
            made, timings=timings, kernel=kernel, failure=failure, failure_detail="so"
        )


def mixed_sets(parent: Path, seed: int) -> tuple[ResultSet, ...]:
    """Sets of two vantages, among them a second run, downloads and one of version 1."""
    rng = random.Random(seed)
    plans = [plan_with(warm=rng.choice((0, 1, 3)), rounds=rng.randint(1, 8))]
    plans.append(replace(plans[0], name="other"))
    folders = [GOLDEN_V1] if rng.random() < 0.5 else []
    for number in range(rng.randint(2, 4)):
        weather = Weather(
            rng=random.Random(rng.random()),
            blind=rng.choice((0.0, 0.3, 1.0)),
            failing=rng.choice((0.0, 0.1, 0.6)),
        )
        run = Run(
            vantage=rng.choice(("here", "there")),
            digit=f"{number + 1:x}",
            plan=rng.choice(plans),
            later_ns=rng.randint(0, 30 * 24) * HOUR_NS // 7,
            seed=rng.randint(0, 99),
            seen=weather.seen,
        )
        folders.append(keep_run(parent / str(number), run))
    records = [
        *make_samples(_DOWNLOADS, failing=0.1),
        *make_transfers(_DOWNLOADS, bins=40, failing=0.3),
    ]
    folders.append(keep_set(parent / "downloads", _DOWNLOADS, records))
    return tuple(ResultSet.open(folder) for folder in folders)


def as_import(result: ResultSet) -> ResultSet:
    """The same samples as if others had measured them."""
    made = Imported(
        source="log", source_sha256="0" * 64, measured="a round trip", rounds_given=True
    )
    run = replace(result.manifest.run, imported=made)
    return replace(result, manifest=replace(result.manifest, run=run))


@dataclass(slots=True)
class Wanted:
    """What one cell must have, found row by row in plain Python."""

    values_ns: list[float]
    samples: int = 0
    visits: int = 0
    failed: int = 0
    resent: int = 0


def wanted_cells(sets: tuple[ResultSet, ...], query: Query) -> dict[CellKey, Wanted]:
    """The cells of a question, as FORMAT.md says what is in them."""
    found: dict[CellKey, Wanted] = {}
    for result in sets:
        rows = [row for row in result.table().to_pylist() if row["part"] is None]
        by_kernel = {_series(row) for row in rows if _has_kernel_connect(row)}
        silent = all(row["first_byte_ns"] is None for row in rows)
        for row in rows:
            if row["replica"] and By.REPLICA not in query.by:
                continue
            cell = found.setdefault(_key(result, row, query), Wanted(values_ns=[]))
            cell.samples += 1
            cell.visits += row["exchange"] == 0
            cell.failed += row["failure"] is not None
            cell.resent += row["exchange"] == 0 and (row["syn_retransmits"] or 0) > 0
            imported = result.manifest.run.imported is not None
            about = _About(
                metric=query.metric,
                by_kernel=_series(row) in by_kernel,
                imported=imported,
                warm=result.manifest.plan.probe.warm_requests > 0 and not imported,
                silent=silent,
            )
            cell.values_ns += _values(row, about)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _About:
    """What a row's value depends on beside the row."""

    metric: Metric
    by_kernel: bool
    imported: bool
    warm: bool
    silent: bool


def _values(row: dict[str, Any], about: _About) -> Iterator[float]:
    if row["failure"] is not None:
        if _is_longer(row, about):
            yield float("inf")
        return
    value = _value(row, about)
    if value is not None:
        yield float(value)


def _is_longer(row: dict[str, Any], about: _About) -> bool:
    metric, cold = about.metric, row["exchange"] == 0
    kinds = _TIMEOUTS if about.imported else _LONGER[metric]
    phase = Metric.CONNECT if about.silent else Metric.FIRST_BYTE
    if row["failure"] not in {kind.value for kind in kinds}:
        return False
    if about.imported and metric is not phase:
        return False
    if metric is Metric.FIRST_BYTE:
        return row["first_byte_ns"] is None and (cold or about.warm)
    return bool(cold)


def _value(row: dict[str, Any], about: _About) -> int | None:
    cold = row["exchange"] == 0
    if about.metric is Metric.FIRST_BYTE:
        return row["first_byte_ns"] if cold != about.warm else None
    if not cold:
        return None
    if about.metric is Metric.TLS:
        return cast("int | None", row["tls_ns"])
    if (row["syn_retransmits"] or 0) > 0:
        return None
    if not about.by_kernel:
        return cast("int | None", row["connect_ns"])
    rtt_us = row["connect_rtt_us"]
    return None if rtt_us is None else rtt_us * 1_000


def _has_kernel_connect(row: dict[str, Any]) -> bool:
    resent = (row["syn_retransmits"] or 0) > 0
    usable = row["failure"] is None and row["exchange"] == 0 and not resent
    return usable and row["connect_rtt_us"] is not None


def _series(row: dict[str, Any]) -> tuple[object, ...]:
    return (row["target_id"], row["family"], row["replica"])


def _key(result: ResultSet, row: dict[str, Any], query: Query) -> CellKey:
    target = next(t for t in result.rows_used if t.target_id == row["target_id"])
    at = datetime.fromtimestamp(row["wall_ns"] // NS_PER_S, tz=UTC)
    facts = {
        By.VANTAGE: result.manifest.run.vantage.name,
        By.PROVIDER: target.region.provider,
        By.REGION: target.region.region_id,
        By.TARGET: row["target_id"],
        By.FAMILY: row["family"],
        By.REPLICA: row["replica"],
        By.DAY: at.date().isoformat(),
        By.HOUR: at.hour,
        By.RUN: result.manifest.run.run_id,
    }
    return tuple(facts[one] for one in query.by)
