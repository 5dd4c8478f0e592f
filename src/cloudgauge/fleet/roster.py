"""Who takes part in a campaign: the scheduler's book of vantages, without a network.

A vantage has one place. Who holds it is told by a seat, which a worker keeps in its
folder: the same worker started anew takes its place back at once, another one only when
the holder has not been heard of for `SILENCE_S` or its line to the scheduler has ended.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from cloudgauge.fleet.clock_offset import ClockOffset
from cloudgauge.fleet.messages import Hello, State, Tidings
from cloudgauge.model.run import Vantage

# Workers tell how they are every two seconds.
SILENCE_S = 15.0
_JUST_NOW_S = 6.0


@dataclass(slots=True, kw_only=True)
class Place:
    """One vantage, as far as it is known.

    Attributes:
        vantage: As its worker describes it, or the pinned plan.
        seat: Of the worker that holds the place; "" for nobody.
        tool_version: Of that worker.
        heard_s: When it was last heard of, monotonic; None for never.
        gone_s: When its line to the scheduler last ended, monotonic.
        accepted: It may take part.
        joined: The engine has it.
        clock: Its newest offset.
        refused: Why the last one that came was sent away; "" for nothing.
        tidings: The last it told.
        ended: Its share has ended, and all of it was delivered.
        dismissed: It has heard that the campaign has ended.
        failed: Why its share cannot be carried out; "" if it can.
    """

    vantage: Vantage
    seat: str = ""
    tool_version: str = ""
    heard_s: float | None = None
    gone_s: float = -1.0
    accepted: bool = False
    joined: bool = False
    clock: ClockOffset | None = None
    refused: str = ""
    tidings: Tidings | None = None
    ended: bool = False
    dismissed: bool = False
    failed: str = ""


class Roster:
    """The vantages of a campaign.

    Args:
        vantages: Who is to take part; none for whoever comes.
        now_s: Monotonic.
    """

    def __init__(
        self,
        vantages: Iterable[Vantage],
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._now_s = now_s
        self.places = {one.name: Place(vantage=one) for one in vantages}
        self._closed = bool(self.places)

    def names(self) -> tuple[str, ...]:
        """All vantages that are known, in the order of their names."""
        return tuple(sorted(self.places))

    def seated(self, hello: Hello) -> str:
        """Give a worker its vantage's place.

        Returns:
            Why it does not get it; "" if it has it now.
        """
        name = hello.vantage.name
        place = self.places.get(name)
        if place is None:
            if self._closed:
                known = ", ".join(self.names())
                return f'the campaign names no vantage "{name}"; it names {known}'
            place = self.places[name] = Place(vantage=hello.vantage)
        differs = differing(place.vantage, hello.vantage)
        if differs and self._closed:
            return f'vantage "{name}" was pinned with another {", ".join(differs)}'
        place.tool_version = hello.tool_version
        if place.seat != hello.seat:
            place.accepted = False
        place.seat = hello.seat
        place.heard_s = self._now_s()
        place.refused = ""
        return ""

    def is_taken(self, hello: Hello) -> bool:
        """Whether another worker that lives has the vantage's place."""
        place = self.places.get(hello.vantage.name)
        return place is not None and place.seat != hello.seat and self.lives(place)

    def surely_lives(self, name: str) -> bool:
        """Whether the engine has a vantage's worker, and it has told of itself now."""
        place = self.places[name]
        silent_s = self.silent_s(place)
        return place.joined and silent_s is not None and silent_s < _JUST_NOW_S

    def close(self) -> None:
        """Let nobody in whose vantage is not known by now."""
        self._closed = True

    def held_by(self, name: str, seat: str) -> Place | None:
        """A vantage's place, if this worker has it."""
        place = self.places.get(name)
        return place if place is not None and place.seat == seat else None

    def heard(self, place: Place) -> None:
        """Note that its worker was heard of."""
        place.heard_s = self._now_s()

    def refuse(self, name: str, why: str) -> None:
        """Note why a worker was sent away; of a vantage that is expected."""
        if name in self.places:
            self.places[name].refused = why

    def joined(self, name: str) -> None:
        """Note that the engine has a vantage's worker."""
        if name in self.places:
            self.places[name].joined = True

    def left(self, name: str) -> None:
        """Note that the engine has lost it."""
        place = self.places.get(name)
        if place is not None:
            place.joined = False
            place.gone_s = self._now_s()

    def lives(self, place: Place) -> bool:
        """Whether a place's worker was heard of lately, and since its line ended."""
        silent_s = self.silent_s(place)
        if silent_s is None or place.heard_s is None:
            return False
        return silent_s < SILENCE_S and place.heard_s > place.gone_s

    def silent_s(self, place: Place) -> float | None:
        """For how long nothing was heard; None if nothing ever was."""
        return None if place.heard_s is None else self._now_s() - place.heard_s

    def state(self, place: Place) -> State:
        """What a vantage is about now."""
        if place.ended:
            return State.DONE
        if place.failed:
            return State.FAILED
        if self.lives(place):
            return self._told(place)
        if place.refused:
            return State.REFUSED
        return State.MISSING if place.heard_s is None else State.AWAY

    def _told(self, place: Place) -> State:
        if not place.accepted:
            return State.MISSING
        return State.READY if place.tidings is None else place.tidings.state

    def waited_for(self) -> tuple[str, ...]:
        """Expected vantages that are not ready, in the order of their names."""
        return tuple(
            name
            for name in self.names()
            if not (self.places[name].accepted and self.places[name].joined)
        )


def differing(pinned: Vantage, told: Vantage) -> tuple[str, ...]:
    """What a worker says of its vantage that is not as it was pinned.

    What one of them does not say differs from nothing.
    """
    return tuple(
        name.removesuffix("_deg")
        for name in Vantage.__dataclass_fields__
        if getattr(told, name) is not None
        and getattr(pinned, name) is not None
        and getattr(told, name) != getattr(pinned, name)
    )
