"""A file that appears whole or not at all, and over no other unless that is asked."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from cloudgauge.errors import ConfigError, MachineError
from cloudgauge.store.folder import machine_errors


@contextmanager
def new_file(path: Path, *, overwrite: bool = False) -> Iterator[BinaryIO]:
    """Open a file to be written, which is seen under its name when it is complete.

    A pipe or a device is written as it stands.

    Args:
        path: Of the file.
        overwrite: It may take the place of another, which stays until then.

    Raises:
        ConfigError: There is a file of that name, and it is not to be replaced.
        MachineError: It cannot be written.
    """
    with machine_errors(path):
        if path.exists() and not path.is_file() and not path.is_dir():
            with path.open("wb") as file:
                yield file
            return
        if overwrite:
            # The file that a link leads to, not the link.
            path = path.resolve()
        else:
            _refuse(path)
        if not path.parent.is_dir():
            msg = f"{path}: cannot be written: its folder does not exist"
            raise MachineError(msg)
        # Beside it, since a rename is whole within one file system only.
        number, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        making = Path(name)
        try:
            with os.fdopen(number, "wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            making.chmod(0o666 & ~_umask())
            if not overwrite:
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
