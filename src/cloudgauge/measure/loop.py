"""The event loop that drives the probes."""

import asyncio
import importlib.util


def new_loop() -> asyncio.AbstractEventLoop:
    """Make uvloop's loop where there is one, else asyncio's own."""
    if importlib.util.find_spec("uvloop") is None:
        return asyncio.new_event_loop()
    import uvloop  # noqa: PLC0415  not for every system

    return uvloop.new_event_loop()
