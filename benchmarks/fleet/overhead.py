"""Does the engine beside a prober disturb what it measures?

One vantage of a lab measures the same plan again and again, in turn by itself and as a
share of a fleet's campaign: with a worker of the engine beside it that tells how it
goes, seals each part while the next one is measured, and delivers it. What was reported
is held against what the delay line's log says of the very same exchanges. Run it from
the repository's top folder: ``python -m benchmarks.fleet.overhead``.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.fleet.campaign import Campaign
from benchmarks.fleet.errors import LABELS, Compared, compare
from benchmarks.fleet.lab import Lab
from benchmarks.fleet.scene import Scene
from benchmarks.instrument.calibrated import calibrate_here
from benchmarks.instrument.figures import Spread, spread_of
from benchmarks.instrument.machine import describe_machine
from cloudgauge.analysis.known_errors import Reading, readings_of
from cloudgauge.model.calibration import Calibration
from cloudgauge.model.quantity import NS_PER_S
from cloudgauge.store.merged import found_sets
from cloudgauge.store.resultset import ResultSet
from cloudgauge.world.truth import TruthTable, read_truth

# 25 visits a second: the load at which calibrations have their fifty targets.
CALIBRATED_TARGETS = 50
SCENE = Scene(
    vantages=1, targets=250, rounds=3, round_ns=10 * NS_PER_S, warm_requests=4
)
_LIMIT_S = 900.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """Result sets that were measured without the engine, and with it."""

    alone: tuple[Path, ...]
    beside: tuple[Path, ...]
    truth: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What both came to."""

    compared: tuple[Compared, ...]
    late_alone_ms: Spread | None
    late_beside_ms: Spread | None


def measure(folder: Path, turns: int) -> Sides:
    """Measure so many times each way, in turn.

    Raises:
        WorldError: There can be no private network here.
        RuntimeError: A run failed; with what it said.
    """
    campaigns = [
        Campaign(SCENE, folder / f"campaign-{turn}", part_rounds=1)
        for turn in range(turns)
    ]
    alone = []
    with Lab(campaigns[0].written.lab, folder / "lab") as lab:
        for turn, campaign in enumerate(campaigns, 1):
            print(f"turn {turn} of {turns}: alone", file=sys.stderr)
            alone.append(_measure_alone(lab, campaign))
            print(f"turn {turn} of {turns}: in a fleet", file=sys.stderr)
            _measure_beside(lab, campaign)
        (name,) = SCENE.names
        truth = lab.truth(name)
    beside = tuple(one.results(name) for one in campaigns)
    return Sides(alone=tuple(alone), beside=beside, truth=truth)


def _measure_alone(lab: Lab, campaign: Campaign) -> Path:
    (name,) = SCENE.names
    results = campaign.folder / "alone"
    # All in one part: nothing is sealed while it measures.
    run = lab.vantages[name].cloudgauge(
        "run", str(campaign.written.plan),
        "--targets", str(campaign.written.targets),
        "--results", str(results), "--quiet",
    )  # fmt: skip
    if run.wait(_LIMIT_S):
        raise RuntimeError(run.text)
    return results


def _measure_beside(lab: Lab, campaign: Campaign) -> None:
    campaign.found(lab.centre.address)
    scheduler = campaign.start_scheduler(lab)
    (name,) = SCENE.names
    worker = campaign.start_worker(lab, name)
    for process in (scheduler, worker):
        if process.wait(_LIMIT_S):
            raise RuntimeError(process.text)


def judge(sides: Sides, calibration: Calibration | None) -> Found:
    """Hold what was reported against the truth."""
    truth = read_truth(sides.truth)
    return Found(
        compared=compare(
            _readings(sides.alone, truth),
            _readings(sides.beside, truth),
            calibration,
            CALIBRATED_TARGETS,
        ),
        late_alone_ms=spread_of(list(_lateness_ms(sides.alone))),
        late_beside_ms=spread_of(list(_lateness_ms(sides.beside))),
    )


def _readings(places: tuple[Path, ...], truth: TruthTable) -> Iterator[Reading]:
    for folder in found_sets(places):
        yield from readings_of(ResultSet.open(folder), truth)


def _lateness_ms(places: tuple[Path, ...]) -> Iterator[float]:
    for folder in found_sets(places):
        table = ResultSet.open(folder).table(("exchange", "sent_ns", "due_ns"))
        for row in table.to_pylist():
            if row["exchange"] == 0:
                yield (row["sent_ns"] - row["due_ns"]) / 1e6


def to_markdown(found: Found, turns: int) -> str:
    """The table, and what it is of."""
    rate = SCENE.targets / (SCENE.round_ns / NS_PER_S)
    lines = [
        f"{turns} runs each way, in turn, of {SCENE.targets} targets at {rate:g}"
        f" visits/s with {SCENE.warm_requests} warm requests, {SCENE.seconds:g} s each."
        " Beside the prober: a worker of the engine, and, while the next part is"
        " measured, the sealing and delivery of the last one. Errors are reported less"
        " true time, by the kernel's clock. The calibration's error is what 19 of 20 of"
        " its exchanges were within, so that a p99 has none.",
        "",
        "| phase | of the errors | n alone | n in a fleet | alone µs "
        "| in a fleet µs | overhead µs | calibration's error µs | below it |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |",
        *map(_row, found.compared),
        "",
        f"Visits began late, ms: alone {_spread(found.late_alone_ms)}; in a fleet "
        f"{_spread(found.late_beside_ms)}.",
        "",
    ]
    return "\n".join(lines)


def _row(one: Compared) -> str:
    bound = "-" if one.bound_us is None else f"{one.bound_us:.1f}"
    met = "-" if one.met is None else "yes" if one.met else "**no**"
    return (
        f"| {LABELS[one.phase]} | {one.quantile} | {one.count_alone:,} "
        f"| {one.count_beside:,} | {one.alone_us:.1f} | {one.beside_us:.1f} "
        f"| {one.overhead_us:+.1f} | {bound} | {met} |"
    )


def _spread(spread: Spread | None) -> str:
    if spread is None:
        return "-"
    return f"p50 {spread.p50:.2f}, p99 {spread.p99:.2f}, max {spread.most:.2f}"


def main(arguments: list[str]) -> int:
    """Print the table; 1 if the engine adds more than the calibration's error."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.fleet.overhead",
        description=(__doc__ or "").partition("\n")[0],
    )
    parser.add_argument("--turns", type=int, default=4, help="runs each way [4]")
    parser.add_argument("-o", "--output", type=Path, help="write the table there")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="cloudgauge-overhead-") as name:
        folder = Path(name)
        calibration = calibrate_here(folder, quick=True).calibration
        found = judge(measure(folder, options.turns), calibration)
    head = f"# Does the engine disturb the prober?\n\n{describe_machine()}\n\n"
    text = head + to_markdown(found, options.turns)
    if options.output is None:
        print(text, end="")
    else:
        options.output.write_text(text, encoding="utf-8")
    return int(any(one.met is False for one in found.compared))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
