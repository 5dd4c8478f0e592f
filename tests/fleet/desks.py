"""A desk of a small campaign, and what workers say to it."""

from dataclasses import dataclass, field
from pathlib import Path

from cloudgauge import __version__
from cloudgauge.fleet.clock_offset import ClockOffset
from cloudgauge.fleet.desk import Desk, Terms
from cloudgauge.fleet.inbox import Inbox
from cloudgauge.fleet.messages import Hello, Ready, to_text
from cloudgauge.fleet.roster import Roster
from cloudgauge.model.campaign import Pin
from cloudgauge.model.run import Vantage
from cloudgauge.planning.pin import campaign_of, pin_to_json
from tests.fleet.processes import small_pin

SEAT, OTHER_SEAT = "a" * 32, "b" * 32
RIGHT_CLOCK = ClockOffset(ahead_ns=0, uncertainty_ns=1_000)


@dataclass(kw_only=True)
class Setting:
    """A desk, and the time by which it judges who lives."""

    desk: Desk
    pin: Pin
    said: list[str]
    now_s: list[float] = field(default_factory=lambda: [100.0])

    def hello(self, name: str = "tokyo", seat: str = SEAT, **more: str) -> str:
        hello = Hello(
            vantage=Vantage(name=name),
            seat=seat,
            tool_version=more.get("tool_version", __version__),
            busy_with=more.get("busy_with", ""),
        )
        return to_text(hello)

    def ready(
        self, clock: ClockOffset = RIGHT_CLOCK, plan_hash: str | None = None
    ) -> str:
        terms = self.desk.terms
        return to_text(
            Ready(
                plan_hash=plan_hash or terms.plan_hash,
                campaign=terms.campaign,
                clock=clock,
            )
        )


def setting(folder: Path, *, clock_bound_ns: int | None = None) -> Setting:
    pin = small_pin("frankfurt", "tokyo")
    said: list[str] = []
    now_s = [100.0]
    terms = Terms(
        campaign=campaign_of(pin),
        pin=pin_to_json(pin),
        plan_hash=pin.plan_hash,
        tool_version=__version__,
        clock_bound_ns=clock_bound_ns,
    )
    desk = Desk(
        terms,
        Roster(pin.vantages, now_s=lambda: now_s[0]),
        Inbox(folder, terms.campaign),
        said.append,
    )
    return Setting(desk=desk, pin=pin, said=said, now_s=now_s)
