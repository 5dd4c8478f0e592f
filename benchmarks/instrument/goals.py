"""The rows of the report: figures, their goals, and what peers came to; pure."""

from collections.abc import Callable, Iterator, Sequence

from benchmarks.instrument.figures import Spread, knee, slope
from benchmarks.instrument.outcome import Outcome
from benchmarks.instrument.report import Row
from benchmarks.instrument.sides import LABELS
from benchmarks.instrument.stages import CPU_WARM, Part, ProberName

_FIRST_BYTE_P50_MS = 0.4
_FIRST_BYTE_P99_MS = 3.0
_CONNECT_P99_MS = 0.5
_LATENESS_P99_MS = 20.0
_SLOPE_MS = 0.002
_PEER_RATIO = 1.0
# From this load on, a tenth of the peer's error is expected.
_FAR_AHEAD_FROM_PER_S = 120.0
_FAR_AHEAD_RATIO = 0.1
_COLD_CPU_RATIO = 1.0
_WARM_CPU_RATIO = 2.0
_MEMORY_MIB = 120.0
_SAMPLE_BYTES = 32.0
_START_UP_S = 0.15
_MIB = 2**20


def rows_of(outcomes: Sequence[Outcome]) -> tuple[Row, ...]:
    """Every figure that the stages that were run can give."""
    return (
        *_steady_rows(outcomes),
        *_slope_rows(outcomes),
        *_cold_rows(outcomes),
        *_cpu_rows(outcomes),
    )


def size_row(bytes_per_sample: float, samples: int) -> Row:
    """The row of a sealed set's weight."""
    return Row(
        figure="sealed set, bytes a sample, every file",
        load=f"{samples:,} samples",
        value=bytes_per_sample,
        unit="B",
        goal=_SAMPLE_BYTES,
    )


def start_up_row(seconds: float) -> Row:
    """The row of the time that asking for help takes."""
    return Row(
        figure="`cloudgauge --help` beyond `python -c pass`",
        load="",
        value=seconds,
        unit="s",
        goal=_START_UP_S,
    )


def missing_row(program: str, package: str) -> Row:
    """A row that says that a peer is not installed."""
    return Row(
        figure=f"{program}",
        load="",
        value=None,
        unit="",
        note=f"{program} is not installed here (Debian package {package}).",
    )


def _steady_rows(outcomes: Sequence[Outcome]) -> Iterator[Row]:
    found = _find(outcomes, Part.STEADY)
    ours, peer = found(ProberName.OWN, None), found(ProberName.BLACKBOX, None)
    if ours is None:
        return
    load = ours.stage.load.name
    for quantity, which, goal in (
        ("first_byte", "p50", _FIRST_BYTE_P50_MS),
        ("first_byte", "p99", _FIRST_BYTE_P99_MS),
        ("connect", "p99", _CONNECT_P99_MS),
    ):
        yield Row(
            figure=f"{LABELS[quantity]}, error {which}",
            load=load,
            value=_of(ours.error_ms(quantity), which),
            unit="ms",
            peer=ProberName.BLACKBOX if peer else "",
            peer_value=_of(peer.error_ms(quantity), which) if peer else None,
            goal=goal,
        )
    yield Row(
        figure="lateness p99",
        load=load,
        value=_of(ours.lateness_ms, "p99"),
        unit="ms",
        goal=_LATENESS_P99_MS,
    )
    yield Row(
        figure="peak memory of the process that probes",
        load=load,
        value=ours.peak_bytes / _MIB,
        unit="MiB",
        peer=ProberName.BLACKBOX if peer else "",
        peer_value=peer.peak_bytes / _MIB if peer else None,
        goal=_MEMORY_MIB,
        note=(
            "The largest process of a run, the one that seals and shows the set once "
            f"probing is over included, held {ours.tree_peak_bytes / _MIB:.0f} MiB."
        ),
    )


def _slope_rows(outcomes: Sequence[Outcome]) -> Iterator[Row]:
    points = [
        (float(outcome.stage.load.targets), error.p50)
        for outcome in outcomes
        if outcome.stage.part is Part.TARGETS
        and (error := outcome.error_ms("first_byte")) is not None
    ]
    if len(points) < 2:
        return
    counts = [f"{targets:g}" for targets, _ in points]
    yield Row(
        figure="slope of the first byte's p50 error, per target",
        load=f"{', '.join(counts)} targets, a visit every 5 s each, 4 warm",
        value=slope(points),
        unit="ms",
        goal=_SLOPE_MS,
    )


def _cold_rows(outcomes: Sequence[Outcome]) -> Iterator[Row]:
    cold = [outcome for outcome in outcomes if outcome.stage.part is Part.COLD]
    found = _find(cold, Part.COLD)
    rates = sorted({outcome.stage.load.visits_per_s for outcome in cold})
    for rate_per_s in rates:
        ours = found(ProberName.OWN, rate_per_s)
        peer = found(ProberName.BLACKBOX, rate_per_s)
        if ours is None:
            continue
        far = rate_per_s >= _FAR_AHEAD_FROM_PER_S
        yield Row(
            figure="first byte, error p99",
            load=ours.stage.load.name,
            value=_of(ours.error_ms("first_byte"), "p99"),
            unit="ms",
            peer=ProberName.BLACKBOX if peer else "",
            peer_value=_of(peer.error_ms("first_byte"), "p99") if peer else None,
            goal=_FAR_AHEAD_RATIO if far else _PEER_RATIO,
            goal_is_ratio=True,
        )
    for name, bound_ms, figure_of in (
        ("first byte's p99 error", _FIRST_BYTE_P99_MS, _first_byte_of),
        ("p99 of first packets' delay", _LATENESS_P99_MS, _first_packet_of),
    ):
        if rates:
            yield _knee_row(cold, f"{name} passes {bound_ms:g} ms", bound_ms, figure_of)


def _first_byte_of(outcome: Outcome) -> Spread | None:
    return outcome.error_ms("first_byte")


def _first_packet_of(outcome: Outcome) -> Spread | None:
    return outcome.first_packet_ms


def _knee_row(
    cold: Sequence[Outcome],
    name: str,
    bound_ms: float,
    figure_of: Callable[[Outcome], Spread | None],
) -> Row:
    """The load at which a p99 passes a bound; a note where it never does."""
    knees: dict[ProberName, float | None] = {}
    notes = []
    for prober in (ProberName.OWN, ProberName.BLACKBOX):
        steps = [
            (outcome.stage.load.visits_per_s, spread.p99)
            for outcome in cold
            if outcome.stage.prober is prober
            and (spread := figure_of(outcome)) is not None
        ]
        if steps:
            knees[prober] = knee(steps, bound_ms)
            if knees[prober] is None:
                notes.append(
                    f"{prober}: the {name} at none of the loads up to "
                    f"{steps[-1][0]:g} cold visits a second."
                )
    return Row(
        figure=f"knee: {name}",
        load=f"{cold[0].stage.load.targets} targets, cold visits",
        value=knees.get(ProberName.OWN),
        unit="visits/s",
        peer=ProberName.BLACKBOX if ProberName.BLACKBOX in knees else "",
        peer_value=knees.get(ProberName.BLACKBOX),
        note=" ".join(notes),
    )


def _cpu_rows(outcomes: Sequence[Outcome]) -> Iterator[Row]:
    cold = _find(outcomes, Part.COLD)
    rates = sorted(
        {
            outcome.stage.load.visits_per_s
            for outcome in outcomes
            if outcome.stage.part is Part.COLD
        }
    )
    for rate_per_s in rates[:2]:
        ours = cold(ProberName.OWN, rate_per_s)
        peer = cold(ProberName.BLACKBOX, rate_per_s)
        if ours and peer:
            yield Row(
                figure="CPU of a cold HTTPS visit",
                load=ours.stage.load.name,
                value=ours.cpu_ms,
                unit="ms",
                peer=ProberName.BLACKBOX,
                peer_value=peer.cpu_ms,
                goal=_COLD_CPU_RATIO,
                goal_is_ratio=True,
            )
    ours_ms = _warm_cpu_ms(outcomes, ProberName.OWN)
    bare_ms = _warm_cpu_ms(outcomes, ProberName.BARE)
    if ours_ms is not None:
        yield Row(
            figure="CPU of a warm request",
            load=f"200 targets, 50 visits/s, {CPU_WARM} warm less none",
            value=ours_ms,
            unit="ms",
            peer=ProberName.BARE,
            peer_value=bare_ms,
            goal=_WARM_CPU_RATIO,
            goal_is_ratio=True,
        )


def _warm_cpu_ms(outcomes: Sequence[Outcome], prober: ProberName) -> float | None:
    by_warm = {
        outcome.stage.load.warm_requests: outcome.cpu_ms
        for outcome in outcomes
        if outcome.stage.part is Part.CPU and outcome.stage.prober is prober
    }
    none_ms, many_ms = by_warm.get(0), by_warm.get(CPU_WARM)
    if none_ms is None or many_ms is None:
        return None
    return (many_ms - none_ms) / CPU_WARM


def _find(
    outcomes: Sequence[Outcome], part: Part
) -> Callable[[ProberName, float | None], Outcome | None]:
    def find(prober: ProberName, rate_per_s: float | None) -> Outcome | None:
        for outcome in outcomes:
            stage = outcome.stage
            fits = rate_per_s is None or stage.load.visits_per_s == rate_per_s
            if stage.part is part and stage.prober is prober and fits:
                return outcome
        return None

    return find


def _of(spread: Spread | None, which: str) -> float | None:
    if spread is None:
        return None
    return {"p50": spread.p50, "p99": spread.p99}[which]
