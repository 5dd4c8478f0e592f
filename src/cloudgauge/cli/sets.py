"""Where a command takes result sets from: paths, patterns, and stores by URL.

What is typed stays text until here: a `Path` folds the two slashes of a URL.
"""

import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cloudgauge.cli.output import Output
from cloudgauge.errors import StoreError
from cloudgauge.model.quantity import format_byte_count

if TYPE_CHECKING:
    from cloudgauge.store.stored_set import Progress

_SETS_HELP = (
    "Result sets, merged sets, folders that hold some, or URLs of stores "
    "(s3://bucket/place; see cloudgauge pull --help)."
)
SetsArgument = Annotated[list[str], typer.Argument(metavar="SET...", help=_SETS_HELP)]
SetArgument = Annotated[
    str,
    typer.Argument(metavar="SET", help="A result set, or the URL of one in a store."),
]


def at_hand(named: Sequence[str], out: Output) -> list[Path]:
    """The paths to read; what is in a store is pulled into the cache first.

    Raises:
        CloudgaugeError: See `workflow.sharing.local_paths`.
    """
    if not any("://" in text for text in named):
        return [Path(text) for text in named]
    from cloudgauge.workflow.sharing import Means, local_paths

    means = Means(told=progress_line(out), say=out.say)
    return list(local_paths(named, means=means))


def one_at_hand(named: str, out: Output) -> Path:
    """As `at_hand`, of one set.

    Raises:
        CloudgaugeError: See `workflow.sharing.local_paths`.
        StoreError: A store has several.
    """
    found = at_hand([named], out)
    if len(found) != 1:
        names = ", ".join(path.name for path in found)
        raise StoreError(named, f"want the URL of one result set, got {names}")
    return found[0]


def progress_line(out: Output) -> "Callable[[Progress], None] | None":
    """What tells on stderr how far a transfer is; None where nobody looks."""
    if out.quiet or not sys.stderr.isatty():
        return None

    def told(progress: "Progress") -> None:
        done = format_byte_count(progress.done_bytes)
        of = format_byte_count(progress.size_bytes)
        files = f"{progress.files} of {progress.files_in_all} files"
        line = f"{progress.name}: {files}, {done} of {of}"
        end = "\n" if progress.files == progress.files_in_all else ""
        sys.stderr.write(f"\r\x1b[2K{line[: _width()]}{end}")
        sys.stderr.flush()

    return told


def _width() -> int:
    return max(20, shutil.get_terminal_size().columns - 1)
