"""A vantage's share as a task of the engine.

The engine gives the task to the one worker that has the vantage's resource, and gives
it again to whoever takes that place when the worker dies. The task returns nothing that
would have to be fetched: nobody can connect to a worker.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from distributed.worker import Worker, get_worker

from cloudgauge.fleet.messages import Order, from_text

Carry = Callable[[Order], Awaitable[None]]


class VantageWorker(Worker):
    """An engine's worker that has somebody to carry shares out.

    Args:
        carry: Carries out an order, however often it is given.
    """

    def __init__(self, *args: Any, carry: Carry, **kwargs: Any) -> None:
        self.carry = carry
        super().__init__(*args, **kwargs)

    def start_http_server(self, *args: object, **kwargs: object) -> None:
        """Open no port for people: it would have neither TLS nor a password."""


async def carry_share(text: str) -> None:
    """The task: carry out an `Order`, to be called by the engine in a worker.

    Raises:
        TypeError: The worker is none that ``fleet worker`` made.
    """
    worker = get_worker()
    if not isinstance(worker, VantageWorker):
        msg = "want a worker that cloudgauge fleet worker started"
        raise TypeError(msg)
    await worker.carry(from_text(Order, text))
