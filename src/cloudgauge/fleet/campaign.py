"""A campaign from the scheduler's side: wait, order, watch, and say what came of it.

The scheduler lives in this process. A vantage's share is a task of the engine that only
the vantage's own worker can take; it is given again to whoever has that place. Its
result is never fetched: that it has ended is known, and what it measured has come as
parts (`fleet.inbox`) or lies in the store.
"""

import asyncio
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from distributed.client import Client, Future

from cloudgauge import __version__
from cloudgauge.errors import ConfigError, MachineError
from cloudgauge.fleet.commission import CampaignRequest, Collected
from cloudgauge.fleet.desk import Desk, Terms
from cloudgauge.fleet.engine import engine_settings, security_of
from cloudgauge.fleet.inbox import Inbox
from cloudgauge.fleet.messages import Order, State, to_text
from cloudgauge.fleet.orders import ORDERS, Orders, keep_orders, kept_orders, new_orders
from cloudgauge.fleet.roster import Roster
from cloudgauge.fleet.scheduler import FleetScheduler, resource_of
from cloudgauge.fleet.share import carry_share
from cloudgauge.fleet.standing import rounds_of, standing_text
from cloudgauge.model.quantity import NS_PER_S, format_duration
from cloudgauge.planning.pin import campaign_of, pin_to_json
from cloudgauge.planning.shares import check_share
from cloudgauge.workflow.pinning import save_pin

_LOOK_EVERY_S = 0.25
_SAY_EVERY_S = 10.0
_GOODBYE_S = 15.0
_RETRIES = 2
PIN_FILE = "pin.json"


def host_campaign(request: CampaignRequest, said: Callable[[str], None]) -> Collected:
    """Host the scheduler until every vantage is done or given up.

    Args:
        request: What the campaign is to be.
        said: Is told how it goes, a line each.

    Raises:
        ConfigError: The address, the vantages or what was kept is wrong.
        LimitExceeded: A ceiling cannot be shared among so many vantages.
        MachineError: Nobody came in time, or the staging folder cannot be written.
    """
    check_share(request.pin.plan, len(request.vantages))
    with engine_settings(verbose=request.verbose):
        return asyncio.run(_Campaign(request, said).run())


class _Campaign:
    def __init__(self, request: CampaignRequest, said: Callable[[str], None]) -> None:
        self._request = request
        self._said = said
        self._campaign = campaign_of(request.pin)
        folder = request.results / f"campaign-{self._campaign[:8]}"
        self._inbox = Inbox(folder, self._campaign)
        self._roster = Roster(request.vantages)
        terms = Terms(
            campaign=self._campaign,
            pin=pin_to_json(request.pin),
            plan_hash=request.pin.plan_hash,
            tool_version=__version__,
            clock_bound_ns=request.clock_bound_ns,
        )
        self._desk = Desk(terms, self._roster, self._inbox, said)
        self._stopping = asyncio.Event()

    async def run(self) -> Collected:
        """Host the scheduler, give orders, watch."""
        request, folder = self._request, self._inbox.folder
        if not (folder / PIN_FILE).exists():
            save_pin(request.pin, folder / PIN_FILE)
        with self._signals():
            async with await self._scheduler() as scheduler:
                self._said(f"scheduler at {scheduler.address}, parts in {folder}")
                await self._wait()
                if not self._stopping.is_set():
                    orders = self._orders()
                    async with Client(  # type: ignore[no-untyped-call]  # the library has no types
                        scheduler.address,
                        asynchronous=True,
                        security=security_of(request.identity),
                        set_as_default=False,
                    ) as client:
                        await self._watch(client, orders)
                if not self._stopping.is_set():
                    await self._say_goodbye()
        return Collected(
            campaign=self._campaign,
            inbox=self._inbox,
            places=tuple(self._roster.places[name] for name in self._roster.names()),
            stored=tuple(sorted(self._desk.stored)),
            interrupted=self._stopping.is_set(),
        )

    async def _scheduler(self) -> FleetScheduler:
        request = self._request
        try:
            scheduler: FleetScheduler = await FleetScheduler(
                self._desk,
                identity=request.identity,
                host=request.host,
                port=request.port,
                status=lambda: standing_text(self._request.pin, self._desk),
            )
        except (OSError, RuntimeError) as exc:
            # The engine wraps what the system said.
            reason = exc.__cause__ or exc
            where = f"tls://{request.host}:{request.port}"
            raise ConfigError(where, f"cannot listen there: {reason}") from exc
        return scheduler

    @contextmanager
    def _signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        numbers = (signal.SIGTERM, signal.SIGINT)
        for number in numbers:
            loop.add_signal_handler(number, self._stopping.set)
        try:
            yield
        finally:
            for number in numbers:
                loop.remove_signal_handler(number)

    async def _wait(self) -> None:
        """Wait until all vantages are there.

        Raises:
            MachineError: Some are not in time; says which, and why if it is known.
        """
        end_s = time.monotonic() + self._request.wait_ns / NS_PER_S
        say_s = time.monotonic()
        while (missing := self._roster.waited_for()) and not self._stopping.is_set():
            now_s = time.monotonic()
            if now_s >= end_s:
                if (
                    not self._inbox.held()
                    and not (self._inbox.folder / ORDERS).exists()
                ):
                    self._inbox.emptied()
                raise MachineError(self._not_in_time(missing))
            if now_s >= say_s:
                self._said(f"waiting for {', '.join(missing)}")
                say_s = now_s + _SAY_EVERY_S
            await asyncio.sleep(_LOOK_EVERY_S)

    def _not_in_time(self, missing: Sequence[str]) -> str:
        waited = format_duration(self._request.wait_ns)
        lines = [f"no campaign: within {waited} these did not come:"]
        for name in missing:
            why = self._roster.places[name].refused or "never heard of"
            lines.append(f"  {name}: {why}")
        return "\n".join(lines)

    def _orders(self) -> Orders:
        """Orders of an earlier start if there was one, else new ones."""
        request, names = self._request, self._roster.names()
        kept = kept_orders(self._inbox.folder, names)
        if kept is not None:
            self._said("taking the campaign up again where it was")
            return kept
        now_ns = self._desk.wall_ns()
        start_ns = max(request.pin.start_wall_ns or 0, now_ns + request.lead_ns)
        first = Order(
            campaign=self._campaign,
            start_wall_ns=start_ns,
            sharers=len(names),
            store=request.store,
        )
        orders = new_orders(request.pin, first, names, staggered=request.staggered)
        keep_orders(self._inbox.folder, orders)
        return orders

    async def _watch(self, client: Client, orders: Orders) -> None:
        """Hand the shares out; return when each is done or given up."""
        shares: dict[str, Future[Any]] = {
            one.vantage: client.submit(
                carry_share,
                to_text(one.order),
                key=f"share-{self._campaign}-{one.vantage}",
                resources={resource_of(one.vantage): 1},
                retries=_RETRIES,
                pure=False,
            )
            for one in orders.orders
        }
        last_ns = max(one.order.start_wall_ns for one in orders.orders)
        end_ns = last_ns + self._request.pin.plan.duration_ns
        say_s = 0.0
        while not self._stopping.is_set():
            await self._note(shares)
            if self._all_settled(end_ns):
                return
            if time.monotonic() >= say_s:
                self._said(self._progress())
                say_s = time.monotonic() + _SAY_EVERY_S
            await asyncio.sleep(_LOOK_EVERY_S)

    async def _note(self, shares: dict[str, Future[Any]]) -> None:
        for name, share in shares.items():
            place = self._roster.places[name]
            if share.status == "finished" and not place.ended:
                place.ended = True
                self._said(f'vantage "{name}" is done')
            elif share.status == "error" and not place.failed:
                # Told by the scheduler; a result would have to be fetched.
                place.failed = str(await share.exception())  # type: ignore[no-untyped-call]  # the library has no types
                self._said(f'vantage "{name}" has failed: {place.failed}')

    def _all_settled(self, end_ns: int) -> bool:
        """Whether nobody is left to be waited for."""
        is_late = self._desk.wall_ns() > end_ns + self._request.patience_ns
        patience_s = self._request.patience_ns / NS_PER_S
        return all(
            place.ended
            or place.failed
            or (is_late and (self._roster.silent_s(place) or 0.0) > patience_s)
            for place in self._roster.places.values()
        )

    def _progress(self) -> str:
        places = self._roster.places.values()
        states = [self._roster.state(place) for place in places]
        counts = ", ".join(
            f"{states.count(state)} {state}" for state in State if state in states
        )
        rounds = [rounds_of(place, self._request.pin) for place in places]
        span = f"{min(rounds)} to {max(rounds)}"
        if min(rounds) == max(rounds):
            span = str(rounds[0])
        parts = len(self._inbox.held()) + len(self._desk.stored)
        of = self._request.pin.plan.pacing.rounds
        return f"{counts}; rounds {span} of {of}; {parts} parts here"

    async def _say_goodbye(self) -> None:
        """Let every worker that lives hear that the campaign has ended."""
        self._desk.over = True
        end_s = time.monotonic() + _GOODBYE_S
        places = self._roster.places.values()
        while any(self._roster.lives(one) and not one.dismissed for one in places):
            if time.monotonic() > end_s:
                return
            await asyncio.sleep(_LOOK_EVERY_S)
