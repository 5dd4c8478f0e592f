"""The load that every prober gets: targets, their round trips, and when to visit.

The targets are a catalogue of their own, so that the same load can be made of any
number of them; the private network plays them like any other.
"""

from dataclasses import dataclass
from datetime import date

from cloudgauge.model.plan import Ceilings, Pacing, Plan, ProbeSpec
from cloudgauge.model.quantity import NS_PER_S
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

PROVIDER = "bench"
MOST_TARGETS = 250
LEAST_RTT_MS = 1.0
MOST_RTT_MS = 200.0
# Known packet by packet from the delay line's log, and small beside every round trip.
JITTER = "200us"
# Its multiples, modulo one, fill the unit interval evenly however many are taken.
_GOLDEN = 0.618_033_988_749_895
_STATUS = 403
_CHECKED = date(2026, 1, 1)
_SOURCE = "made for this benchmark"


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """How many targets are visited how often.

    Attributes:
        targets: From 1 to `MOST_TARGETS`.
        visits_per_s: All targets together.
        warm_requests: After the cold one of each visit.
        seconds: Length; rounded up to whole rounds, at least one.
        seed: Of the order and the jitter of the slots.
    """

    targets: int
    visits_per_s: float
    warm_requests: int
    seconds: float
    seed: int = 1

    @property
    def name(self) -> str:
        """Such as ``250 targets, 50 visits/s, 4 warm``."""
        targets = "1 target" if self.targets == 1 else f"{self.targets} targets"
        return f"{targets}, {self.visits_per_s:g} visits/s, {self.warm_requests} warm"


def code_of(number: int) -> str:
    """The region code of a target."""
    return f"t{number:03d}"


def host_of(target_id: str) -> str:
    """The host of one of these targets."""
    code = target_id.partition("/")[2].partition(":")[0]
    return f"{code}.{PROVIDER}.example"


def rtt_ms(number: int) -> float:
    """The round trip of a target; any first few targets span the whole range."""
    share = (number + 0.5) * _GOLDEN % 1
    return LEAST_RTT_MS + (MOST_RTT_MS - LEAST_RTT_MS) * share


def targets_of(count: int) -> tuple[Target, ...]:
    """The first *count* targets."""
    provenance = Provenance(
        sources=(_SOURCE,), checked=_CHECKED, confidence=Confidence.HIGH
    )
    return tuple(_target(code_of(number), provenance) for number in range(count))


def _target(code: str, provenance: Provenance) -> Target:
    return Target(
        region=Region(
            provider=PROVIDER,
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
            service="object-storage",
            url=f"https://{code}.{PROVIDER}.example/",
            expect=(_STATUS,),
            reach=Reach.IN_REGION,
            primary=True,
            provenance=provenance,
        ),
    )


def plan_of(load: Load) -> Plan:
    """The plan of a load; its ceilings never decide when a visit leaves."""
    round_ns = round(load.targets / load.visits_per_s * NS_PER_S)
    rounds = max(1, -(-round(load.seconds * NS_PER_S) // round_ns))
    return Plan(
        name="instrument",
        question="How far is what we report from what is true?",
        seed=load.seed,
        targets=targets_of(load.targets),
        controls=(),
        probe=ProbeSpec(warm_requests=load.warm_requests),
        pacing=Pacing(rounds=rounds, round_ns=round_ns),
        ceilings=Ceilings(
            requests=10_000_000,
            traffic_bytes=10**12,
            visits_per_s=100_000.0,
            visits_per_s_provider=100_000.0,
            visits_per_s_host=1_000.0,
        ),
    )


def targets_toml(count: int) -> str:
    """The first *count* targets as a target file."""
    return "".join(_REGION.format(code=code_of(number)) for number in range(count))


def scenario_toml() -> str:
    """The private network's scenario: a round trip for each target, no loss."""
    head = f'name = "instrument"\nseed = 1\n\n[path]\njitter = "{JITTER}"\n'
    rows = [
        f'\n[[region]]\nmatch = "{PROVIDER}/{code_of(number)}"\n'
        f'rtt = "{rtt_ms(number) * 1000:.0f}us"\n'
        for number in range(MOST_TARGETS)
    ]
    return head + "".join(rows)


_REGION = f"""\
[[region]]
id = "{PROVIDER}/{{code}}"
name = "{{code}}"
city = "Nowhere"
country = "ZZ"
latitude = 0.0
longitude = 0.0
partition = "public"
status = "open"
on_by_default = true
confidence = "high"
source = ["{_SOURCE}"]
checked = {_CHECKED.isoformat()}

[[endpoint]]
region = "{PROVIDER}/{{code}}"
service = "object-storage"
url = "https://{{code}}.{PROVIDER}.example/"
expect = [{_STATUS}]
reach = "in-region"
primary = true
confidence = "high"
source = ["{_SOURCE}"]
checked = {_CHECKED.isoformat()}

"""
