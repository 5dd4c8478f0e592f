"""A file that appears whole or not at all, and never over one that is there."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from cloudgauge.errors import ConfigError
from cloudgauge.store.folder import machine_errors


@contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """Open a file to be written, which is seen under its name when it is complete.

    A pipe or a device is written as it stands.

    Raises:
        ConfigError: There is a file of that name.
        MachineError: It cannot be written.
    """
    with machine_errors(path):
        if path.exists() and not path.is_file() and not path.is_dir():
            with path.open("wb") as file:
                yield file
            return
        _refuse(path)
        # Beside it, since a rename is whole within one file system only.
        number, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        making = Path(name)
        try:
            with os.fdopen(number, "wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            making.chmod(0o666 & ~_umask())
            _refuse(path)
            making.rename(path)
        finally:
            with suppress(FileNotFoundError):
                making.unlink()


def _refuse(path: Path) -> None:
    if path.exists():
        problem = "is there already; choose another name, or remove it"
        raise ConfigError(str(path), problem)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
