"""Calls that wait for the disk, beside the loop that times visits."""

import asyncio
from collections.abc import Callable
from typing import TypeVar, TypeVarTuple, Unpack

_Given = TypeVarTuple("_Given")
_Made = TypeVar("_Made")


async def in_thread(call: Callable[[Unpack[_Given]], _Made], *given: *_Given) -> _Made:
    """Have a thread make a call, since it waits for the disk; to its end, always."""
    task = asyncio.ensure_future(asyncio.to_thread(call, *given))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        # Who cancels wants an end, and this is one: what is written is written whole.
        return await task
