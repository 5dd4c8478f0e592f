"""A vantage's worker: joins, carries its share out, and outlives its scheduler."""

import asyncio
from collections.abc import Callable

from cloudgauge.fleet.engine import engine_settings
from cloudgauge.fleet.seat import seat_of
from cloudgauge.fleet.supervisor import Supervisor, WorkerRequest

__all__ = ["WorkerRequest", "run_worker"]


def run_worker(request: WorkerRequest, said: Callable[[str], None]) -> None:
    """Take part in campaigns until there is nothing left to do, or a signal comes.

    Args:
        request: Who, where and how.
        said: Is told what people should know, a line each.

    Raises:
        ConfigError: The scheduler refuses this worker, and says why.
        MachineError: The folder cannot be written.
    """
    identity = request.identity
    with (
        engine_settings(verbose=request.verbose),
        seat_of(request.results, request.vantage.name, identity.fleet) as seat,
    ):
        supervisor = Supervisor(request, seat, said)
        asyncio.run(supervisor.run())
