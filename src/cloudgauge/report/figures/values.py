"""What pictures are drawn from: frozen values, no frames and no library.

An estimate may have an endless end, and a value may be infinite: it is only known to
be longer than the program waited. Both are drawn as arrows, never as numbers.
"""

import re
from dataclasses import dataclass

from cloudgauge.stats.summary import Estimate
from cloudgauge.stats.verdict import Verdict

_NOT_OF_ANCHORS = re.compile(r"[^a-z0-9]+")


def region_anchor(region_id: str) -> str:
    """The id of a region's row in the page, such as ``region-aws-us-east-1``."""
    slug = _NOT_OF_ANCHORS.sub("-", region_id.lower()).strip("-")
    return f"region-{slug}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """What the numbers of a picture are.

    Attributes:
        name: Such as ``connect``.
        unit: Such as ``ms``.
        more_is_better: As of rates.
    """

    name: str = "connect"
    unit: str = "ms"
    more_is_better: bool = False

    @property
    def heading(self) -> str:
        """For an axis: the name and its unit."""
        return f"{self.name}, {self.unit}"


CONNECT = Measure()


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantile:
    """A quantile with its interval; *p* is in (0, 1)."""

    p: float
    estimate: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """What was measured of one region.

    Attributes:
        label: As it is shown; a text from strangers.
        provider: Its name in the catalogue, such as ``aws``.
        values: One a round, any order; infinite where it timed out.
        quantiles: That are marked, p50 among them; none without values.
        failed: Visits that failed, timeouts too.
        attempts: Visits that were made.
    """

    label: str
    provider: str
    values: tuple[float, ...]
    quantiles: tuple[Quantile, ...]
    failed: int = 0
    attempts: int = 0

    def at(self, p: float) -> Estimate | None:
        """The estimate of the p-quantile; None where there is none."""
        found = [one.estimate for one in self.quantiles if one.p == p]
        return found[0] if found else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """An estimate over some hours of a course, wall clock, UTC."""

    begin_ns: int
    end_ns: int
    estimate: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A lasting change of a course: when it began, the medians before and after."""

    at_ns: int
    before: float
    after: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What became of one region over time.

    Attributes:
        times_ns: Shape (n,), rising: the rounds' begin by the wall clock, UTC.
        medians: Shape (n,): None where there is no value, infinite for a timeout.
        blocks: The same over longer times, with intervals.
        changes: That last.
    """

    label: str
    provider: str
    times_ns: tuple[int, ...]
    medians: tuple[float | None, ...]
    blocks: tuple[Block, ...] = ()
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatCell:
    """One region seen from one vantage; *p50* is None where nothing answered."""

    vantage: str
    label: str
    provider: str
    p50: Estimate | None
    failed: int = 0
    attempts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The places that a region may hold.

    Attributes:
        low_rank: The best, from 1; None where it was never seen.
        high_rank: The worst.
        letters: Shared with those that it is not shown to differ from.
    """

    label: str
    provider: str
    low_rank: int | None
    high_rank: int | None
    letters: str
    p50: Estimate | None
    rounds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """One region held against the baseline, candidate minus baseline.

    Attributes:
        vantage: Name; "" for all of them together.
        shift: None where nothing could be compared.
        margin: Within which it does not matter, in the same unit.
    """

    label: str
    provider: str
    vantage: str
    shift: Estimate | None
    margin: float
    verdict: Verdict
    rounds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PairCell:
    """What is known of two regions: *verdict* of *row* held against *column*.

    Attributes:
        row_is_better: Whether the row's region is surely better; of no meaning unless
            the verdict is that they differ.
    """

    row: str
    column: str
    verdict: Verdict
    row_is_better: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MapPoint:
    """One region on the map as one vantage saw it.

    Attributes:
        region_id: Names its row in the page's table.
        latitude_deg: In [-90, 90].
        longitude_deg: In [-180, 180].
        p50: None where nothing answered.
    """

    region_id: str
    label: str
    provider: str
    city: str
    latitude_deg: float
    longitude_deg: float
    vantage: str
    p50: Estimate | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VantagePoint:
    """From where it was measured; coordinates that nobody gave are None."""

    name: str
    latitude_deg: float | None
    longitude_deg: float | None
    city: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Throughput:
    """The rate of downloads from one region.

    Attributes:
        streams: Connections; None where there is no throughput target.
        point: Mbit/s; None where too few settled.
        low: The lowest rate of a test; None where nothing is known.
        high: The highest.
        tests: Transfers, failed ones too.
        settled: Those that settled.
    """

    label: str
    provider: str
    streams: int | None
    point: float | None
    low: float | None
    high: float | None
    tests: int = 0
    settled: int = 0
