"""What tests of real sockets share."""

import asyncio
import ssl
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
import uvloop

from cloudgauge.measure.trust import TrustSettings, make_trust
from tests.fakes.authority import Authority
from tests.fakes.visiting import Aim

Run = Callable[[Coroutine[Any, Any, Any]], Any]


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def server_context(authority: Authority) -> ssl.SSLContext:
    return authority.server_context("target.example", "127.0.0.1", "::1")


@pytest.fixture(scope="session")
def ticketless_context(authority: Authority) -> ssl.SSLContext:
    return authority.server_context("target.example", tickets=0)


@pytest.fixture(scope="session")
def client_context(authority: Authority) -> ssl.SSLContext:
    return make_trust(TrustSettings(ca_file=authority.ca_file)).context


@pytest.fixture(params=["asyncio", "uvloop"])
def run(request: pytest.FixtureRequest) -> Run:
    """Runs a coroutine on a loop of its own, once on each kind of loop."""
    factory = asyncio.new_event_loop if request.param == "asyncio" else None

    def on_loop(coroutine: Coroutine[Any, Any, Any]) -> Any:
        with asyncio.Runner(loop_factory=factory or uvloop.new_event_loop) as runner:
            return runner.run(asyncio.wait_for(coroutine, 120))

    return on_loop


@pytest.fixture
def aim(client_context: ssl.SSLContext) -> Aim:
    return Aim(context=client_context)
