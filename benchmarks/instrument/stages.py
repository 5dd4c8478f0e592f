"""Which prober gets which load, one after another: the benchmark's programme."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path

from benchmarks.instrument.load import Load


class ProberName(StrEnum):
    """Who probes."""

    OWN = "cloudgauge"
    BLACKBOX = "blackbox_exporter"
    HTTPING = "httping"
    SHARED_CLIENT = "shared httpx client"
    BARE = "bare httpcore connection"


class Part(StrEnum):
    """A part of the benchmark that can be asked for by itself."""

    STEADY = "steady"
    TARGETS = "targets"
    COLD = "cold"
    CPU = "cpu"
    SIZE = "size"
    START = "start"
    DOWNLOAD = "download"
    LINKS = "links"
    BUCKET = "bucket"
    LOCATE = "locate"
    CALIBRATE = "calibrate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One prober under one load."""

    part: Part
    prober: ProberName
    load: Load

    @property
    def key(self) -> str:
        """A name for its files."""
        load = self.load
        return (
            f"{self.part}-{self.prober.name.lower()}-{load.targets}-"
            f"{load.visits_per_s:g}-{load.warm_requests}"
        )


STEADY_TARGETS = 250
STEADY_PERIOD_S = 5
STEADY_WARM = 4
SLOPE_TARGETS = (1, 50, 200)
COLD_TARGETS = 200
COLD_RATES_PER_S = (50.0, 120.0, 160.0, 200.0, 250.0, 300.0)
QUICK_COLD_RATES_PER_S = (50.0, 120.0, 300.0)
# Peers that are far from the mark at the first of these need no more.
SIMPLE_PEER_RATES_PER_S = (50.0, 120.0)
CPU_RATE_PER_S = 50.0
# Enough that the difference to none stands out of the noise.
CPU_WARM = 8
_COLD_PROBERS = (ProberName.OWN, ProberName.BLACKBOX)
_SIMPLE_PEERS = (ProberName.HTTPING, ProberName.SHARED_CLIENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How long the stages of each part last, in seconds, and how many there are."""

    steady_s: float = 30
    targets_s: float = 25
    cold_s: float = 12
    cpu_s: float = 15
    cold_rates_per_s: tuple[float, ...] = COLD_RATES_PER_S
    simple_peer_rates_per_s: tuple[float, ...] = SIMPLE_PEER_RATES_PER_S

    def lasting(self, seconds: float) -> "Effort":
        """The same stages, each of this length."""
        return replace(
            self, steady_s=seconds, targets_s=seconds, cold_s=seconds, cpu_s=seconds
        )


QUICK = Effort(
    steady_s=10,
    targets_s=10,
    cold_s=5,
    cpu_s=8,
    cold_rates_per_s=QUICK_COLD_RATES_PER_S,
    simple_peer_rates_per_s=(),
)


def programme(
    parts: frozenset[Part], probers: frozenset[ProberName], effort: Effort
) -> tuple[Stage, ...]:
    """Every stage of *parts* for *probers*, in the order they are run.

    Stages with the same load stand next to each other, so that what changes on the
    machine in the course of the benchmark changes for all of them.
    """
    stages = (*_steady(effort), *_targets(effort), *_cold(effort), *_cpu(effort))
    return tuple(
        stage for stage in stages if stage.part in parts and stage.prober in probers
    )


def _steady(effort: Effort) -> Iterator[Stage]:
    for prober in (*_COLD_PROBERS, *_SIMPLE_PEERS):
        # These open a connection for each probe and cannot do otherwise.
        only_cold = prober in {ProberName.BLACKBOX, ProberName.HTTPING}
        load = Load(
            targets=STEADY_TARGETS,
            visits_per_s=STEADY_TARGETS / STEADY_PERIOD_S,
            warm_requests=0 if only_cold else STEADY_WARM,
            seconds=effort.steady_s,
        )
        yield Stage(part=Part.STEADY, prober=prober, load=load)


def _targets(effort: Effort) -> Iterator[Stage]:
    for targets in SLOPE_TARGETS:
        load = Load(
            targets=targets,
            visits_per_s=targets / STEADY_PERIOD_S,
            warm_requests=STEADY_WARM,
            seconds=effort.targets_s,
        )
        yield Stage(part=Part.TARGETS, prober=ProberName.OWN, load=load)


def _cold(effort: Effort) -> Iterator[Stage]:
    for rate_per_s in effort.cold_rates_per_s:
        simple = rate_per_s in effort.simple_peer_rates_per_s
        for prober in (*_COLD_PROBERS, *(_SIMPLE_PEERS if simple else ())):
            load = Load(
                targets=COLD_TARGETS,
                visits_per_s=rate_per_s,
                warm_requests=0,
                seconds=effort.cold_s,
            )
            yield Stage(part=Part.COLD, prober=prober, load=load)


def _cpu(effort: Effort) -> Iterator[Stage]:
    for warm_requests in (0, CPU_WARM):
        for prober in (ProberName.OWN, ProberName.BARE):
            load = Load(
                targets=COLD_TARGETS,
                visits_per_s=CPU_RATE_PER_S,
                warm_requests=warm_requests,
                seconds=effort.cpu_s,
            )
            yield Stage(part=Part.CPU, prober=prober, load=load)


def write_stages(path: Path, stages: tuple[Stage, ...]) -> None:
    """Write a programme as JSON."""
    path.write_text(json.dumps([asdict(stage) for stage in stages]), encoding="utf-8")


def read_stages(path: Path) -> tuple[Stage, ...]:
    """Read what `write_stages` wrote."""
    return tuple(
        Stage(
            part=Part(row["part"]),
            prober=ProberName(row["prober"]),
            load=Load(**row["load"]),
        )
        for row in json.loads(path.read_text(encoding="utf-8"))
    )
