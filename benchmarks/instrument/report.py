"""The benchmark's results as Markdown for people and JSON for programs."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from benchmarks.instrument.figures import Spread

_DASH = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One figure, its goal, and what a peer came to.

    Attributes:
        figure: What was measured.
        load: Under which load; "" where that does not matter.
        value: Ours; None where it could not be had.
        unit: Of both values.
        peer: Who it is held against; "" for nobody.
        peer_value: The peer's; None where it could not be had.
        goal: The most that `value`, or the ratio, may be; None for no goal.
        goal_is_ratio: Whether the goal is of ours over the peer's.
        goal_is_least: Whether the goal is the least that it may be, instead.
        has_failed: There should have been a value: without it the goal is missed.
        note: Why a value is missing, or what a reader should know.
    """

    figure: str
    load: str
    value: float | None
    unit: str
    peer: str = ""
    peer_value: float | None = None
    goal: float | None = None
    goal_is_ratio: bool = False
    goal_is_least: bool = False
    has_failed: bool = False
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """Ours over the peer's."""
        if self.value is None or not self.peer_value:
            return None
        return self.value / self.peer_value

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None where there is none or nothing to judge."""
        judged = self.ratio if self.goal_is_ratio else self.value
        if self.goal is None:
            return None
        if judged is None:
            return False if self.has_failed else None
        return judged >= self.goal if self.goal_is_least else judged <= self.goal


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One prober under one load, as the second table shows it.

    Attributes:
        reading: Which of its readings the error is of.
        error_ms: Reported minus true; None if there is no reading.
        failed: Share of the visits that were begun and gave no reading.
        achieved: Visits with a reading, over visits that were due.
        cpu_ms: Processor time of the prober for each visit; None if unknown.
        late_ms: From a visit's due time until its first packet was on the line, p99;
            None where the prober keeps a pace of its own.
        unmatched: Readings whose truth is not in the logs.
    """

    load: str
    prober: str
    reading: str
    error_ms: Spread | None
    failed: float
    achieved: float
    cpu_ms: float | None
    late_ms: float | None
    unmatched: int
    note: str = ""


Cell = str | float | int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """A table of one part of the benchmark, below those that stand for all of it.

    Attributes:
        name: One word, for programs.
        text: A sentence or two above it: what was done.
        heads: With their units.
        rows: As many cells each; None where there is no value.
    """

    name: str
    text: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def __post_init__(self) -> None:
        if any(len(row) != len(self.heads) for row in self.rows):
            msg = f"{self.name}: want {len(self.heads)} cells in each row"
            raise ValueError(msg)

    def records(self) -> list[dict[str, Cell]]:
        """The rows for programs, each by the heads."""
        return [dict(zip(self.heads, row, strict=True)) for row in self.rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What one part of the benchmark came to."""

    rows: tuple[Row, ...] = ()
    details: tuple[Detail, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """Everything that a run of the benchmark came to."""

    machine: str
    measured: str
    rows: tuple[Row, ...]
    sides: tuple[Side, ...]
    details: tuple[Detail, ...] = ()


def to_json(results: Results) -> str:
    """The results for programs; ratios and verdicts are in it."""
    table = asdict(results)
    table["schema_version"] = 1
    for row, written in zip(results.rows, table["rows"], strict=True):
        written |= {"ratio": row.ratio, "met": row.met}
    table["details"] = {detail.name: detail.records() for detail in results.details}
    return json.dumps(table, indent=1) + "\n"


def to_markdown(results: Results) -> str:
    """The results as tables: the figures, the probers, and each part's own."""
    parts = [f"Measured {results.measured} on {results.machine}.", ""]
    if results.rows:
        parts += [*_table(_ROW_HEADS, map(_row_cells, results.rows)), ""]
    if results.sides:
        parts += [_SIDES_TEXT, ""]
        parts += [*_table(_SIDE_HEADS, map(_side_cells, results.sides)), ""]
        parts += [*_HOW_TO_READ, ""]
    for detail in results.details:
        cells = ([_cell(cell) for cell in row] for row in detail.rows)
        parts += [detail.text, "", *_table(detail.heads, cells), ""]
    notes = [row.note for row in results.rows] + [side.note for side in results.sides]
    parts += [f"* {note}" for note in dict.fromkeys(notes) if note]
    return "\n".join(parts).rstrip() + "\n"


_HOW_TO_READ = (
    "* The truth of an exchange is the delay line's own log of its packets: from when "
    "the line read the one that was sent until it wrote the one that was waited for. "
    "So every error holds the kernel's way to the line as well.",
    "* First byte: cloudgauge's phase by the kernel's clock; blackbox_exporter's "
    "`processing`; of the shared client, headers sent to headers received by its trace "
    "events. Connect: cloudgauge's `connect_rtt_us`, blackbox_exporter's `connect`. "
    "Whole request: what the prober says of lookup, connect, handshake and answer "
    "together, against the sum of what the network and the server took.",
    "* CPU: user and system time of the prober's processes, of the daemon alone for "
    "blackbox_exporter, from one second after the first visit until the last began; "
    "start-up and the sealing of the result set are left out, the journal is in.",
)
_ROW_HEADS = ("figure", "load", "cloudgauge", "goal", "met", "held against", "ratio")
_SIDE_HEADS = (
    "load",
    "prober",
    "reading",
    "n",
    "p50 ms",
    "p99 ms",
    "max ms",
    "failed",
    "achieved",
    "first packet p99 ms",
    "CPU ms/visit",
)
_SIDES_TEXT = (
    "Error (reported minus true) of every prober, one after another through the same "
    "private network, with the same targets and slots. The first packet's delay counts "
    "from when the visit was due until the line saw it:"
)


def _row_cells(row: Row) -> Sequence[str]:
    held = ""
    if row.peer:
        held = f"{row.peer}: {_with_unit(row.peer_value, row.unit)}"
    goal = ""
    if row.goal is not None:
        bound = f"{row.goal:g}" if row.goal_is_ratio else _with_unit(row.goal, row.unit)
        sign = "≥" if row.goal_is_least else "≤"
        goal = f"{sign} {bound} of it" if row.goal_is_ratio else f"{sign} {bound}"
    met = {True: "yes", False: "**no**", None: ""}[row.met]
    ratio = "" if row.ratio is None else f"{row.ratio:.2g}"
    value = _with_unit(row.value, row.unit)
    return (row.figure, row.load, value, goal, met, held, ratio)


def _side_cells(side: Side) -> Sequence[str]:
    error = side.error_ms
    spread = [_DASH] * 4
    if error is not None:
        spread = [
            str(error.count),
            *(f"{value:.2f}" for value in (error.p50, error.p99, error.most)),
        ]
    late, cpu = (
        _DASH if value is None else f"{value:.2f}"
        for value in (side.late_ms, side.cpu_ms)
    )
    return (
        side.load,
        side.prober,
        side.reading,
        *spread,
        f"{side.failed:.1%}",
        f"{side.achieved:.0%}",
        late,
        cpu,
    )


def _cell(cell: Cell) -> str:
    return _with_unit(cell, "") if isinstance(cell, float | None) else str(cell)


def _with_unit(value: float | None, unit: str) -> str:
    if value is None:
        return _DASH
    text = f"{value:.4f}".rstrip("0").rstrip(".") if abs(value) < 1 else f"{value:.4g}"
    return f"{text} {unit}".rstrip()


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = [heads, ["---"] * len(heads), *rows]
    return [f"| {' | '.join(cells)} |" for cells in lines]
