"""Result sets for other tools: CSV, JSON lines, Parquet and OpenMetrics."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

from cloudgauge.analysis.export_parquet import write_rows
from cloudgauge.analysis.export_rows import CONTRACTS, RowBatch, batches_of
from cloudgauge.analysis.export_text import LineForm, lines_of
from cloudgauge.errors import ConfigError
from cloudgauge.report.export import csv_field, json_text
from cloudgauge.report.openmetrics import to_openmetrics
from cloudgauge.store.schema import SCHEMA_VERSION
from cloudgauge.workflow.exporting_metrics import families_of
from cloudgauge.workflow.results import load

SAMPLES = "samples"


class ExportFormat(StrEnum):
    """What a set can be written as."""

    CSV = "csv"
    JSONL = "jsonl"
    PARQUET = "parquet"
    OPENMETRICS = "openmetrics"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportRequest:
    """What is to be written, and as what.

    Attributes:
        paths: As `results.load` takes them.
        what: A key of `analysis.export_rows.CONTRACTS`; None for samples, and for
            OpenMetrics, which has figures of its own.
    """

    paths: tuple[Path, ...]
    format: ExportFormat
    what: str | None = None

    def __post_init__(self) -> None:
        if self.what is not None and self.format is ExportFormat.OPENMETRICS:
            where = "--what"
            problem = "is of rows; openmetrics has figures of its own"
            raise ConfigError(where, problem)
        if self.what is not None and self.what not in CONTRACTS:
            where, wanted = "--what", ", ".join(CONTRACTS)
            raise ConfigError(where, f"want one of {wanted}, got {self.what}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What was written.

    Attributes:
        rows: How many; of OpenMetrics the numbers.
        what: What the rows are.
        sets: How many result sets they came from.
    """

    rows: int
    what: str
    sets: int


class Export:
    """Result sets opened and checked, ready to be written."""

    def __init__(self, request: ExportRequest) -> None:
        """Open the sets.

        Raises:
            ConfigError: Nothing was named, or a pattern matches nothing.
            StoreError: A path is no set, or is corrupt.
            MachineError: A set cannot be read, or a killed run's sealed.
        """
        self._request = request
        self._sets = load(request.paths).sets
        self._rows = 0

    def write(self, file: BinaryIO) -> Exported:
        """Write everything, a batch at a time.

        Args:
            file: Open for writing, need not be seekable; stays open.

        Raises:
            StoreError: The samples of a set cannot be read.
            OSError: *file* refuses.
        """
        self._rows = 0
        what = self._request.what or SAMPLES
        match self._request.format:
            case ExportFormat.CSV:
                names = column_names(what)
                file.write(f"{','.join(names)}\n".encode())
                self._write_lines(file, what, _csv_form(len(names)))
            case ExportFormat.JSONL:
                self._write_lines(file, what, _json_form(column_names(what)))
            case ExportFormat.PARQUET:
                said = {"schema_version": str(SCHEMA_VERSION), "rows": what}
                write_rows(file, what, self._batches(what), said)
            case ExportFormat.OPENMETRICS:
                what = "metrics"
                for line in to_openmetrics(families_of(self._sets)):
                    file.write(f"{line}\n".encode())
                    self._rows += not line.startswith("#")
        return Exported(rows=self._rows, what=what, sets=len(self._sets))

    def _write_lines(self, file: BinaryIO, what: str, form: LineForm) -> None:
        for batch in self._batches(what):
            for lines in lines_of(batch, form):
                file.write(lines)

    def _batches(self, what: str) -> Iterator[RowBatch]:
        for result in self._sets:
            for batch in batches_of(result, what):
                self._rows += batch.num_rows
                yield batch


def column_names(what: str) -> tuple[str, ...]:
    """The columns of a kind of row, in their order."""
    return tuple(column.name for column in CONTRACTS[what])


def _csv_form(columns: int) -> LineForm:
    before = ("", *(",",) * (columns - 1))
    return LineForm(word=csv_field, absent="", before=before, end="\n")


def _json_form(names: Sequence[str]) -> LineForm:
    keys = (f"{json_text(name)}:" for name in names)
    before = tuple(f"{'{,'[at > 0]}{key}" for at, key in enumerate(keys))
    return LineForm(word=json_text, absent="null", before=before, end="}\n")
