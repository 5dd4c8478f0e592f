"""How many bytes a sealed result set needs for a sample.

The samples are made, not measured, so that their number can be large; each value is
drawn to be no easier to compress than one that was measured: nanoseconds have their
noise, ports are as the kernel gives them, the clocks drift, some visits fail.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.instrument.load import Load, plan_of, rtt_ms
from cloudgauge.model.plan import Plan, Slot
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
from cloudgauge.planning.canonical import plan_hash
from cloudgauge.planning.schedule import slots
from cloudgauge.store.folder import new_folder
from cloudgauge.store.journal import Journal
from cloudgauge.store.lock import FolderLock
from cloudgauge.store.seal import seal

# 250 targets, 81 rounds, 5 exchanges: above 100,000 whatever fails.
_LOAD = Load(targets=250, visits_per_s=50, warm_requests=4, seconds=405)
_STARTED_WALL_NS = 1_767_225_600_123_456_789
_FAILED_SHARE = 0.005
_PORTS = range(32_768, 60_999)
_BODY_BYTES = 243


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """A sealed set, weighed.

    Attributes:
        samples: How many it holds.
        folder_bytes: All of its files.
    """

    samples: int
    folder_bytes: int

    @property
    def bytes_per_sample(self) -> float:
        """Of the whole folder: catalogue rows, manifest and hashes included."""
        return self.folder_bytes / self.samples


def weigh_sealed_set(parent: Path, load: Load = _LOAD) -> Size:
    """Write samples into a journal, seal it, and weigh the set.

    Raises:
        MachineError: *parent* cannot be written.
    """
    plan = plan_of(load)
    info = made_up_run(plan)
    folder = new_folder(parent, info)
    count = 0
    with FolderLock.take(folder) as lock:
        with Journal.create(lock, info, plan) as journal:
            for sample in samples_of(plan):
                journal.append(sample)
                count += 1
            journal.finish(
                RunOutcome(
                    ended_wall_ns=_STARTED_WALL_NS + plan.pacing.duration_ns,
                    complete=True,
                    stop_reason=StopReason.FINISHED,
                )
            )
        seal(lock)
    files = [path for path in folder.rglob("*") if path.is_file()]
    return Size(samples=count, folder_bytes=sum(path.stat().st_size for path in files))


def samples_of(plan: Plan) -> Iterator[Sample]:
    """Samples such as a run of *plan* would bring; the same plan, the same samples."""
    rng = random.Random(plan.seed)
    numbers = {target.target_id: at for at, target in enumerate(plan.targets)}
    for slot in slots(plan):
        yield from _visit(plan, slot, numbers[slot.target_id], rng)


def _visit(plan: Plan, slot: Slot, number: int, rng: random.Random) -> Iterator[Sample]:
    rtt_ns = rtt_ms(number) * 1e6
    sent_ns = slot.due_ns + int(rng.lognormvariate(13.5, 0.8))
    lag_ns = int(rng.lognormvariate(12, 1))
    path = _connection(number, rng)
    fails = rng.random() < _FAILED_SHARE
    least_us = 10**9
    smooth_us = 0.0
    for exchange in range(plan.probe.requests_per_visit):
        timings = _timings(rtt_ns, rng, cold=exchange == 0)
        assert timings.first_byte_ns is not None
        seen_us = timings.first_byte_ns // 1000 - rng.randrange(40, 160)
        least_us = min(least_us, seen_us)
        smooth_us += (seen_us - smooth_us) / 8 if exchange else seen_us
        yield Sample(
            slot=slot,
            exchange=exchange,
            sent_ns=sent_ns,
            wall_ns=_STARTED_WALL_NS + sent_ns + sent_ns // 10**6 + rng.randrange(900),
            timings=Timings(connect_ns=timings.connect_ns) if fails else timings,
            kernel=KernelView(
                connect_rtt_us=seen_us if exchange == 0 else None,
                rtt_us=round(smooth_us),
                rttvar_us=rng.randrange(50, 5000),
                min_rtt_us=least_us,
                syn_retransmits=0,
                retransmits=0,
            ),
            connection=path,
            status=None if fails else 403,
            body_bytes=None if fails else _BODY_BYTES,
            clock=None if fails else ClockKind.KERNEL,
            wall_stepped=False,
            loop_lag_ns=lag_ns,
            failure=FailureKind.RESPONSE_TIMEOUT if fails else None,
            failure_detail="no answer within 10s" if fails else "",
        )
        if fails:
            return
        sent_ns += sum(_ns or 0 for _ns in _phases(timings)) + rng.randrange(300_000)


def _connection(number: int, rng: random.Random) -> Connection:
    return Connection(
        remote_address=f"198.18.{1 + number // 250}.{number % 250}",
        local_port=rng.choice(_PORTS),
        tls_version="TLSv1.3",
        http_version="HTTP/1.1",
    )


def _timings(rtt_ns: float, rng: random.Random, *, cold: bool) -> Timings:
    def phase(extra_ns: float) -> int:
        jitter_ns = rng.expovariate(1 / 100_000) + rng.expovariate(1 / 100_000)
        return int(rtt_ns + jitter_ns + rng.lognormvariate(0, 0.5) * extra_ns)

    return Timings(
        resolve_ns=int(rng.lognormvariate(12, 0.6)) if cold else None,
        connect_ns=phase(300_000) if cold else None,
        tls_ns=phase(1_500_000) if cold else None,
        first_byte_ns=phase(250_000),
        body_ns=int(rng.lognormvariate(11, 0.5)),
    )


def _phases(timings: Timings) -> tuple[int | None, ...]:
    return (
        timings.resolve_ns,
        timings.connect_ns,
        timings.tls_ns,
        timings.first_byte_ns,
        timings.body_ns,
    )


def made_up_run(plan: Plan) -> RunInfo:
    """A run of *plan* that never was."""
    return RunInfo(
        run_id="0123456789abcdef0123456789abcdef",
        plan_hash=plan_hash(plan),
        tool_version="0.1.0",
        vantage=Vantage(name="benchmark"),
        environment=Environment(
            python="CPython 3.11",
            system="Linux",
            machine="x86_64",
            cpu_count=2,
            event_loop="uvloop",
            trust_store="the benchmark's",
            packages=(Package(name="httpx", version="0.28.1"),),
        ),
        simulation=None,
        started_wall_ns=_STARTED_WALL_NS,
    )
