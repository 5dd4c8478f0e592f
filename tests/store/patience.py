"""Waiting for what another thread or process does, with a bound."""

import time
from collections.abc import Callable


def wait_until(holds: Callable[[], bool], *, timeout_s: float) -> None:
    """Return when *holds* does; fail if that takes longer than *timeout_s*."""
    last = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < last, f"waited {timeout_s} s in vain"
        time.sleep(0.01)
