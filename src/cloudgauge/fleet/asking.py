"""Ask a campaign's scheduler how it stands."""

import asyncio
from typing import Any

from distributed.core import rpc

from cloudgauge.errors import MachineError
from cloudgauge.fleet.engine import LINE_TIMEOUT_S, engine_settings, security_of
from cloudgauge.fleet.identity import Identity
from cloudgauge.fleet.line import reason_of
from cloudgauge.fleet.messages import from_text
from cloudgauge.fleet.standing import Standing


def ask_standing(scheduler: str, identity: Identity, *, verbose: bool) -> Standing:
    """How the campaign of a scheduler stands now.

    Args:
        scheduler: ``tls://HOST:PORT``.
        identity: Any member's.
        verbose: The engine's own log is shown.

    Raises:
        MachineError: It cannot be reached, or does not answer.
    """
    with engine_settings(verbose=verbose):
        try:
            text = asyncio.run(_asked(scheduler, identity))
        except OSError as exc:
            msg = f"{scheduler} {reason_of(exc)}"
            raise MachineError(msg) from exc
    return from_text(Standing, text)


async def _asked(scheduler: str, identity: Identity) -> str:
    arguments = security_of(identity).get_connection_args("client")  # type: ignore[no-untyped-call]  # the library has no types
    there: Any = rpc(scheduler, timeout=LINE_TIMEOUT_S, connection_args=arguments)  # type: ignore[no-untyped-call]  # as above
    try:
        async with asyncio.timeout(2 * LINE_TIMEOUT_S):
            return str(await there.cloudgauge_status())
    finally:
        await there.close_rpc()
