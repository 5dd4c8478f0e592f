"""Results: one or many result sets opened together, as a notebook wants them."""

from __future__ import annotations

import glob
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cloudgauge.errors import ConfigError, StoreError
from cloudgauge.report.document import Document
from cloudgauge.report.html import to_html
from cloudgauge.store.distinct import distinct
from cloudgauge.store.merged import found_sets
from cloudgauge.store.resultset import ResultSet
from cloudgauge.workflow.results_view import results_document

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from cloudgauge.analysis.frame import Frame
    from cloudgauge.report.figure import Figure
    from cloudgauge.workflow.quantiles import Quantiles

# A path with one of these that is not there is meant as a pattern.
_WILD = frozenset("*?[")
# What becomes of s3://bucket in a Path.
_FOLDED_URL = re.compile(r"(?:file|s3|gs|az|oss|obs|cos):/[^/]")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Results:
    """Result sets, opened and checked; in a notebook it shows itself as a table.

    The frames are made when they are asked for, and pandas is loaded then. Their
    columns are in FORMAT.md.

    Attributes:
        sets: At least one, each run once, in the order they were named.
    """

    sets: tuple[ResultSet, ...]

    def frame(self) -> Frame:
        """One row a sample, failures kept, exact nanoseconds.

        Raises:
            StoreError: The samples cannot be read.
        """
        return self._joined("samples")

    def bins(self) -> Frame:
        """One row a bin of a transfer; no row where nothing was downloaded.

        Raises:
            StoreError: The bins cannot be read.
        """
        return self._joined("bins")

    def rounds(self) -> Frame:
        """One row a series and round of latency: medians of what did not fail.

        Raises:
            StoreError: The samples cannot be read.
        """
        return self._joined("rounds")

    def throughput(self) -> Frame:
        """One row a transfer: its settled rate, and the round trips beside it.

        A region without a throughput target has no transfer: each set's
        ``manifest.plan.objectless`` names those.

        Raises:
            StoreError: Samples or bins cannot be read.
        """
        return self._joined("throughput")

    def targets(self) -> Frame:
        """One row a series of latency: counts, failures and quantiles.

        Raises:
            StoreError: The samples cannot be read.
        """
        return self._joined("targets")

    def failures(self) -> Frame:
        """One row a series, latency and downloads, and kind of failure.

        Raises:
            StoreError: The samples cannot be read.
        """
        return self._joined("failures")

    def quantiles(  # noqa: PLR0913  a question has so many sides
        self,
        metric: str = "connect",
        *,
        by: str | Sequence[str] = ("vantage", "target", "family"),
        quantiles: Sequence[float] = (0.5, 0.95, 0.99),
        engine: str = "auto",
        over: Executor | None = None,
        exact: bool = True,
        memory_bytes: int | None = None,
    ) -> Quantiles:
        """Quantiles with intervals over all sets together, cell by cell.

        Args:
            metric: ``connect``, ``tls`` or ``first-byte``.
            by: What the samples of a cell have in common: some of ``vantage``,
                ``provider``, ``region``, ``target``, ``family``, ``replica``, ``day``,
                ``hour`` (of the day, UTC) and ``run``; none for all of them together.
            quantiles: In (0, 1).
            engine: ``memory`` (numpy), ``duckdb``, or ``auto``: which of them is
                faster. The answers are the same.
            over: Where files are read; None for here. Any executor does, such as
                ``client.get_executor()`` of a Dask client; the files must be at the
                same paths there.
            exact: Else quantiles are known to 1 %, and less is sent about.
            memory_bytes: About what a process may take; None for half of the memory,
                4 GiB at most.

        Raises:
            ConfigError: One of them is none.
            StoreError: A set cannot be read, or they do not fit together.
            NothingUsable: There is no sample of latency.
            MachineError: There is too little memory, or the executor broke.
        """
        from cloudgauge.workflow.quantiles import Asked, ask, parse_by  # noqa: PLC0415  loads numpy

        asked = Asked(
            metric=metric,
            by=parse_by(by) if isinstance(by, str) else by,
            quantiles=quantiles,
            engine=engine,
            over=over,
            exact=exact,
            memory_bytes=memory_bytes,
        )
        return ask(self.sets, asked)

    def document(self) -> Document:
        """What was opened, run by run, and what to beware of."""
        return results_document(self.sets)

    def plot(
        self,
        kind: str = "strips",
        *,
        regions: str | Sequence[str] = "*",
        metric: str = "connect",
    ) -> Figure:
        """Draw what was measured.

        Args:
            kind: ``strips``, ``ecdf``, ``series``, ``heat`` (vantage by region),
                ``map`` or ``throughput``.
            regions: Ids of regions or targets; ``*`` and ``?`` match as in file names.
            metric: ``connect``, ``tls``, ``first-byte`` or ``throughput``.

        Returns:
            A picture that shows itself in a notebook, and can be saved; with the
            reason in its place where nothing was answered.

        Raises:
            ConfigError: No such kind, metric or region.
            StoreError: A set cannot be read, or they do not fit together.
            MachineError: The extra ``report`` is not installed.
        """
        from cloudgauge.workflow.plotting import plot_results  # noqa: PLC0415  loads numpy

        return plot_results(self, kind, regions=regions, metric=metric)

    def _joined(self, name: str) -> Frame:
        # pandas takes half a second: only who asks for a frame waits for it.
        from cloudgauge.analysis.frames import joined_frame  # noqa: PLC0415  see above

        return joined_frame(name, self.sets)

    def __repr__(self) -> str:
        return f"<Results: {self.document().title}>"

    def _repr_html_(self) -> str:
        return to_html(self.document())


def load(paths: str | Path | Iterable[str | Path]) -> Results:
    """Open result sets.

    Args:
        paths: A set, a merged set, a folder of sets, a pattern such as
            ``results/*``, the URL of a set or of a store of sets, such as
            ``s3://bucket/place``, or several of these. A run that is named twice is
            opened once. What a URL names is pulled into the user's cache and kept
            there; sets in a store that are not whole yet are left out with a warning.

    Raises:
        ConfigError: Nothing was named, or a store refuses.
        StoreError: A path is no set, or is corrupt, or two sets claim the same run
            and differ.
        MachineError: A killed run's set cannot be sealed.
    """
    named = [paths] if isinstance(paths, str | Path) else list(paths)
    folders = [folder for path in _at_hand(named) for folder in _matching(path)]
    if not folders:
        where = "load"
        raise ConfigError(where, "want the path of at least one result set")
    opened = [ResultSet.open(folder) for folder in found_sets(folders)]
    return Results(sets=distinct(opened).kept)


def _at_hand(named: Sequence[str | Path]) -> Sequence[str | Path]:
    """Paths for URLs; the rest as it is."""
    if not any("://" in str(path) for path in named):
        return named
    # It brings what talks to stores, which most who load sets do without.
    from cloudgauge.workflow.sharing import local_paths  # noqa: PLC0415

    return local_paths(named)


def _matching(path: str | Path) -> list[Path]:
    place = Path(path).expanduser()
    if _FOLDED_URL.match(str(path)) and not place.exists():
        problem = "has lost a slash: name a store's URL as text, not as a Path"
        raise ConfigError(str(path), problem)
    if place.exists() or not _WILD.intersection(str(place)):
        return [place]
    found = sorted(glob.glob(str(place)))  # noqa: PTH207  Path.glob takes no absolute pattern
    if not found:
        raise StoreError(str(path), "matches no file or folder")
    return [Path(name) for name in found]
