"""``cloudgauge export``: every number of result sets for other tools."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cloudgauge.cli.output import Output, QuietOption, exit_codes
from cloudgauge.cli.sets import SetsArgument, at_hand
from cloudgauge.errors import ConfigError, MachineError

if TYPE_CHECKING:
    from cloudgauge.workflow.exporting import Export, Exported

_STDOUT = Path("-")


class ExportAs(StrEnum):
    """As `workflow.exporting.ExportFormat`, which is too heavy to load for --help."""

    CSV = "csv"
    JSONL = "jsonl"
    PARQUET = "parquet"
    OPENMETRICS = "openmetrics"


class Rows(StrEnum):
    """As `analysis.export_rows.CONTRACTS`, which is too heavy to load for --help."""

    SAMPLES = "samples"
    ROUNDS = "rounds"
    TARGETS = "targets"
    FAILURES = "failures"
    THROUGHPUT = "throughput"
    BINS = "bins"


def export(
    sets: SetsArgument,
    *,
    format: Annotated[
        ExportAs, typer.Option("--format", help="What to write.")
    ] = ExportAs.CSV,
    what: Annotated[
        Rows | None,
        typer.Option(
            "--what",
            help="Which rows; openmetrics has figures of its own [samples].",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="New file to write; - is stdout [stdout].",
        ),
    ] = None,
    quiet: QuietOption = False,
) -> None:
    """Export result sets for other tools: all of it, exact, failures kept.

    A row is a sample (one exchange) unless --what says otherwise: rounds (medians of
    each target and round), targets (figures of each target), failures (by kind),
    throughput (one row a transfer), bins (tenths of a second of transfers). Columns
    and units are those of the frames, in FORMAT.md; what is absent is an empty field,
    null, or missing, never 0. Several sets follow one another; run_id and vantage tell
    them apart.

    openmetrics is text for Prometheus and its kin: probe success, failures by kind,
    histograms of every phase, in seconds.

    \b
      cloudgauge export results/* --format parquet -o samples.parquet
      cloudgauge export results/* --what rounds | head
      cloudgauge export results/* --format openmetrics -o cloudgauge.prom
    """
    from cloudgauge.workflow.exporting import Export, ExportFormat, ExportRequest

    with exit_codes():
        request = ExportRequest(
            paths=tuple(at_hand(sets, Output(quiet=quiet))),
            format=ExportFormat(format.value),
            what=None if what is None else what.value,
        )
        if output is None or output == _STDOUT:
            if format is ExportAs.PARQUET and sys.stdout.isatty():
                where = "--output"
                raise ConfigError(
                    where, "Parquet is no text for a terminal; name a file"
                )
            _to_stdout(Export(request))
        else:
            exported = _to_file(Export(request), output)
            Output(quiet=quiet).say(f"wrote {output}: {_told(exported)}")


def _to_stdout(export: "Export") -> None:
    try:
        export.write(sys.stdout.buffer)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as exc:
        msg = f"stdout: cannot be written: {exc.strerror}"
        raise MachineError(msg) from exc


def _to_file(export: "Export", path: Path) -> "Exported":
    from cloudgauge.workflow.new_file import new_file

    with new_file(path) as file:
        return export.write(file)


def _told(exported: "Exported") -> str:
    sets = f"{exported.sets} result set{'' if exported.sets == 1 else 's'}"
    noun = "numbers" if exported.what == "metrics" else "rows"
    return f"{exported.what}, {exported.rows:,} {noun} of {sets}"
