"""The options that every command shares, and where its answer goes.

Results go to stdout or to ``--output``, everything else to stderr.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from cloudgauge.errors import (
    CloudgaugeError,
    ConfigError,
    LimitExceeded,
    MachineError,
    NothingUsable,
    StoreError,
)
from cloudgauge.report.document import Document
from cloudgauge.report.escape import printable


class Format(StrEnum):
    """How an answer is written."""

    TABLE = "table"
    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"
    MD = "md"


FormatOption = Annotated[
    Format,
    typer.Option("--format", help="How to write the answer; csv is its main table."),
]
OutputOption = Annotated[
    Path | None,
    typer.Option("--output", "-o", help="File to write the answer to [stdout]."),
]
QuietOption = Annotated[
    bool, typer.Option("--quiet", "-q", help="No progress and no hints on stderr.")
]
VerboseOption = Annotated[
    bool, typer.Option("--verbose", "-v", help="More detail on stderr.")
]

_EXIT_CODES: tuple[tuple[type[CloudgaugeError], int], ...] = (
    (ConfigError, 2),
    (LimitExceeded, 2),
    (NothingUsable, 4),
    (StoreError, 5),
    (MachineError, 74),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """Where and how a command answers.

    Attributes:
        path: File to write; None for stdout.
    """

    format: Format = Format.TABLE
    path: Path | None = None
    quiet: bool = False
    verbose: bool = False

    def show(self, document: Document) -> None:
        """Write the answer.

        Raises:
            MachineError: The file cannot be written.
        """
        text = _rendered(document, self)
        if self.path is None:
            sys.stdout.write(text)
            return
        try:
            self.path.write_text(text, encoding="utf-8")
        except OSError as exc:
            msg = f"{self.path}: cannot be written: {exc.strerror}"
            raise MachineError(msg) from exc
        self.say(f"wrote {self.path}")

    def say(self, message: str) -> None:
        """Tell the user something on stderr, unless they asked for quiet."""
        if not self.quiet:
            tell(message)


def tell(message: str) -> None:
    """Write lines to stderr, harmless to a terminal."""
    for line in message.split("\n"):
        typer.echo(printable(line), err=True)


@contextmanager
def exit_codes() -> Iterator[None]:
    """Turn what a message can explain into that message and its exit code."""
    try:
        yield
    except CloudgaugeError as exc:
        tell(f"cloudgauge: {exc}")
        code = next(code for kind, code in _EXIT_CODES if isinstance(exc, kind))
        raise typer.Exit(code) from exc
    except BrokenPipeError:
        # The reader has gone (head, less): what it wanted, it has. Python's own
        # flush at exit would complain, so stdout is pointed elsewhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _rendered(document: Document, output: Output) -> str:
    from cloudgauge.report import render

    match output.format:
        case Format.JSON:
            return render.to_json(document)
        case Format.JSONL:
            return render.to_jsonl(document)
        case Format.CSV:
            return render.to_csv(document)
        case Format.MD:
            return render.to_markdown(document)
        case _:
            from cloudgauge.cli.terminal import to_terminal

            return to_terminal(document, to_stdout=output.path is None)
