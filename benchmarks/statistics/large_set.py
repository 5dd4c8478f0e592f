"""A sound result set of millions of samples, made of drawn columns in seconds.

A journal would take ten minutes to write as many. The columns are drawn with as much
noise as measured ones have, so they are no easier to unpack.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from benchmarks.instrument.load import Load, plan_of, rtt_ms
from benchmarks.instrument.size import made_up_run
from cloudgauge.model.plan import Pacing, Plan
from cloudgauge.model.run import RunInfo, RunOutcome, StopReason
from cloudgauge.model.sample import FailureKind
from cloudgauge.store.checksums import checksums_text
from cloudgauge.store.folder import (
    CHECKSUMS,
    CITATION,
    DATA_PACKAGE,
    MANIFEST,
    TARGETS,
    new_folder,
    samples_name,
    sha256_of,
)
from cloudgauge.store.manifest import Counts, FailureCount, Manifest, to_json
from cloudgauge.store.package import SealedFile, citation, data_package
from cloudgauge.store.schema import COLUMNS, SAMPLES, Kind
from cloudgauge.store.seal import used_rows
from cloudgauge.store.table import BATCH_ROWS, REPEATED, schema_of, write_parquet

_TARGETS = 200
_EXCHANGES = 5
_FAILED_SHARE = 0.005
_ROUND_NS = 5_000_000_000
_SEED = 1
_DTYPES = {Kind.INT32: np.int32, Kind.INT64: np.int64, Kind.BOOL: np.bool_}

_Cells = NDArray[Any]


def make_large_set(parent: Path, samples: int) -> Path:
    """A sealed set of 200 targets and at least so many samples.

    Args:
        parent: Where its folder is made.
        samples: At least 1,000; filled up to whole rounds.
    """
    rounds = -(-samples // (_TARGETS * _EXCHANGES))
    load = Load(targets=_TARGETS, visits_per_s=40, warm_requests=4, seconds=5)
    plan = replace(plan_of(load), pacing=Pacing(rounds=rounds, round_ns=_ROUND_NS))
    return keep_drawn_set(parent, plan, made_up_run(plan))


def keep_drawn_set(parent: Path, plan: Plan, run: RunInfo, *, turn: int = 0) -> Path:
    """A sealed set of a plan's targets, each with as many exchanges a visit.

    Args:
        parent: Where its folder is made.
        plan: Of visits of latency alone; its targets in the order of their ids.
        run: From where.
        turn: By how many targets the round trips are moved on, and the seed of the
            noise: as another vantage sees them.
    """
    folder = new_folder(parent, run)
    counts = _write_samples(folder, plan, run, turn)
    manifest = Manifest(
        run=run,
        plan=plan,
        counts=counts,
        outcome=RunOutcome(
            ended_wall_ns=run.started_wall_ns + plan.pacing.duration_ns,
            complete=True,
            stop_reason=StopReason.FINISHED,
        ),
    )
    _describe(folder, manifest)
    return folder


def _write_samples(folder: Path, plan: Plan, run: RunInfo, turn: int) -> Counts:
    path = folder / samples_name(run)
    path.parent.mkdir()
    rng = np.random.default_rng(_SEED + turn)
    rounds = plan.pacing.rounds
    failed = 0

    def batches() -> Iterator[pa.RecordBatch]:
        nonlocal failed
        for number, target in enumerate(plan.targets):
            drawn = _columns(number + turn, rounds, rng)
            failed += int(drawn.pop("failed").sum())
            constant = {"run_id": run.run_id, "target_id": target.target_id}
            series = _batch({**drawn, **constant})
            yield from (
                series.slice(at, BATCH_ROWS) for at in range(0, len(series), BATCH_ROWS)
            )

    with path.open("wb") as file:
        write_parquet(
            file, SAMPLES, _rebatched(batches()), run_id=run.run_id, plain=REPEATED
        )
    return Counts(
        samples=len(plan.targets) * rounds * _EXCHANGES,
        visits=len(plan.targets) * rounds,
        failures=(FailureCount(kind=FailureKind.RESPONSE_TIMEOUT, count=failed),),
    )


def _rebatched(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The same rows, all batches full but the last: as the writer wants them."""
    held: list[pa.RecordBatch] = []
    rows = 0
    for batch in batches:
        held.append(batch)
        rows += len(batch)
        if rows >= BATCH_ROWS:
            whole = pa.Table.from_batches(held).combine_chunks().to_batches()[0]
            yield whole.slice(0, BATCH_ROWS)
            held = [whole.slice(BATCH_ROWS)]
            rows -= BATCH_ROWS
    if rows:
        yield pa.Table.from_batches(held).combine_chunks().to_batches()[0]


def _columns(number: int, rounds: int, rng: np.random.Generator) -> dict[str, Any]:
    """What one target's visits saw, in the order of the file."""
    count = rounds * _EXCHANGES
    exchange = np.tile(np.arange(_EXCHANGES), rounds)
    cold = exchange == 0
    rtt_ns = rtt_ms(number) * 1e6

    def visits(values: _Cells) -> _Cells:
        return np.repeat(values, _EXCHANGES)

    def phase(extra_ns: float) -> _Cells:
        return (
            rtt_ns
            + rng.gamma(2, 100_000, count)
            + rng.lognormal(0, 0.5, count) * extra_ns
        )

    due = np.arange(rounds) * _ROUND_NS + rng.integers(0, _ROUND_NS, rounds)
    first_byte = phase(250_000)
    sent = visits(due) + rng.lognormal(13.5, 0.8, count) + exchange * first_byte
    seen_us = first_byte / 1_000 - rng.integers(40, 160, count)
    failed = rng.random(count) < _FAILED_SHARE
    return {
        "failed": failed,
        "replica": np.zeros(count),
        "family": "ipv4",
        "kind": "latency",
        "seq": visits(np.arange(rounds) * _TARGETS + number),
        "round_index": visits(np.arange(rounds)),
        "exchange": exchange,
        "due_ns": visits(due),
        "sent_ns": sent,
        "wall_offset_ns": sent // 10**6 + rng.integers(0, 900, count),
        "resolve_ns": np.ma.array(rng.lognormal(12, 0.6, count), mask=~cold),
        "connect_ns": np.ma.array(phase(300_000), mask=~cold),
        "tls_ns": np.ma.array(phase(1_500_000), mask=~cold),
        "first_byte_ns": np.ma.array(first_byte, mask=failed),
        "body_ns": np.ma.array(rng.lognormal(11, 0.5, count), mask=failed),
        "connect_rtt_us": np.ma.array(seen_us, mask=~cold),
        "rtt_us": seen_us,
        "rttvar_us": rng.integers(50, 5_000, count),
        "min_rtt_us": visits(np.minimum.reduceat(seen_us, np.flatnonzero(cold))),
        "syn_retransmits": np.zeros(count),
        "retransmits": np.zeros(count),
        "remote_address": f"198.18.{number // 250}.{number % 250 + 1}",
        "local_port": visits(rng.integers(32_768, 60_999, rounds)),
        "tls_version": "TLSv1.3",
        "http_version": "HTTP/1.1",
        "status": np.ma.array(np.full(count, 403), mask=failed),
        "body_bytes": np.ma.array(np.full(count, 243), mask=failed),
        "clock": ("kernel", ~failed),
        "wall_stepped": np.zeros(count),
        "loop_lag_ns": visits(rng.lognormal(12, 1, rounds)),
        "failure": (FailureKind.RESPONSE_TIMEOUT.value, failed),
        "failure_detail": ("no answer within 10 s", failed),
        "streams": np.ma.array(np.zeros(count), mask=True),
        "part": ("", np.zeros(count, dtype=np.bool_)),
    }


def _batch(drawn: dict[str, Any]) -> pa.RecordBatch:
    count = len(drawn["exchange"])
    arrays = [_array(drawn[column.name], column.kind, count) for column in COLUMNS]
    return pa.RecordBatch.from_arrays(arrays, schema=schema_of(COLUMNS))


def _array(values: Any, kind: Kind, count: int) -> pa.Array:
    if kind is Kind.STRING:
        word, there = values if isinstance(values, tuple) else (values, None)
        full = pa.array([word], pa.string()).take(pa.array(np.zeros(count, np.int32)))
        return (
            full
            if there is None
            else pa.array(np.where(there, word, None), pa.string())
        )
    mask = np.ma.getmaskarray(values) if isinstance(values, np.ma.MaskedArray) else None
    cells = np.ma.getdata(values)
    if mask is not None:
        cells = np.where(mask, 0, cells)
    return pa.array(cells.astype(_DTYPES[kind]), mask=mask)


def _describe(folder: Path, manifest: Manifest) -> None:
    texts = {
        MANIFEST: to_json(manifest),
        TARGETS: used_rows(manifest.plan),
        CITATION: citation(manifest),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="ascii")
    names = (*texts, samples_name(manifest.run))
    files = tuple(
        SealedFile(
            name=name,
            size_bytes=(folder / name).stat().st_size,
            sha256=sha256_of(folder / name),
        )
        for name in sorted(names)
    )
    package = data_package(manifest, files)
    (folder / DATA_PACKAGE).write_text(package, encoding="ascii")
    sums = {name: sha256_of(folder / name) for name in (*names, DATA_PACKAGE)}
    (folder / CHECKSUMS).write_text(checksums_text(sums), encoding="ascii")
