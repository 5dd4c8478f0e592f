"""How far a figure of a run may be from the truth, by the calibration of its machine.

A bound is chosen, never computed from the run itself. It is the worst of the rows that
fit: of the phase, of the clock, of the least load calibrated that is no less than the
run's, and of the two delays calibrated between which the figure lies (of the last one,
beyond them), all delays together included, since a single delay may have few exchanges.
19 of 20 single exchanges under such a load were no further off; a median of several is
nearer still. A load beyond all that were calibrated has no bound.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from cloudgauge.analysis.series import WordCount
from cloudgauge.analysis.summary import SeriesSummary
from cloudgauge.model.calibration import (
    CONNECT,
    FIRST_BYTE,
    LOADS_PER_S,
    Calibration,
    PhaseError,
)
from cloudgauge.model.plan import Plan
from cloudgauge.model.quantity import NS_PER_MS, NS_PER_S
from cloudgauge.model.sample import ClockKind
from cloudgauge.store.manifest import Manifest
from cloudgauge.workflow.calibration_view import made_text

# A clock that ended fewer of the exchanges does not move their median.
_COUNTING_SHARE = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """The error bounds of a series' medians; None where there is none."""

    connect_ms: float | None
    first_byte_ms: float | None


NO_BOUNDS = Bounds(connect_ms=None, first_byte_ms=None)


def bounds_of(
    calibration: Calibration | None, plan: Plan, series: SeriesSummary
) -> Bounds:
    """The bounds of the medians of connect and of the warm requests' first byte."""
    targets = None if calibration is None else load_of(plan)
    if calibration is None or targets is None:
        return NO_BOUNDS
    rows = calibration.errors
    by = ClockKind.KERNEL if series.connect_by_kernel else ClockKind.USER
    return Bounds(
        connect_ms=_bound_ms(
            rows, CONNECT, (by,), targets=targets, at_ms=series.connect.p50_ms
        ),
        first_byte_ms=_bound_ms(
            rows,
            FIRST_BYTE,
            _clocks(series.clocks),
            targets=targets,
            at_ms=series.first_byte_warm.p50_ms,
        ),
    )


def bound_notes(manifests: Sequence[Manifest]) -> Iterator[str]:
    """Say where the bounds of sets come from, or why there are none.

    A set of downloads alone has no figure that one stands beside.
    """
    manifests = [manifest for manifest in manifests if manifest.plan.targets]
    known = {one for manifest in manifests if (one := manifest.run.calibration)}
    made = {made_text(one) for one in known}
    if made:
        yield (
            f"± is the error bound by the calibration of {' and '.join(sorted(made))}: "
            "under such a load 19 of 20 single exchanges were no further from the truth"
        )
    yield from sorted({f"calibration: {one.limits}" for one in known if one.limits})
    without = sum(manifest.run.calibration is None for manifest in manifests)
    if without:
        which = "" if len(manifests) == 1 else f"{without} of {len(manifests)} sets: "
        yield (
            f"{which}not calibrated; cloudgauge calibrate, on the machine that "
            "measures, gives later runs an error bound beside each p50"
        )
    beyond = [
        manifest.plan
        for manifest in manifests
        if manifest.run.calibration is not None and load_of(manifest.plan) is None
    ]
    if beyond:
        most = max(LOADS_PER_S.values())
        yield (
            f"visits came faster than the {most:g} a second that a calibration has: "
            f"no error bound for {', '.join(sorted({plan.name for plan in beyond}))}"
        )


def load_of(plan: Plan) -> int | None:
    """The calibrated load, in targets, that is no less than a plan's; None if none is.

    It goes by visits a second: targets that are not being visited cost nothing. A plan
    of one series is visited one visit at a time.
    """
    if plan.series_count <= 1:
        return 1
    rate_per_s = plan.series_count / (plan.pacing.round_ns / NS_PER_S)
    fitting = [load for load, most in LOADS_PER_S.items() if rate_per_s <= most]
    return min(fitting, default=None)


def _clocks(words: Sequence[WordCount]) -> tuple[ClockKind, ...]:
    """The clocks that ended a share of the exchanges that counts."""
    total = sum(item.count for item in words)
    return tuple(
        ClockKind(item.word) for item in words if item.count >= _COUNTING_SHARE * total
    )


def _bound_ms(
    rows: Sequence[PhaseError],
    phase: str,
    clocks: Iterable[ClockKind],
    *,
    targets: int,
    at_ms: float | None,
) -> float | None:
    """The worst over all *clocks*; None if one of them has not been calibrated."""
    if at_ms is None:
        return None
    bounds_ns = [
        _bound_ns(_of_clock(rows, phase, clock), targets, round(at_ms * NS_PER_MS))
        for clock in clocks
    ]
    known_ns = [bound_ns for bound_ns in bounds_ns if bound_ns is not None]
    if not known_ns or len(known_ns) < len(bounds_ns):
        return None
    return max(known_ns) / NS_PER_MS


def _of_clock(
    rows: Iterable[PhaseError], phase: str, clock: ClockKind
) -> list[PhaseError]:
    # A bound of the kernel's lies between its stamp of the first segment and the
    # moment when the program reads: it is off by no more than the program's clock.
    meant = ClockKind.USER if clock is ClockKind.KERNEL_BOUND else clock
    return [row for row in rows if row.phase == phase and row.clock is meant]


def _bound_ns(rows: Iterable[PhaseError], targets: int, at_ns: int) -> int | None:
    heavy = [row for row in rows if row.targets >= targets]
    load = min((row.targets for row in heavy), default=None)
    there = [row for row in heavy if row.targets == load]
    delays_ns = [row.delay_ns for row in there if row.delay_ns is not None]
    below = max((one for one in delays_ns if one <= at_ns), default=None)
    above = min((one for one in delays_ns if one >= at_ns), default=None)
    fitting = [row for row in there if row.delay_ns in (None, below, above)]
    return max((row.bound_ns for row in fitting), default=None)
