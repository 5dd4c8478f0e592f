"""What a file of the long-term record holds: its columns, its words and its head.

One row is one count: so many values of a metric, of one series and one hour (or day),
fell into one bin of the 1 % log-histogram. Counts add up: whoever sums them over hours,
days or vantages has the histogram of all of it, exactly.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from cloudgauge.model.quantity import NS_PER_S
from cloudgauge.model.run import Vantage
from cloudgauge.store.schema import Kind, Layout, StoredColumn

FORMAT_VERSION = 1
ACCURACY = 0.01
_HEX_32 = re.compile(r"[0-9a-f]{32}", re.ASCII)
_HEX_64 = re.compile(r"[0-9a-f]{64}", re.ASCII)


class Grain(StrEnum):
    """Over which time a row counts; periods begin at whole ones of UTC."""

    HOUR = "hour"
    DAY = "day"

    @property
    def length_ns(self) -> int:
        """How long a period is."""
        return (3_600 if self is Grain.HOUR else 86_400) * NS_PER_S

    def begin_of(self, wall_ns: int) -> int:
        """When the period of an instant begins, both nanoseconds UTC since 1970."""
        return wall_ns // self.length_ns * self.length_ns


class Metric(StrEnum):
    """What is counted.

    Those with a histogram are nanoseconds of exchanges that did not fail, as
    ``cloudgauge show`` has them; ``visits`` are visits and transfers, failed ones too,
    ``answered`` those whose first exchange did not fail, ``failures`` failed exchanges,
    each with its kind.
    """

    CONNECT = "connect"
    CONNECT_PROGRAM = "connect_program"
    RESOLVE = "resolve"
    TLS = "tls"
    FIRST_BYTE_COLD = "first_byte_cold"
    FIRST_BYTE_WARM = "first_byte_warm"
    VISITS = "visits"
    ANSWERED = "answered"
    FAILURES = "failures"

    @property
    def has_histogram(self) -> bool:
        """Whether its rows are bins of values."""
        return self not in {Metric.VISITS, Metric.ANSWERED, Metric.FAILURES}


ZERO, BEYOND = "zero", "beyond"


def _column(name: str, kind: Kind, meaning: str, *, unit: str = "") -> StoredColumn:
    return StoredColumn(
        name=name, kind=kind, nullable=False, unit=unit, meaning=meaning
    )


COUNTS = Layout(
    noun="count",
    columns=(
        _column("target_id", Kind.STRING, "The target, as in targets.json."),
        _column("family", Kind.STRING, "IP version of the series: ipv4 or ipv6."),
        _column("replica", Kind.INT32, "1 for the second series of an A/A control."),
        _column("metric", Kind.STRING, "What is counted."),
        _column(
            "begins_wall_ns",
            Kind.INT64,
            "When the hour or day begins, UTC since 1970; an exchange belongs to the "
            "one in which it was sent.",
            unit="ns",
        ),
        StoredColumn(
            name="word",
            kind=Kind.STRING,
            nullable=True,
            unit="",
            meaning="Of failures their kind; of values zero (they are 0) or beyond "
            "(they timed out: longer than all others). Absent in a bin, and for "
            "visits and answered.",
        ),
        StoredColumn(
            name="bin",
            kind=Kind.INT32,
            nullable=True,
            unit="",
            meaning="Of values their bin i: above g^(i - 1) and at most g^i "
            "nanoseconds, g = 1.01 / 0.99. Absent elsewhere.",
        ),
        _column("count", Kind.INT64, "How many, at least 1."),
    ),
)
KEYS = COUNTS.names[:-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldedRun:
    """A run whose samples are in the counts, each once.

    Attributes:
        folder: What its result set was called.
        plan_hash: SHA-256 of its plan, hexadecimal.
        started_wall_ns: UTC since 1970.
        ended_wall_ns: UTC since 1970.
        samples: How many it had.
        complete: Every slot of it has its sample.
        first_round: The first of its rounds.
        rounds: How many rounds it is of.
        number: Which part of the monitor it is, from 0.
    """

    run_id: str
    folder: str
    plan_hash: str
    started_wall_ns: int
    ended_wall_ns: int
    samples: int
    complete: bool
    first_round: int
    rounds: int
    number: int

    def __post_init__(self) -> None:
        if not _HEX_32.fullmatch(self.run_id) or not _HEX_64.fullmatch(self.plan_hash):
            msg = "run_id must be 32 and plan_hash 64 hexadecimal digits"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class LongTermHead:
    """What a file says of itself.

    Attributes:
        grain: Over which time each row counts.
        accuracy: Within which share of itself a value in a bin is known.
        tool_version: Of the cloudgauge that wrote it.
        simulated: It is of a private network.
        periods: When the periods in it begin, rising, UTC since 1970.
        runs: Whose samples it counts, in order of their beginning.
    """

    format_version: int
    grain: Grain
    accuracy: float
    tool_version: str
    vantage: Vantage
    simulated: bool
    periods: tuple[int, ...]
    runs: tuple[FoldedRun, ...]

    def __post_init__(self) -> None:
        if self.format_version != FORMAT_VERSION or self.accuracy != ACCURACY:
            msg = (
                f"is of format {self.format_version} and accuracy {self.accuracy}, and "
                f"this cloudgauge reads format {FORMAT_VERSION} of {ACCURACY}"
            )
            raise ValueError(msg)
        if not self.runs or list(self.periods) != sorted(set(self.periods)):
            msg = "want at least one run, and periods that rise"
            raise ValueError(msg)
        if any(self.grain.begin_of(at) != at or at < 0 for at in self.periods):
            msg = f"a period does not begin with its {self.grain}"
            raise ValueError(msg)
