"""How a campaign stands: what the scheduler tells who asks by ``fleet status``."""

from dataclasses import dataclass

from cloudgauge.fleet.clock_offset import ClockOffset
from cloudgauge.fleet.desk import Desk
from cloudgauge.fleet.messages import State, to_text
from cloudgauge.fleet.roster import Place, Roster
from cloudgauge.model.campaign import Pin


@dataclass(frozen=True, slots=True, kw_only=True)
class VantageStanding:
    """One vantage.

    Attributes:
        rounds: As many as its cells would fill.
        cells: Visits and transfers made.
        failures: As `Tidings` says.
        sealed: Its parts that are sealed.
        delivered: Those that have arrived.
        clock: Its clock against the scheduler's; None if it never came.
        tool_version: Of its cloudgauge; "" if it never came.
        heard_ago_s: When it was last heard of; None for never.
        note: Why it is not measuring; "" for nothing.
    """

    vantage: str
    state: State
    rounds: int
    cells: int
    failures: int
    sealed: int
    delivered: int
    clock: ClockOffset | None
    tool_version: str
    heard_ago_s: float | None
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """All of them.

    Attributes:
        cells: Of each vantage, planned.
        rounds: Of the plan.
    """

    campaign: str
    plan: str
    plan_hash: str
    rounds: int
    cells: int
    vantages: tuple[VantageStanding, ...]


def standing_of(pin: Pin, desk: Desk) -> Standing:
    """How a campaign stands now."""
    roster = desk.roster
    return Standing(
        campaign=desk.terms.campaign,
        plan=pin.plan.name,
        plan_hash=pin.plan_hash,
        rounds=pin.plan.pacing.rounds,
        cells=pin.plan.visit_count,
        vantages=tuple(
            _of(roster, roster.places[name], pin) for name in roster.names()
        ),
    )


def standing_text(pin: Pin, desk: Desk) -> str:
    """The same as JSON."""
    return to_text(standing_of(pin, desk))


def rounds_of(place: Place, pin: Pin) -> int:
    """As many rounds as a vantage's cells would fill, as far as it has told."""
    cells = place.tidings.cells if place.tidings else 0
    return cells // pin.plan.slots_per_round


def _of(roster: Roster, place: Place, pin: Pin) -> VantageStanding:
    told = place.tidings
    return VantageStanding(
        vantage=place.vantage.name,
        state=roster.state(place),
        rounds=rounds_of(place, pin),
        cells=told.cells if told else 0,
        failures=told.failures if told else 0,
        sealed=told.sealed if told else 0,
        delivered=told.delivered if told else 0,
        clock=place.clock,
        tool_version=place.tool_version,
        heard_ago_s=roster.silent_s(place),
        note=place.failed or place.refused or (told.note if told else ""),
    )
