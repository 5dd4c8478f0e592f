"""Where a user's own findings are kept between runs."""

from collections.abc import Mapping
from pathlib import Path

from cloudgauge.errors import MachineError


def user_data_folder(environment: Mapping[str, str]) -> Path:
    """The folder that calibrations and evidence are kept in; it may not exist yet.

    ``$XDG_DATA_HOME/cloudgauge``, else ``~/.local/share/cloudgauge``. A relative
    ``XDG_DATA_HOME`` is ignored, as its specification wants it.

    Args:
        environment: What the command line was started with; below it nobody reads
            an environment variable.

    Raises:
        MachineError: Neither is set: the user has no home.

    Source: XDG Base Directory Specification 0.8, "Environment variables".
    """
    chosen = Path(environment.get("XDG_DATA_HOME", ""))
    if chosen.is_absolute():
        return chosen / "cloudgauge"
    home = Path(environment.get("HOME", "") or environment.get("USERPROFILE", ""))
    if home.is_absolute():
        return home / ".local" / "share" / "cloudgauge"
    msg = "neither XDG_DATA_HOME nor HOME says where your data is kept; set one"
    raise MachineError(msg)


def user_cache_folder(environment: Mapping[str, str]) -> Path:
    """The folder for what can be had again; it may not exist yet.

    ``$XDG_CACHE_HOME/cloudgauge``, else ``~/.cache/cloudgauge``; see
    `user_data_folder`.

    Raises:
        MachineError: Neither is set: the user has no home.
    """
    chosen = Path(environment.get("XDG_CACHE_HOME", ""))
    if chosen.is_absolute():
        return chosen / "cloudgauge"
    home = Path(environment.get("HOME", "") or environment.get("USERPROFILE", ""))
    if home.is_absolute():
        return home / ".cache" / "cloudgauge"
    msg = "neither XDG_CACHE_HOME nor HOME says where a cache is kept; set one"
    raise MachineError(msg)
