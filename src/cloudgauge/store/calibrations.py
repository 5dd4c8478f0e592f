"""The newest calibration of each machine, in the user's own folder.

One file, since a home may be shared by machines; it appears whole or not at all. It
only says how far figures can be trusted: one that cannot be read is told and not used,
and never stops a run.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

from cloudgauge.errors import ConfigError, MachineError
from cloudgauge.model.calibration import Calibration
from cloudgauge.planning.plain import (
    canonical_json,
    from_plain,
    parse_json_table,
    to_plain,
)
from cloudgauge.store.folder import keep, machine_errors, write_whole

CALIBRATION_FILE = "calibration.json"
FILE_VERSION = 1
# A calibration has some hundred rows of 150 bytes.
_LIMIT_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundCalibration:
    """What the user's folder has for a machine.

    Attributes:
        calibration: The newest of this machine; None if there is none to be used.
        problem: Why there is none although there is a file; "" for nothing.
    """

    calibration: Calibration | None
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    """What the file holds: at most one calibration of each machine."""

    schema_version: int
    calibrations: tuple[Calibration, ...]


def find_calibration(folder: Path, machine: str) -> FoundCalibration:
    """The newest calibration of *machine* that *folder* has.

    Args:
        folder: The user's own; need not exist.
        machine: As `Calibration.machine` has it.
    """
    path = folder / CALIBRATION_FILE
    try:
        held = _read(path)
    except (ConfigError, MachineError) as exc:
        return FoundCalibration(calibration=None, problem=f"not used: {exc}")
    ours = [one for one in held if one.machine == machine]
    if not ours:
        problem = f"not used: {path} is of another machine" if held else ""
        return FoundCalibration(calibration=None, problem=problem)
    newest = max(ours, key=lambda one: one.made_wall_ns)
    return FoundCalibration(calibration=newest)


def check_keeping(folder: Path) -> None:
    """Find out whether *folder*, which is made, can keep a calibration.

    Raises:
        MachineError: It cannot.
    """
    with machine_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=folder, prefix=".trial-"):
            pass


def keep_calibration(folder: Path, calibration: Calibration) -> Path:
    """Keep a calibration in place of an older one of its machine; gives the file.

    A file that cannot be read is laid aside as ``calibration.json.unreadable``.

    Raises:
        MachineError: It cannot be written.
    """
    path = folder / CALIBRATION_FILE
    with machine_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    try:
        held = _read(path)
    except ConfigError:
        held = ()
        with machine_errors(path):
            path.replace(path.with_name(f"{path.name}.unreadable"))
    others = tuple(one for one in held if one.machine != calibration.machine)
    file = _File(schema_version=FILE_VERSION, calibrations=(*others, calibration))
    # Two that are made at once must not write into one another's.
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    with machine_errors(path):
        try:
            write_whole(fresh, canonical_json(to_plain(file)).encode("ascii"))
            fresh.replace(path)
        finally:
            fresh.unlink(missing_ok=True)
        keep(folder)
    return path


def _read(path: Path) -> tuple[Calibration, ...]:
    """Every calibration of a file; none where there is no file.

    Raises:
        ConfigError: It is no such file.
        MachineError: The file system refuses.
    """
    where = str(path)
    with machine_errors(path):
        try:
            with path.open("rb") as file:
                content = file.read(_LIMIT_BYTES + 1)
        except FileNotFoundError:
            return ()
    if len(content) > _LIMIT_BYTES:
        raise ConfigError(where, f"want at most {_LIMIT_BYTES} bytes")
    table = parse_json_table(content.decode("utf-8", "replace"), where)
    version = table.get("schema_version")
    if version != FILE_VERSION:
        problem = f"want schema_version {FILE_VERSION}, got {version!r}"
        raise ConfigError(where, problem)
    return from_plain(_File, table, where).calibrations
