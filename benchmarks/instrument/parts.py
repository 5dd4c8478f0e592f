"""The parts of the benchmark that each make a network, or a server, of their own."""

import json
import shutil
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from benchmarks.instrument.calibrated import (
    calibrate_here,
    calibration_findings,
    hold_bounds,
)
from benchmarks.instrument.locating import cast
from benchmarks.instrument.locating.findings import location_findings
from benchmarks.instrument.locating.running import measure_from_vantages, verdicts_of
from benchmarks.instrument.report import Findings
from benchmarks.instrument.shaped.buckets import bucket_findings, bucket_trials
from benchmarks.instrument.shaped.links import link_findings, link_trials
from benchmarks.instrument.shaped.running import run_trials
from benchmarks.instrument.shaped.trial import PEER
from benchmarks.instrument.stages import Part
from benchmarks.instrument.throughput.findings import (
    download_findings,
    no_download_findings,
)
from benchmarks.instrument.throughput.object_host import NoObjectHost
from benchmarks.instrument.throughput.rates import GIB, measure_rates
from cloudgauge.catalog.loader import load_catalog

# Each client is first as often as it is last.
_GIB, _REPEATS = 4, 4
_QUICK_GIB, _QUICK_REPEATS = 1, 2


def run_part(part: Part, folder: Path, *, quick: bool) -> Findings:
    """Carry out one of `PARTS`; what it leaves is put into *folder*, which is empty.

    Raises:
        WorldError: There can be no private network here, or a run broke down.
    """
    return PARTS[part](folder, quick)


def _download(folder: Path, quick: bool) -> Findings:  # noqa: FBT001  one of `PARTS`
    gib, repeats = (_QUICK_GIB, _QUICK_REPEATS) if quick else (_GIB, _REPEATS)
    size_bytes = gib * GIB
    try:
        with (folder / "turns.jsonl").open("w", encoding="utf-8") as log:
            rates = measure_rates(
                size_bytes=size_bytes,
                repeats=repeats,
                note=lambda turn: print(json.dumps(asdict(turn)), file=log, flush=True),
            )
    except NoObjectHost as exc:
        return no_download_findings(exc)
    return download_findings(rates, size_bytes=size_bytes)


def _links(folder: Path, quick: bool) -> Findings:  # noqa: FBT001  one of `PARTS`
    outcomes = run_trials(link_trials(quick=quick), folder)
    return link_findings(outcomes, has_peer=_has_peer())


def _bucket(folder: Path, quick: bool) -> Findings:  # noqa: FBT001  one of `PARTS`
    outcomes = run_trials(bucket_trials(quick=quick), folder)
    return bucket_findings(outcomes, has_peer=_has_peer())


def _locate(folder: Path, quick: bool) -> Findings:  # noqa: FBT001  one of `PARTS`
    size = cast.QUICK if quick else cast.WHOLE
    playing = cast.cast_of(load_catalog(()).targets, size)
    sets = measure_from_vantages(playing, size.rounds, folder)
    alone = {
        vantage.name: verdicts_of((place,))
        for vantage, place in zip(cast.VANTAGES, sets, strict=True)
    }
    return location_findings(playing, verdicts_of(sets), alone)


def _calibrate(folder: Path, quick: bool) -> Findings:  # noqa: FBT001  one of `PARTS`
    timed = calibrate_here(folder, quick=quick)
    held = hold_bounds(timed.calibration, folder, quick=quick)
    return calibration_findings(timed, held)


def _has_peer() -> bool:
    return shutil.which(PEER) is not None


PARTS: dict[Part, Callable[[Path, bool], Findings]] = {
    Part.DOWNLOAD: _download,
    Part.LINKS: _links,
    Part.BUCKET: _bucket,
    Part.LOCATE: _locate,
    Part.CALIBRATE: _calibrate,
}
"""What `run_part` can carry out, in the order in which it is shown."""
