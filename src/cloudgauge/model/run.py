"""Who measured, where from, with what, and how the run ended."""

import re
from dataclasses import dataclass
from enum import StrEnum

from cloudgauge.model.calibration import Calibration
from cloudgauge.model.later import later
from cloudgauge.model.redaction import Redaction

_VANTAGE_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,62}[A-Za-z0-9])?", re.ASCII)
_CAMPAIGN = re.compile(r"[0-9a-f]{32}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vantage:
    """Where we measure from. What nobody said is None, never guessed.

    Attributes:
        name: 1 to 64 letters, digits, dots, hyphens and underscores.
        country: ISO 3166-1 alpha-2.
        latitude_deg: In [-90, 90]; given together with the longitude.
        longitude_deg: In [-180, 180].
        network_type: Such as ``datacenter``, ``office``, ``home`` or ``mobile``.
        asn: Number of the autonomous system.
        cloud_region: Region id, if the vantage is a machine in a cloud.
        uncertainty_km: How far it may be from its coordinates, above 0.
    """

    name: str
    city: str | None = None
    country: str | None = None
    latitude_deg: float | None = None
    longitude_deg: float | None = None
    network_type: str | None = None
    asn: int | None = None
    cloud_region: str | None = None
    uncertainty_km: float | None = later(None)

    def __post_init__(self) -> None:
        if not _VANTAGE_NAME.fullmatch(self.name):
            msg = (
                "name must be 1 to 64 letters, digits, dots, hyphens and "
                f'underscores, got "{self.name}"'
            )
            raise ValueError(msg)
        if (self.latitude_deg is None) != (self.longitude_deg is None):
            msg = "latitude_deg and longitude_deg go together"
            raise ValueError(msg)
        if self.latitude_deg is not None and not -90 <= self.latitude_deg <= 90:
            msg = f"latitude_deg must be in [-90, 90], got {self.latitude_deg}"
            raise ValueError(msg)
        if self.longitude_deg is not None and not -180 <= self.longitude_deg <= 180:
            msg = f"longitude_deg must be in [-180, 180], got {self.longitude_deg}"
            raise ValueError(msg)
        if self.uncertainty_km is not None:
            if self.latitude_deg is None:
                msg = "uncertainty_km is of coordinates, and there are none"
                raise ValueError(msg)
            if not 0 < self.uncertainty_km <= 20_000:
                msg = f"uncertainty_km must be in (0, 20000], got {self.uncertainty_km}"
                raise ValueError(msg)
        if self.asn is not None and not 0 < self.asn < 2**32:
            msg = f"asn must be in [1, 4294967295], got {self.asn}"
            raise ValueError(msg)


class StopReason(StrEnum):
    """Why a run ended."""

    FINISHED = "finished"
    DECIDED = "decided"
    INTERRUPTED = "interrupted"
    KILLED = "killed"
    CEILING = "ceiling"
    MACHINE = "machine"


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """Says that the network was our own.

    Attributes:
        means: ``tun`` (real round trips through a delay line) or ``loopback``
            (servers that delay their answers).
        scenario: Name of the scenario.
        scenario_hash: SHA-256 of its canonical form, hexadecimal.
        seed: Of its jitter, loss and spikes.
        limits: What these means cannot show; "" for ``tun``.
    """

    means: str
    scenario: str
    scenario_hash: str
    seed: int
    limits: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """Says that others measured it, without our schedule and clocks.

    Attributes:
        source: Name of the file it came from, without folders; "" for a frame.
        source_sha256: Of that file, or of the frame as CSV, hexadecimal.
        measured: What the values are, in words of who imported them, such as
            ``ICMP round trip``.
        rounds_given: The source says which round a value belongs to; else those of
            two targets are no pairs.
    """

    source: str
    source_sha256: str
    measured: str
    rounds_given: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Says that a run is a part of a longer one from the same vantage.

    Attributes:
        campaign: What the longer one is called: 32 hexadecimal digits, the same at
            every vantage and for every part.
        number: From 0, in the order in which the parts of a vantage were begun.
        first_round: The first of its rounds.
        rounds: How many rounds of the plan it is of, at least 1.
        slots: How many visits and transfers were planned for it.
        is_rest: It has only those slots of its rounds that earlier parts lack.
    """

    campaign: str
    number: int
    first_round: int
    rounds: int
    slots: int
    is_rest: bool = False

    def __post_init__(self) -> None:
        if not _CAMPAIGN.fullmatch(self.campaign):
            msg = f'campaign must be 32 hexadecimal digits, got "{self.campaign}"'
            raise ValueError(msg)
        if min(self.number, self.first_round, self.rounds - 1, self.slots) < 0:
            msg = (
                "number, first_round and slots must be >= 0 and rounds >= 1, got "
                f"{self.number}, {self.first_round}, {self.slots}, {self.rounds}"
            )
            raise ValueError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """A dependency and its version, as installed."""

    name: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """The measuring machine, as far as it bears on the numbers.

    Attributes:
        python: Implementation and version.
        system: Operating system and its release.
        machine: Architecture, such as ``x86_64``.
        cpu_count: Processors that this process may use.
        event_loop: Which loop drove the probes.
        trust_store: Which roots TLS was verified against.
        packages: Name and version of what bears on timing, in order of name.
    """

    python: str
    system: str
    machine: str
    cpu_count: int
    event_loop: str
    trust_store: str
    packages: tuple[Package, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInfo:
    """What is known when a run starts.

    Attributes:
        run_id: 32 hexadecimal digits, unique to the run.
        plan_hash: SHA-256 of the plan's canonical form, hexadecimal.
        tool_version: Of cloudgauge.
        started_wall_ns: UTC since 1970, of the instant that due times count from; in
            [0, 2^63).
        hosts_file: Names were pointed at addresses of the user's own.
        private_allowed: Private addresses were allowed as targets.
        calibration: The newest of this machine; None if there is none.
        imported: None for what cloudgauge measured itself.
        part: Which part of a longer run it is; None for a run of its own.
        redacted: What was taken out of a copy for sharing; None for the original.
    """

    run_id: str
    plan_hash: str
    tool_version: str
    vantage: Vantage
    environment: Environment
    simulation: Simulation | None
    started_wall_ns: int
    hosts_file: bool = False
    private_allowed: bool = False
    calibration: Calibration | None = later(None)
    imported: Imported | None = later(None)
    part: Part | None = later(None)
    redacted: Redaction | None = later(None)

    def __post_init__(self) -> None:
        # Beyond the year 2262 there is no date that could be shown.
        if not 0 <= self.started_wall_ns < 2**63:
            msg = f"started_wall_ns must be in [0, 2^63), got {self.started_wall_ns}"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """A target that left the schedule since it was shown to be worse than the best.

    Attributes:
        family: The IP version of its series.
        rounds: After how many complete rounds it was shown.
        evidence: The e-value against its being the best.
    """

    target_id: str
    family: str
    rounds: int
    evidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Remaining:
    """A target that was still visited at the end: it may be the best.

    Attributes:
        family: The IP version of its series.
        rounds: Complete ones.
        evidence: The e-value against its being the best.
        behind_ms: By how much it was behind the fastest one; None for that one, and
            where nothing bounds it.
        behind_low_ms: From where to
        behind_high_ms: where that lies, however often it was looked at.
    """

    target_id: str
    family: str
    rounds: int
    evidence: float
    behind_ms: float | None = None
    behind_low_ms: float | None = None
    behind_high_ms: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What ``--until-decided`` came to.

    Attributes:
        snapshot: Targets could leave before three quarters of a day were covered.
        looks: How often the evidence was looked at.
        departures: In the order in which they left.
        remaining: Those that did not, by IP version and id.
    """

    snapshot: bool
    looks: int
    departures: tuple[Departure, ...]
    remaining: tuple[Remaining, ...] = later(())


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOutcome:
    """What is known when a run has ended.

    Attributes:
        ended_wall_ns: UTC since 1970; of the last sample where the run was killed.
        complete: Every slot of the plan has its sample.
        stop_reason: Why it ended.
        detail: One line for people; "" if it just finished.
        skipped: Slots of targets that had left the schedule.
        decision: Which those are, and why; None unless they were to leave.
    """

    ended_wall_ns: int
    complete: bool
    stop_reason: StopReason
    detail: str = ""
    skipped: int = later(0)
    decision: Decision | None = later(None)
