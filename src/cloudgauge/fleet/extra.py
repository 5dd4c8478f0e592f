"""The engine is an extra, which may not be installed."""

import importlib.util

from cloudgauge.errors import MachineError


def check_engine() -> None:
    """Say in one sentence what is not there and how it is had.

    Raises:
        MachineError: The distributed engine is not installed.
    """
    for name in ("distributed", "dask"):
        if importlib.util.find_spec(name) is None:
            msg = (
                f"a fleet needs {name}, which is not installed: "
                "pip install 'cloudgauge[fleet]'"
            )
            raise MachineError(msg)
