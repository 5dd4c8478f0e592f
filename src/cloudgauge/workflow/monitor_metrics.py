"""A monitor's metrics: what its probes came to, and how it fares itself."""

from collections.abc import Iterator
from dataclasses import dataclass

from cloudgauge import __version__
from cloudgauge.report.openmetrics import (
    Family,
    Labels,
    MetricKind,
    Number,
    seconds_text,
    to_openmetrics,
)
from cloudgauge.report.probe_metrics import probe_families
from cloudgauge.workflow.monitor_counts import MonitorCounts


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitorFacts:
    """Which monitor it is.

    Attributes:
        plan_hash: SHA-256 of its plan, hexadecimal.
        simulated: It measures a private network.
        stale_ns: Without a sample for so long it is out of date.
    """

    vantage: str
    plan_hash: str
    simulated: bool
    stale_ns: int


@dataclass(slots=True, kw_only=True)
class MonitorState:
    """How a monitor fares; changes as it goes on.

    Attributes:
        started_wall_ns: UTC since 1970.
        parts: Parts that were begun.
        passes: Passes that kept house, failed ones too.
        passes_failed: Those that failed.
        pruned: Sets that went.
        sealed_wall_ns: When a set was last sealed and folded; None before.
        sets: Sealed sets that are there.
        sets_bytes: What they take.
        journals_bytes: What parts take that are not sealed.
        record_bytes: What the long-term record takes.
        free_bytes: Left on the disk.
        problems: Sets that the last pass could not seal or fold.
        waiting: Nothing is measured until the disk has room again.
        failed: The last pass failed.
    """

    started_wall_ns: int
    parts: int = 0
    passes: int = 0
    passes_failed: int = 0
    pruned: int = 0
    sealed_wall_ns: int | None = None
    sets: int = 0
    sets_bytes: int = 0
    journals_bytes: int = 0
    record_bytes: int = 0
    free_bytes: int = 0
    problems: int = 0
    waiting: bool = False
    failed: bool = False


def health_problem(
    facts: MonitorFacts, state: MonitorState, counts: MonitorCounts, now_wall_ns: int
) -> str:
    """What is wrong with a monitor, in a few words; "" for nothing."""
    newest_ns = max(counts.newest_wall_ns or 0, state.started_wall_ns)
    if state.waiting:
        return "the disk is full: nothing is measured"
    if now_wall_ns - newest_ns > facts.stale_ns:
        return f"no sample for {(now_wall_ns - newest_ns) // 10**9} s"
    if state.failed:
        return "the last pass could not seal, fold or prune"
    return "" if not state.problems else f"{state.problems} sets cannot be folded"


def metrics_text(
    facts: MonitorFacts, state: MonitorState, counts: MonitorCounts, now_wall_ns: int
) -> Iterator[str]:
    """The lines of the exposition."""
    yield from to_openmetrics(
        (
            *_about_monitor(facts, state, counts, now_wall_ns),
            *probe_families(counts.series()),
            Family(
                name="cloudgauge_probe_last_success_timestamp_seconds",
                kind=MetricKind.GAUGE,
                unit="seconds",
                about="When the last visit that was answered began; none without one.",
                numbers=tuple(
                    Number(labels=labels, text=seconds_text(wall_ns))
                    for labels, wall_ns in counts.answered()
                ),
            ),
        )
    )


def _about_monitor(
    facts: MonitorFacts, state: MonitorState, counts: MonitorCounts, now_wall_ns: int
) -> Iterator[Family]:
    vantage = (("vantage", facts.vantage),)
    yield Family(
        name="cloudgauge_monitor",
        kind=MetricKind.INFO,
        unit="",
        about="Which monitor this is.",
        numbers=(
            Number(
                labels=(
                    *vantage,
                    ("plan_hash", facts.plan_hash),
                    ("network", "simulated" if facts.simulated else "real"),
                    ("version", __version__),
                ),
                text="1",
            ),
        ),
    )
    healthy = not health_problem(facts, state, counts, now_wall_ns)
    yield _gauge("healthy", "", "1 if /health says ok, else 0.", int(healthy), vantage)
    yield from _times(state, counts, vantage)
    yield from _totals(state, counts, vantage)
    yield _gauge("sets", "", "Sealed sets that are there.", state.sets, vantage)
    yield _gauge("problems", "", "Sets not to be folded.", state.problems, vantage)
    yield _disk(state, vantage)
    free = state.free_bytes
    yield _gauge("disk_free_bytes", "bytes", "Left on the disk.", free, vantage)


def _times(
    state: MonitorState, counts: MonitorCounts, labels: Labels
) -> Iterator[Family]:
    for name, about, wall_ns in (
        ("start", "When the monitor started", state.started_wall_ns),
        ("last_sample", "When the newest sample was sent", counts.newest_wall_ns),
        ("last_seal", "When a part was last sealed and folded", state.sealed_wall_ns),
    ):
        yield Family(
            name=f"cloudgauge_monitor_{name}_timestamp_seconds",
            kind=MetricKind.GAUGE,
            unit="seconds",
            about=f"{about}, UTC since 1970-01-01.",
            numbers=()
            if wall_ns is None
            else (Number(labels=labels, text=seconds_text(wall_ns)),),
        )


def _totals(
    state: MonitorState, counts: MonitorCounts, labels: Labels
) -> Iterator[Family]:
    for name, about, count in (
        ("samples", "Samples since the monitor started.", counts.samples),
        ("parts", "Parts that were begun.", state.parts),
        ("passes", "Passes that seal, fold and prune; failed ones too.", state.passes),
        ("passes_failed", "Passes that failed.", state.passes_failed),
        ("sets_pruned", "Result sets that were let go.", state.pruned),
    ):
        yield Family(
            name=f"cloudgauge_monitor_{name}",
            kind=MetricKind.COUNTER,
            unit="",
            about=about,
            numbers=(Number(labels=labels, text=str(count)),),
        )


def _gauge(name: str, unit: str, about: str, number: int, labels: Labels) -> Family:
    return Family(
        name=f"cloudgauge_monitor_{name}",
        kind=MetricKind.GAUGE,
        unit=unit,
        about=about,
        numbers=(Number(labels=labels, text=str(number)),),
    )


def _disk(state: MonitorState, labels: Labels) -> Family:
    return Family(
        name="cloudgauge_monitor_disk_bytes",
        kind=MetricKind.GAUGE,
        unit="bytes",
        about="What sealed sets, unsealed journals and the long-term record take.",
        numbers=tuple(
            Number(labels=(*labels, ("of", of)), text=str(count))
            for of, count in (
                ("sets", state.sets_bytes),
                ("journals", state.journals_bytes),
                ("record", state.record_bytes),
            )
        ),
    )
