"""What monitors keep for the long term, opened: by hour, by day, or all of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cloudgauge.errors import ConfigError, StoreError
from cloudgauge.report.html import to_html
from cloudgauge.store.long_term import LONG_TERM, LongTermFile, long_term_files
from cloudgauge.workflow.long_term_view import long_term_document

if TYPE_CHECKING:
    from cloudgauge.analysis.frame import Frame
    from cloudgauge.analysis.long_term_figures import Every
    from cloudgauge.report.document import Document

_EVERY = ("hour", "day", "all")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class LongTerm:
    """The long-term record of one monitor; in a notebook it shows itself as a table.

    Values are in bins 2 % wide, so a quantile is known within 1 %. Intervals count
    every exchange as a draw of its own; exchanges of one visit and of one bad hour are
    not, so they are narrower than those of ``rank`` and ``show``, which go by rounds.

    Attributes:
        files: At least one, days first.
    """

    files: tuple[LongTermFile, ...]

    def frame(self, every: str = "day", *, confidence: float = 0.95) -> Frame:
        """One row a series, metric and period: n, and quantiles with intervals.

        Args:
            every: ``hour`` (days, where hours were folded into them), ``day`` or
                ``all``.
            confidence: Of the intervals, in (0, 1).

        Raises:
            ConfigError: *every* or *confidence* is none of these.
            StoreError: A file was changed.
        """
        from cloudgauge.analysis.long_term_frames import latency_frame  # noqa: PLC0415  loads pandas

        if not 0 < confidence < 1:
            where = "confidence"
            raise ConfigError(where, f"want a number in (0, 1), got {confidence}")
        return latency_frame(self.files, _every(every), confidence)

    def visits(self, every: str = "day") -> Frame:
        """One row a series and period: visits, answered ones, failed exchanges.

        Raises:
            ConfigError: *every* is none of those of `frame`.
            StoreError: A file was changed.
        """
        from cloudgauge.analysis.long_term_frames import visits_frame  # noqa: PLC0415  loads pandas

        return visits_frame(self.files, _every(every))

    def failures(self, every: str = "day") -> Frame:
        """One row a series, period and kind of failure.

        Raises:
            ConfigError: *every* is none of those of `frame`.
            StoreError: A file was changed.
        """
        from cloudgauge.analysis.long_term_frames import failures_frame  # noqa: PLC0415  loads pandas

        return failures_frame(self.files, _every(every))

    def document(self, every: str = "all") -> Document:
        """The figures as ``cloudgauge show --long-term`` has them.

        Raises:
            ConfigError: *every* is none of those of `frame`.
            StoreError: A file was changed.
        """
        return long_term_document(self.files, _every(every))

    def __repr__(self) -> str:
        return f"<LongTerm: {len(self.files)} files>"

    def _repr_html_(self) -> str:
        return to_html(self.document())


def load_long_term(folder: str | Path) -> LongTerm:
    """Open what a monitor keeps for the long term.

    Args:
        folder: The monitor's, or the ``long-term`` in it.

    Raises:
        StoreError: There is none, or a file is none of ours.
        MachineError: It cannot be read.
    """
    place = Path(folder).expanduser()
    if place.name == LONG_TERM and not (place / LONG_TERM).is_dir():
        place = place.parent
    files = long_term_files(place)
    if not files:
        raise StoreError(str(place), "holds no long-term record of a monitor")
    return LongTerm(files=files)


def show_long_term(folders: Sequence[str | Path], every: str) -> Document:
    """The figures of a monitor's long-term record.

    Args:
        folders: One: the record of a vantage is in one folder.
        every: As `LongTerm.frame` has it.

    Raises:
        ConfigError: More than one folder, or *every* is none of those.
        StoreError: There is no record, or it is corrupt.
        MachineError: It cannot be read.
    """
    if len(folders) != 1:
        where = "--long-term"
        raise ConfigError(where, f"want one monitor's folder, got {len(folders)}")
    return load_long_term(folders[0]).document(every)


def _every(text: str) -> Every:
    from cloudgauge.analysis.long_term_figures import Every  # noqa: PLC0415  loads numpy

    if text not in _EVERY:
        where = "long term"
        raise ConfigError(where, f"want {', '.join(_EVERY)}, got {text}")
    return Every(text)
