"""What is to be measured, how often and within which bounds."""

from dataclasses import dataclass
from enum import StrEnum

from cloudgauge.model.download import DownloadSpec
from cloudgauge.model.later import later
from cloudgauge.model.price import EgressPrice, Money
from cloudgauge.model.quantity import NS_PER_MS, NS_PER_S
from cloudgauge.model.target import Family, Target

# A rate within these is a window of whole visits and of nanoseconds that fit.
_RATES_PER_S = (1e-6, 1e6)


class ProbeKind(StrEnum):
    """A way of probing."""

    LATENCY = "latency"
    DOWNLOAD = "download"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeSpec:
    """How a target is probed.

    Attributes:
        kind: What one visit does.
        warm_requests: Requests on the open connection after the cold one.
        timeout_ns: Bound on each phase that waits for the network.
        families: IP versions, each a series of its own.
        body_limit_bytes: An answer's body beyond this is a failure.
    """

    kind: ProbeKind = ProbeKind.LATENCY
    warm_requests: int = 4
    timeout_ns: int = 10 * NS_PER_S
    families: tuple[Family, ...] = (Family.IPV4,)
    body_limit_bytes: int = 256 * 1024

    def __post_init__(self) -> None:
        if not 0 <= self.warm_requests <= 100:
            msg = f"warm_requests must be in [0, 100], got {self.warm_requests}"
            raise ValueError(msg)
        if not NS_PER_MS <= self.timeout_ns <= 120 * NS_PER_S:
            msg = f"timeout must be in [1ms, 2m], got {self.timeout_ns} ns"
            raise ValueError(msg)
        if not self.families or len(set(self.families)) != len(self.families):
            msg = "families must name ipv4, ipv6 or both, each once"
            raise ValueError(msg)
        if self.body_limit_bytes < 1:
            msg = f"body_limit must be at least 1 B, got {self.body_limit_bytes}"
            raise ValueError(msg)

    @property
    def requests_per_visit(self) -> int:
        """HTTP requests in one visit that goes well."""
        return 1 + self.warm_requests


@dataclass(frozen=True, slots=True, kw_only=True)
class Pacing:
    """When visits are due.

    Attributes:
        rounds: How often every series is visited, at least 1.
        round_ns: Length of a round; the rounds follow one another without a gap.
        jitter: Share of its slot over which a visit is shifted, in [0, 0.8].
    """

    rounds: int
    round_ns: int
    jitter: float = 0.5

    def __post_init__(self) -> None:
        if self.rounds < 1 or self.round_ns < 1:
            msg = f"rounds and round must be >= 1, got {self.rounds}, {self.round_ns}"
            raise ValueError(msg)
        # Beyond 0.8 two neighbours may fall together and a ceiling would decide.
        if not 0 <= self.jitter <= 0.8:
            msg = f"jitter must be in [0, 0.8], got {self.jitter}"
            raise ValueError(msg)

    @property
    def duration_ns(self) -> int:
        """From the start to the end of the last round."""
        return self.rounds * self.round_ns


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceilings:
    """Bounds that are checked before the first packet and enforced in the run.

    Attributes:
        requests: HTTP requests over the whole run.
        traffic_bytes: Bytes both ways over the whole run.
        duration_ns: Length of the run.
        visits_per_s: Visits a second, all targets together; this and the two
            below in [1e-6, 1e6].
        visits_per_s_provider: Visits a second to one provider.
        visits_per_s_host: Visits a second to one host.
        cost: What the run's downloads may cost at most; None for no such bound.
    """

    requests: int = 200_000
    traffic_bytes: int = 2 * 10**9
    duration_ns: int = 24 * 3_600 * NS_PER_S
    visits_per_s: float = 50.0
    visits_per_s_provider: float = 10.0
    visits_per_s_host: float = 1.0
    cost: Money | None = later(None)

    def __post_init__(self) -> None:
        for name in ("requests", "traffic_bytes", "duration_ns"):
            if getattr(self, name) <= 0:
                msg = f"{name} must be above 0, got {getattr(self, name)}"
                raise ValueError(msg)
        least, most = _RATES_PER_S
        for name in ("visits_per_s", "visits_per_s_provider", "visits_per_s_host"):
            rate = getattr(self, name)
            # So put, it refuses NaN too, which is neither above nor below.
            if not least <= rate <= most:
                msg = f"{name} must be in [{least:g}, {most:g}], got {rate}"
                raise ValueError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One run's worth of visits, complete: nothing else is looked up later.

    Attributes:
        name: For people; letters, digits and hyphens.
        question: What the plan is to answer; "" where nobody said.
        seed: Of every random choice, at least 0.
        targets: Visited for their latency, ids unique, in the order of their ids;
            may be none if there are objects.
        controls: Target ids that are probed as two, to learn how often equal
            things look different (A/A); at most one a provider is usual.
        objects: Downloaded from, one after another when a round's visits are over;
            ids unique, in the order of their ids.
        download: How; given if and only if there are objects.
        objectless: Regions that were asked for and have no object, in the order of
            their ids: for them there is no throughput target.
        egress_prices: What was known of prices when the plan was made, in the order
            of region ids; needed only under a ceiling of cost.
    """

    name: str
    question: str
    seed: int
    targets: tuple[Target, ...]
    controls: tuple[str, ...]
    probe: ProbeSpec
    pacing: Pacing
    ceilings: Ceilings
    objects: tuple[Target, ...] = later(())
    download: DownloadSpec | None = later(None)
    objectless: tuple[str, ...] = later(())
    egress_prices: tuple[EgressPrice, ...] = later(())

    def __post_init__(self) -> None:
        ids = [target.target_id for target in self.targets]
        objects = [target.target_id for target in self.objects]
        if not ids and not objects:
            msg = "a plan needs at least one target"
            raise ValueError(msg)
        if ids != sorted(set(ids)) or objects != sorted(set(objects)):
            msg = "targets must be unique and in the order of their ids"
            raise ValueError(msg)
        if bool(objects) != (self.download is not None):
            msg = "objects and download go together"
            raise ValueError(msg)
        if not set(self.controls) <= set(ids):
            msg = f"controls must be targets, got {list(self.controls)}"
            raise ValueError(msg)
        if self.seed < 0:
            msg = f"seed must be >= 0, got {self.seed}"
            raise ValueError(msg)

    @property
    def series_count(self) -> int:
        """Series visited in each round: targets and controls, times families."""
        return (len(self.targets) + len(self.controls)) * len(self.probe.families)

    @property
    def transfers_per_round(self) -> int:
        """Transfers in each round: objects, times families, times stream counts."""
        if self.download is None:
            return 0
        ways = len(self.download.families) * len(self.download.streams)
        return len(self.objects) * ways

    @property
    def slots_per_round(self) -> int:
        """Slots of each round, transfers included."""
        return self.series_count + self.transfers_per_round

    @property
    def visit_count(self) -> int:
        """Slots over the whole run, transfers included."""
        return self.slots_per_round * self.pacing.rounds

    @property
    def round_span_ns(self) -> int:
        """From one round's start to the next one's: its visits, then its transfers."""
        visits_ns = self.pacing.round_ns if self.targets else 0
        if self.download is None:
            return visits_ns
        return visits_ns + self.transfers_per_round * self.download.window_ns

    @property
    def duration_ns(self) -> int:
        """From the start to the end of the last round."""
        return self.round_span_ns * self.pacing.rounds


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One planned visit.

    Attributes:
        seq: Position in the run, from 0, no gaps.
        round_index: From 0; the block of the analysis.
        target_id: The target to probe.
        replica: 0, or 1 for the second series of an A/A control.
        family: The IP version of the series.
        kind: How to probe it.
        due_ns: When to begin, nanoseconds after the run's start.
        streams: Connections of a transfer; None for a visit of latency.
    """

    seq: int
    round_index: int
    target_id: str
    replica: int
    family: Family
    kind: ProbeKind
    due_ns: int
    streams: int | None = None

    def __post_init__(self) -> None:
        if self.seq < 0 or self.round_index < 0 or self.due_ns < 0:
            msg = (
                "seq, round_index and due_ns must be >= 0, got "
                f"{self.seq}, {self.round_index}, {self.due_ns}"
            )
            raise ValueError(msg)
        if self.replica not in (0, 1):
            msg = f"replica must be 0 or 1, got {self.replica}"
            raise ValueError(msg)
        if (self.streams is not None) != (self.kind is ProbeKind.DOWNLOAD):
            msg = f"streams belong to a download, got {self.streams} of {self.kind}"
            raise ValueError(msg)
