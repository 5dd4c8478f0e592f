"""What is asked of many result sets at once, and of which files.

Everything here is small and can be sent to another process, which then reads the file
itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from cloudgauge.analysis.metric import Metric
from cloudgauge.store.folder import samples_name
from cloudgauge.store.resultset import ResultSet

CONFIDENCE = 0.95
# Above this many rounds at a vantage, so many that follow one another are taken as one
# block: a week of five-minute rounds is still looked at round by round.
MOST_BLOCKS = 2_048


class By(StrEnum):
    """What samples of one cell have in common.

    ``HOUR`` is the hour of the day and ``DAY`` the date, both UTC, of the send by the
    wall clock; ``RUN`` a result set. Without ``REPLICA`` the second series of A/A
    controls are left out, as they are in a ranking.
    """

    VANTAGE = "vantage"
    PROVIDER = "provider"
    REGION = "region"
    TARGET = "target"
    FAMILY = "family"
    REPLICA = "replica"
    DAY = "day"
    HOUR = "hour"
    RUN = "run"


CellKey = tuple[str | int, ...]
"""What the samples of one cell have in common: a value for each of `Query.by`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Which quantiles of what.

    Attributes:
        metric: Not throughput.
        by: What the samples of a cell have in common, each once.
        shares: Which quantiles, in (0, 1), rising.
    """

    metric: Metric
    by: tuple[By, ...]
    shares: tuple[float, ...]

    @property
    def has_times(self) -> bool:
        """Whether the wall clock decides in which cell a sample is."""
        return By.DAY in self.by or By.HOUR in self.by


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The samples of one set, and what must be known to read them.

    Attributes:
        order: Its place among the runs of its vantage, in the order of their starts.
        width: How many rounds are one block.
        sha256: Of its file, to be checked where it was not opened; "" where it was.
    """

    result: ResultSet
    order: int
    width: int
    sha256: str = ""

    @property
    def path(self) -> str:
        """The file of its samples."""
        return str(self.result.folder / samples_name(self.result.manifest.run))

    @property
    def vantage(self) -> str:
        """Where it was measured from."""
        return self.result.manifest.run.vantage.name

    @property
    def is_imported(self) -> bool:
        """Whether others measured it."""
        return self.result.manifest.run.imported is not None

    @property
    def has_warm(self) -> bool:
        """Whether its first byte is that of warm requests."""
        return (
            self.result.manifest.plan.probe.warm_requests > 0 and not self.is_imported
        )

    @property
    def samples(self) -> int:
        """How many it has."""
        return self.result.manifest.counts.samples


def sources_of(sets: Sequence[ResultSet]) -> tuple[Source, ...]:
    """The sets as sources, vantage by vantage, in the order of their starts."""
    runs = sorted(
        sets,
        key=lambda one: (
            one.manifest.run.vantage.name,
            one.manifest.run.started_wall_ns,
            one.manifest.run.run_id,
        ),
    )
    rounds: dict[str, int] = {}
    for one in runs:
        name = one.manifest.run.vantage.name
        rounds[name] = rounds.get(name, 0) + rounds_of(one)
    places: dict[str, int] = {}
    found = []
    for one in runs:
        name = one.manifest.run.vantage.name
        places[name] = order = places.get(name, -1) + 1
        width = max(-(-rounds[name] // MOST_BLOCKS), 1)
        found.append(Source(result=one, order=order, width=width))
    return tuple(found)


def rounds_of(result: ResultSet) -> int:
    """How many rounds a run has come to, about: a run may end before its plan does."""
    plan, part = result.manifest.plan, result.manifest.run.part
    rounds = part.rounds if part else plan.pacing.rounds
    slots = part.slots if part else plan.visit_count
    visits = result.manifest.counts.visits
    return min(rounds, -(-visits * rounds // max(slots, 1)))
