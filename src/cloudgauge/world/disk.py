"""What the file system refuses, told as an error that names the place."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from cloudgauge.errors import WorldError


@contextmanager
def world_errors(place: Path) -> Iterator[None]:
    """Turn an `OSError` into a `WorldError` of one line that names *place*."""
    try:
        yield
    except OSError as exc:
        raise WorldError(refusal(exc, place)) from exc


@contextmanager
def temporary_folder(purpose: str) -> Iterator[Path]:
    """A folder that is gone afterwards.

    Raises:
        WorldError: It cannot be made, or the file system refuses what is done in it.
    """
    with (
        world_errors(Path("temporary folder")),
        TemporaryDirectory(prefix=f"cloudgauge-{purpose}-") as name,
        world_errors(Path(name)),
    ):
        yield Path(name)


def refusal(error: OSError, place: Path) -> str:
    """What was refused, and where: *place* if the error does not say it itself."""
    # A failed write knows its descriptor only.
    where = error.filename if isinstance(error.filename, str) else str(place)
    if error.errno == errno.ENOSPC:
        return f"{where}: the disk is full"
    reason = error.strerror or str(error)
    return f"{where}: {reason[:1].lower()}{reason[1:]}"
