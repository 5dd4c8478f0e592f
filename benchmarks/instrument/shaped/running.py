"""Runs trials inside one private network, and reads what came of them."""

import json
import sys
from bisect import bisect_right
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.instrument.shaped.inside import (
    RESULTS,
    TARGETS,
    TIMES,
    TRIALS,
    peer_answer_name,
)
from benchmarks.instrument.shaped.outcome import Outcome, Told
from benchmarks.instrument.shaped.trial import (
    PROVIDER,
    Trial,
    peer_bits_per_s,
    scenario_of,
    targets_toml,
    trials_as_rows,
)
from cloudgauge.analysis.throughput import TransferSummary
from cloudgauge.catalog.loader import load_catalog
from cloudgauge.errors import WorldError
from cloudgauge.model.quantity import NS_PER_MS, NS_PER_S
from cloudgauge.workflow.set_figures import SetFigures
from cloudgauge.world.packet_log import PACKETS_NAME, Direction, read_packets
from cloudgauge.world.session import WorldSpec, run_in_world

_TRUTH = "truth"
_STEP_NS = 100 * NS_PER_MS
_BEST_STEPS = 20
# IPv4, and TCP with time stamps.
_HEADS_BYTES = 20 + 32


def run_trials(trials: Sequence[Trial], folder: Path) -> tuple[Outcome, ...]:
    """Carry out trials one after another, ours and the peer's in turns.

    Args:
        trials: Their keys are unique.
        folder: Is empty; everything is left there.

    Raises:
        WorldError: There can be no private network here, or a trial broke down.
    """
    (folder / TRIALS).write_text(json.dumps(trials_as_rows(trials)), encoding="utf-8")
    (folder / TARGETS).write_text(targets_toml(trials), encoding="utf-8")
    catalog = load_catalog((folder / TARGETS,))
    outcome = run_in_world(
        [sys.executable, "-m", "benchmarks.instrument.shaped.inside", str(folder)],
        spec=WorldSpec(
            scenario=scenario_of(trials),
            targets=tuple(t for t in catalog.targets if t.region.provider == PROVIDER),
            objects=tuple(t for t in catalog.objects if t.region.provider == PROVIDER),
        ),
        truth=folder / _TRUTH,
    )
    if outcome.exit_code != 0:
        msg = f"the shaped links' trials ended with exit code {outcome.exit_code}"
        raise WorldError(msg)
    spans = [_times(folder / trial.key) for trial in trials]
    carried = line_bits_per_s(folder / _TRUTH / PACKETS_NAME, spans)
    return tuple(
        one
        for trial, most in zip(trials, carried, strict=True)
        for one in _outcomes(trial, folder / trial.key, most)
    )


def line_bits_per_s(
    packets: Path, spans: Sequence[tuple[int, int]]
) -> tuple[float | None, ...]:
    """What the delay line carried at most towards the client in each span, on the wire.

    Args:
        packets: The line's log.
        spans: Wall clock, one after another, ends left out.

    Returns:
        The rate of the best two seconds, heads of IP and TCP included; None where
        there were none.
    """
    begins = [begun_ns for begun_ns, _ in spans]
    bits = [np.zeros(max(0, end - begin) // _STEP_NS + 1) for begin, end in spans]
    for record in read_packets(packets):
        place = bisect_right(begins, record.out_ns) - 1
        if place < 0 or record.out_ns >= spans[place][1]:
            continue
        if record.direction == Direction.TO_CLIENT and record.payload_bytes:
            step = (record.out_ns - begins[place]) // _STEP_NS
            bits[place][step] += (record.payload_bytes + _HEADS_BYTES) * 8
    return tuple(map(_best, bits))


def _best(bits: NDArray[np.float64]) -> float | None:
    if len(bits) < _BEST_STEPS or not bits.any():
        return None
    sums = np.convolve(bits, np.ones(_BEST_STEPS), "valid")
    return float(sums.max()) / (_BEST_STEPS * _STEP_NS / NS_PER_S)


def _outcomes(trial: Trial, folder: Path, most: float | None) -> list[Outcome]:
    found = {one.streams: one for one in _summaries(folder / RESULTS)}
    return [
        Outcome(
            trial=trial,
            streams=streams,
            told=_told(found.get(streams)),
            peer_bits_per_s=_peer(folder / peer_answer_name(streams)),
            line_bits_per_s=most,
        )
        for streams in trial.streams
    ]


def _summaries(results: Path) -> tuple[TransferSummary, ...]:
    if not results.is_dir():
        return ()
    (place,) = results.iterdir()
    return SetFigures.open(place).transfers


def _told(summary: TransferSummary | None) -> Told | None:
    if summary is None:
        return None
    rate, load = summary.rate, summary.under_load
    point, low, high = (
        None if value is None else value * 8
        for value in (rate.point, rate.low, rate.high)
    )
    return Told(
        bits_per_s=point,
        low_bits_per_s=low,
        high_bits_per_s=high,
        failures=", ".join(failure.word for failure in summary.failures),
        caveats=tuple(caveat.name for caveat in summary.caveats),
        idle_p50_ms=load.idle_p50_ms,
        added_p50_ms=load.added_p50_ms,
    )


def _peer(place: Path) -> float | None:
    if not place.exists():
        return None
    answer: dict[str, Any] = json.loads(place.read_text(encoding="utf-8"))
    return peer_bits_per_s(answer)


def _times(folder: Path) -> tuple[int, int]:
    row = json.loads((folder / TIMES).read_text(encoding="utf-8"))
    return row["begun_ns"], row["ended_ns"]
