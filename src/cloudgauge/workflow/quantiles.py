"""Quantiles of many result sets at once, asked for in words."""

from collections.abc import Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from cloudgauge.analysis.engine import Engine, How, quantile_cells
from cloudgauge.analysis.engine_ends import QuantileCell
from cloudgauge.analysis.engine_query import By, Query
from cloudgauge.analysis.metric import Metric
from cloudgauge.errors import ConfigError, NothingUsable, StoreError
from cloudgauge.report.document import Document
from cloudgauge.report.html import to_html
from cloudgauge.report.render import to_markdown
from cloudgauge.store.resultset import ResultSet
from cloudgauge.workflow.quantiles_view import quantiles_document
from cloudgauge.workflow.question import parse_metric
from cloudgauge.workflow.vantage_rounds import refuse_mixed_networks

if TYPE_CHECKING:
    from cloudgauge.analysis.frame import Frame

BY = (By.VANTAGE.value, By.TARGET.value, By.FAMILY.value)
SHARES = (0.5, 0.95, 0.99)
_Word = TypeVar("_Word", bound=StrEnum)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Quantiles:
    """Quantiles cell by cell; in a notebook they show themselves as a table.

    Attributes:
        query: What was asked.
        cells: In the order of their keys.
        exact: Else they are known to 1 %.
        sets: Of which result sets.
    """

    query: Query
    cells: tuple[QuantileCell, ...]
    exact: bool
    sets: tuple[ResultSet, ...]

    def frame(self) -> "Frame":
        """One row a cell; the columns are in FORMAT.md."""
        # pandas takes half a second: only who asks for a frame waits for it.
        from cloudgauge.analysis.quantile_frame import (  # noqa: PLC0415  see above
            quantiles_frame,
        )

        return quantiles_frame(self.query, self.cells)

    def document(self) -> Document:
        """As a table, caveats first."""
        return quantiles_document(self.query, self.cells, self.sets, exact=self.exact)

    def __str__(self) -> str:
        return to_markdown(self.document())

    def __repr__(self) -> str:
        return f"<Quantiles: {self.document().title}>"

    def _repr_html_(self) -> str:
        return to_html(self.document())


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked, in words; see `Results.quantiles`."""

    metric: str = Metric.CONNECT.value
    by: Sequence[str] = BY
    quantiles: Sequence[float] = SHARES
    engine: str = Engine.AUTO.value
    over: Executor | None = None
    exact: bool = True
    memory_bytes: int | None = None


def ask(sets: Sequence[ResultSet], asked: Asked) -> Quantiles:
    """Answer a question of result sets.

    Args:
        sets: At least one.
        asked: What.

    Raises:
        ConfigError: Something in the question is none of ours.
        StoreError: A set cannot be read, or they do not fit together.
        NothingUsable: There is no sample of latency.
        MachineError: There is too little memory, or the executor broke.
    """
    query = _query(asked)
    engine = _word(Engine, asked.engine, "engine")
    if asked.memory_bytes is not None and asked.memory_bytes < 1:
        where, problem = "memory_bytes", f"want above 0, got {asked.memory_bytes}"
        raise ConfigError(where, problem)
    if By.RUN not in query.by:
        refuse_mixed_networks(sets)
        _refuse_two_sources(sets)
    how = How(
        engine=engine,
        over=asked.over,
        exact=asked.exact,
        memory_bytes=asked.memory_bytes,
    )
    cells = quantile_cells(sets, query, how)
    if not cells:
        where = ", ".join(str(result.folder) for result in sets)
        msg = f"{where}: no sample of latency"
        raise NothingUsable(msg)
    return Quantiles(query=query, cells=cells, exact=asked.exact, sets=tuple(sets))


def _refuse_two_sources(sets: Sequence[ResultSet]) -> None:
    """Refuse to pool at one vantage what measured different things."""
    first: dict[str, ResultSet] = {}
    for result in sets:
        run = result.manifest.run
        other = first.setdefault(run.vantage.name, result)
        if _measured(result) != _measured(other):
            problem = (
                f"is {_measured(result)}, {other.folder} is {_measured(other)}: two "
                f"sources at vantage {run.vantage.name} are not pooled; ask by run "
                "to see each alone"
            )
            raise StoreError(str(result.folder), problem)


def _measured(result: ResultSet) -> str:
    made = result.manifest.run.imported
    return f'an import of "{made.measured}"' if made else "measured by cloudgauge"


def _query(asked: Asked) -> Query:
    metric = parse_metric(asked.metric)
    if metric.is_rate:
        problem = "rates have no quantiles over samples: see throughput()"
        raise ConfigError("metric", problem)  # noqa: EM101  the key that is at fault
    by = tuple(_word(By, word.strip(), "by") for word in asked.by)
    if len(set(by)) != len(by):
        raise ConfigError("by", f"want each once, got {', '.join(by)}")  # noqa: EM101  as above
    shares = tuple(sorted({float(share) for share in asked.quantiles}))
    odd = [share for share in shares if not 0 < share < 1]
    if odd or not shares:
        problem = f"want shares between 0 and 1, such as 0.95, got {odd or 'none'}"
        raise ConfigError("quantiles", problem)  # noqa: EM101  as above
    return Query(metric=metric, by=by, shares=shares)


def parse_by(text: str) -> tuple[str, ...]:
    """The words of a list such as ``vantage,region``; none for all samples together."""
    return tuple(word.strip() for word in text.split(",") if word.strip())


def parse_shares(text: str) -> tuple[float, ...]:
    """Shares of a list such as ``0.5,0.95`` or ``p50,p99.9``.

    Raises:
        ConfigError: One is no number.
    """
    found = []
    for word in parse_by(text):
        try:
            number = float(word.removeprefix("p"))
        except ValueError:
            problem = f'want quantiles such as 0.95 or p95, got "{word}"'
            raise ConfigError("--quantiles", problem) from None  # noqa: EM101  as above
        found.append(number / 100 if word.startswith("p") else number)
    return tuple(found)


def _word(kind: type[_Word], word: str, where: str) -> _Word:
    try:
        return kind(word)
    except ValueError:
        known: Iterable[str] = [one.value for one in kind]
        near = get_close_matches(word, known, n=1)
        hint = f'; did you mean "{near[0]}"?' if near else ""
        problem = f'want one of {", ".join(known)}, got "{word}"{hint}'
        raise ConfigError(where, problem) from None
