"""Runs that never were: values with the spread and the noise of real ones."""

import random
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

from cloudgauge.model.plan import Ceilings, Pacing, Plan, ProbeKind, ProbeSpec, Slot
from cloudgauge.model.quantity import NS_PER_S
from cloudgauge.model.run import (
    Environment,
    Package,
    RunInfo,
    RunOutcome,
    StopReason,
    Vantage,
)
from cloudgauge.model.sample import (
    ClockKind,
    Connection,
    FailureKind,
    KernelView,
    Sample,
    Timings,
)
from cloudgauge.model.target import (
    Confidence,
    Endpoint,
    Partition,
    Provenance,
    Reach,
    Region,
    RegionStatus,
    Target,
)
from cloudgauge.model.transfer import Bin
from cloudgauge.planning.canonical import plan_hash
from cloudgauge.store.folder import new_folder
from cloudgauge.store.journal import Journal
from cloudgauge.store.lock import FolderLock
from cloudgauge.store.seal import seal

# 2026-01-15T12:00:00Z
STARTED_WALL_NS = 1_768_478_400 * NS_PER_S
ROUND_NS = 5 * NS_PER_S
_PROVIDERS = ("alibaba", "aws", "azure", "gcp", "huawei", "tencent")
_PROVENANCE = Provenance(
    sources=("made up",), checked=date(2026, 1, 1), confidence=Confidence.HIGH
)


def make_target(
    provider: str, code: str, *, confidence: Confidence = Confidence.HIGH
) -> Target:
    """A target of a region that is nowhere."""
    provenance = Provenance(
        sources=("made up",), checked=date(2026, 1, 1), confidence=confidence
    )
    region = Region(
        provider=provider,
        code=code,
        name=f"Region {code}",
        city="Springfield",
        country="US",
        latitude_deg=40.0,
        longitude_deg=-90.0,
        partition=Partition.PUBLIC,
        status=RegionStatus.OPEN,
        zones=3,
        on_by_default=True,
        provenance=_PROVENANCE,
    )
    endpoint = Endpoint(
        service="object-storage",
        url=f"https://storage.{code}.{provider}.example/",
        expect=(200, 403),
        reach=Reach.IN_REGION,
        primary=True,
        provenance=provenance,
    )
    return Target(region=region, endpoint=endpoint)


def make_plan(
    *, targets: int = 6, rounds: int = 3, warm_requests: int = 4, controls: int = 1
) -> Plan:
    """A plan over *targets* regions of six providers."""
    made = [
        make_target(_PROVIDERS[index % 6], f"place-{index // 6 + 1}")
        for index in range(targets)
    ]
    made.sort(key=lambda target: target.target_id)
    return Plan(
        name="made-up",
        question="",
        seed=7,
        targets=tuple(made),
        controls=tuple(target.target_id for target in made[:controls]),
        probe=ProbeSpec(warm_requests=warm_requests),
        pacing=Pacing(rounds=rounds, round_ns=ROUND_NS),
        ceilings=Ceilings(),
    )


def make_run_info(plan: Plan, *, run_id: str = "0123456789abcdef" * 2) -> RunInfo:
    """A run of *plan* from a vantage that is nowhere."""
    return RunInfo(
        run_id=run_id,
        plan_hash=plan_hash(plan),
        tool_version="0.1.0",
        vantage=Vantage(name="lab", city="Springfield", country="US"),
        environment=Environment(
            python="CPython 3.11.7",
            system="Linux 6.1",
            machine="x86_64",
            cpu_count=2,
            event_loop="uvloop",
            trust_store="certifi",
            packages=(Package(name="httpx", version="0.28.1"),),
        ),
        simulation=None,
        started_wall_ns=STARTED_WALL_NS,
    )


def make_outcome(plan: Plan) -> RunOutcome:
    """The outcome of a run that went to its end."""
    return RunOutcome(
        ended_wall_ns=STARTED_WALL_NS + plan.pacing.duration_ns,
        complete=True,
        stop_reason=StopReason.FINISHED,
    )


def make_slots(plan: Plan, rng: random.Random) -> Iterator[Slot]:
    """Rounds in permuted order, jittered, as a schedule would have them."""
    series = [
        (target.target_id, replica, family)
        for target in plan.targets
        for replica in ((0, 1) if target.target_id in plan.controls else (0,))
        for family in plan.probe.families
    ]
    gap_ns = plan.pacing.round_ns / len(series)
    seq = 0
    for round_index in range(plan.pacing.rounds):
        for place, (target_id, replica, family) in enumerate(
            rng.sample(series, len(series))
        ):
            due = round_index * plan.pacing.round_ns
            due += int((place + 0.5 + rng.uniform(-0.25, 0.25)) * gap_ns)
            yield Slot(
                seq=seq,
                round_index=round_index,
                target_id=target_id,
                replica=replica,
                family=family,
                kind=ProbeKind.LATENCY,
                due_ns=due,
            )
            seq += 1


def make_samples(
    plan: Plan, *, seed: int = 1, failing: float = 0.01
) -> Iterator[Sample]:
    """Every sample of a run of *plan*, visit by visit; a few of them failures."""
    rng = random.Random(seed)
    base_us = {t.target_id: rng.uniform(5e3, 250e3) for t in plan.targets}
    for slot in make_slots(plan, rng):
        yield from _visit(slot, base_us[slot.target_id], plan, rng, failing)


def _visit(
    slot: Slot, base_us: float, plan: Plan, rng: random.Random, failing: float
) -> Iterator[Sample]:
    at_ns = slot.due_ns + _noise_ns(rng, 2e6)
    lag_ns = _noise_ns(rng, 3e5)
    connect_us = int(base_us + rng.gammavariate(2, 100))
    connection = Connection(
        remote_address=f"203.0.113.{rng.randrange(1, 4)}",
        local_port=rng.randrange(32_768, 61_000),
        tls_version="TLSv1.3",
        http_version="HTTP/1.1",
    )
    min_us = connect_us
    for exchange in range(plan.probe.requests_per_visit):
        cold = exchange == 0
        timings = _timings(rng, base_us, cold=cold)
        rtt_us = int(base_us + rng.gammavariate(2, 150))
        min_us = min(min_us, connect_us if cold else rtt_us)
        failed = rng.random() < failing
        yield Sample(
            slot=slot,
            exchange=exchange,
            sent_ns=at_ns,
            wall_ns=STARTED_WALL_NS + at_ns + at_ns // 300_000 + _noise_ns(rng, 80),
            timings=timings,
            kernel=KernelView(
                connect_rtt_us=connect_us if cold else None,
                rtt_us=rtt_us,
                rttvar_us=int(base_us / 4 + rng.gammavariate(3, 2_000)),
                min_rtt_us=min_us,
                syn_retransmits=0,
                retransmits=0,
            ),
            connection=connection,
            status=None if failed else 403,
            body_bytes=None if failed else 243,
            clock=ClockKind.KERNEL,
            wall_stepped=False,
            loop_lag_ns=lag_ns,
            failure=FailureKind.RESPONSE_TIMEOUT if failed else None,
            failure_detail="no answer within 10 s" if failed else "",
        )
        if failed:
            return
        at_ns += sum(
            phase or 0
            for phase in (
                timings.resolve_ns,
                timings.connect_ns,
                timings.tls_ns,
                timings.first_byte_ns,
                timings.body_ns,
            )
        ) + _noise_ns(rng, 3e5)


def _timings(rng: random.Random, base_us: float, *, cold: bool) -> Timings:
    base_ns = base_us * 1_000
    return Timings(
        resolve_ns=int(rng.lognormvariate(12.9, 0.8)) if cold else None,
        connect_ns=int(base_ns + rng.gammavariate(2, 3e5)) if cold else None,
        tls_ns=int(base_ns + 1.5e6 + rng.gammavariate(3, 4e5)) if cold else None,
        first_byte_ns=int(base_ns + 8e6 + rng.gammavariate(2, 3e5)),
        body_ns=int(rng.gammavariate(2, 5e4)),
    )


def _noise_ns(rng: random.Random, mean_ns: float) -> int:
    return int(rng.gammavariate(1.5, mean_ns / 1.5))


def keep_journal(
    parent: Path, plan: Plan, records: Iterable[Sample | Bin], *, ended: bool = True
) -> Path:
    """The folder of a run that was not sealed; killed unless it *ended*."""
    info = make_run_info(plan)
    folder = new_folder(parent, info)
    with (
        FolderLock.take(folder) as lock,
        Journal.create(lock, info, plan) as journal,
    ):
        for record in records:
            journal.append(record)
        if ended:
            journal.finish(make_outcome(plan))
    return folder


def keep_set(parent: Path, plan: Plan, records: Iterable[Sample | Bin]) -> Path:
    """The folder of a sealed set."""
    folder = keep_journal(parent, plan, records)
    with FolderLock.take(folder) as lock:
        seal(lock)
    return folder
