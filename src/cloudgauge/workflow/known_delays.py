"""What the instrument is calibrated against: targets, delays, loads, stages; pure.

The targets are of no cloud: names under ``.test``, which nobody can own (RFC 6761),
at addresses of the private network, each at one of five delays without jitter or loss.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from cloudgauge.model.calibration import LOADS_PER_S
from cloudgauge.model.plan import Ceilings, Pacing, Plan, ProbeSpec
from cloudgauge.model.quantity import NS_PER_MS, NS_PER_S, NS_PER_US, format_duration
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
from cloudgauge.world.scenario import Geography, Override, Scenario
from cloudgauge.world.site import Link

DELAYS_NS = (
    NS_PER_MS // 2,
    5 * NS_PER_MS,
    20 * NS_PER_MS,
    80 * NS_PER_MS,
    250 * NS_PER_MS,
)
MOST_TARGETS = 200
DEFAULT_SECONDS = 50
LEAST_SECONDS = 25
MOST_SECONDS = 60

_PROVIDER = "known"
_SEED = 1
# As a run has it, so that the load of a visit is that of a run's.
_WARM = 4
# One target at a time: fewer, so that more connections fit into the time.
_WARM_OF_ONE = 2
# Round trips of a visit before its first warm request: connect, TLS, cold request.
_COLD_TRIPS = 3
# What a visit to a target next door takes at most, with room to spare.
_OWN_NS = 60 * NS_PER_MS
# From one stage's end until the next one's first visit.
_START_NS = 350 * NS_PER_MS
# Of the whole length: how much the stages of one target get, delay by delay.
_SHARES_OF_ONE = (0.02, 0.02, 0.03, 0.04, 0.09)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One load under one clock, for some seconds.

    Attributes:
        targets: How many are visited at once, as `PhaseError.targets` has it.
        kernel_stamps: Whether the kernel is asked for stamps.
    """

    targets: int
    kernel_stamps: bool
    plan: Plan

    @property
    def name(self) -> str:
        """Such as ``200 targets, kernel clock``; of one target also its delay."""
        clock = "kernel" if self.kernel_stamps else "program's"
        if self.targets > 1:
            return f"{self.targets} targets, {clock} clock"
        delay = format_duration(delay_of(self.plan.targets[0].target_id))
        return f"1 target at {delay}, {clock} clock"

    @property
    def length_ns(self) -> int:
        """About how long it takes, from its start to the end of its last visit."""
        slowest_ns = max(delay_of(one.target_id) for one in self.plan.targets)
        trips = _COLD_TRIPS + self.plan.probe.warm_requests
        return self.plan.duration_ns + trips * slowest_ns + _START_NS


def stages_of(seconds: int) -> tuple[Stage, ...]:
    """The stages of a calibration that takes about *seconds*, in their order.

    The least is one round of each; what is longer has more of them for one and for
    fifty targets, and the program's clock under the smaller load as well.

    Args:
        seconds: In [`LEAST_SECONDS`, `MOST_SECONDS`], making the network included.
    """
    rounds = max(1, (seconds - 2) // 16)
    stages = [
        *_one_at_a_time(seconds),
        _at_once(50, rounds=rounds, kernel_stamps=True),
        _at_once(200, rounds=1, kernel_stamps=True),
        _at_once(200, rounds=1, kernel_stamps=False),
    ]
    if rounds > 2:
        stages.append(_at_once(50, rounds=2, kernel_stamps=False))
    return tuple(stages)


def scenario() -> Scenario:
    """The private network's scenario: clean paths of known length."""
    return Scenario(
        name="known-delays",
        seed=_SEED,
        geography=Geography(inflation_spread=0.0, access_ns=0),
        link=Link(rtt_ns=0),
        overrides=tuple(
            Override(
                match=f"{_PROVIDER}/{_code(delay_ns, '*')}",
                link=(("rtt_ns", delay_ns),),
            )
            for delay_ns in DELAYS_NS
        ),
    )


def targets_of(count: int) -> tuple[Target, ...]:
    """The first *count* targets, in the order of their ids.

    Each delay has as many of them as any other, if *count* is divided by their number.
    """
    made = (_target(number) for number in range(count))
    return tuple(sorted(made, key=lambda target: target.target_id))


def delay_of(target_id: str) -> int:
    """The round trip that is played for one of these targets, nanoseconds."""
    code = target_id.partition("/")[2]
    return int(code.partition("us-")[0].removeprefix("rtt-")) * NS_PER_US


def _one_at_a_time(seconds: int) -> Iterator[Stage]:
    for place, delay_ns in enumerate(DELAYS_NS):
        visit_ns = (_COLD_TRIPS + _WARM_OF_ONE) * delay_ns + _OWN_NS
        share_ns = _SHARES_OF_ONE[place] * seconds * NS_PER_S
        yield Stage(
            targets=1,
            kernel_stamps=True,
            plan=_plan(
                (_target(place),),
                warm_requests=_WARM_OF_ONE,
                # Without jitter, so that no visit begins before the last has ended.
                pacing=Pacing(
                    rounds=max(1, int(share_ns // visit_ns)),
                    round_ns=visit_ns,
                    jitter=0.0,
                ),
            ),
        )


def _at_once(targets: int, *, rounds: int, kernel_stamps: bool) -> Stage:
    round_ns = round(targets / LOADS_PER_S[targets] * NS_PER_S)
    return Stage(
        targets=targets,
        kernel_stamps=kernel_stamps,
        plan=_plan(
            targets_of(targets),
            warm_requests=_WARM,
            pacing=Pacing(rounds=rounds, round_ns=round_ns),
        ),
    )


def _plan(targets: tuple[Target, ...], *, warm_requests: int, pacing: Pacing) -> Plan:
    """A plan whose ceilings never decide when a visit leaves."""
    return Plan(
        name="calibration",
        question="How far is what we report from what is true?",
        seed=_SEED,
        targets=targets,
        controls=(),
        probe=ProbeSpec(warm_requests=warm_requests),
        pacing=pacing,
        ceilings=Ceilings(
            visits_per_s=1_000.0,
            visits_per_s_provider=1_000.0,
            visits_per_s_host=1_000.0,
        ),
    )


def _code(delay_ns: int, number: int | str) -> str:
    return f"rtt-{delay_ns // NS_PER_US}us-{number}"


def _target(number: int) -> Target:
    code = _code(DELAYS_NS[number % len(DELAYS_NS)], number)
    return target_of_nobody(
        code,
        service="object-storage",
        url=f"https://{code}.{_PROVIDER}.test/",
        expect=(403,),
    )


def target_of_nobody(
    code: str, *, service: str, url: str, expect: tuple[int, ...]
) -> Target:
    """A target in a region that is nowhere."""
    provenance = Provenance(
        sources=("made for calibration",),
        checked=date(2026, 1, 1),
        confidence=Confidence.HIGH,
    )
    return Target(
        region=Region(
            provider=_PROVIDER,
            code=code,
            name=code,
            city="Nowhere",
            country="ZZ",
            latitude_deg=0.0,
            longitude_deg=0.0,
            partition=Partition.PUBLIC,
            status=RegionStatus.OPEN,
            zones=None,
            on_by_default=True,
            provenance=provenance,
        ),
        endpoint=Endpoint(
            service=service,
            url=url,
            expect=expect,
            reach=Reach.IN_REGION,
            primary=True,
            provenance=provenance,
        ),
    )
