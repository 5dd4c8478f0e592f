"""What the scheduler answers to workers: who may join, what they get, what they bring.

It knows no network: whoever calls it says by which certificate the caller came. Whose
word is taken for what is in one place here.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from cloudgauge.errors import CloudgaugeError
from cloudgauge.fleet.clock_offset import ClockOffset, clock_text
from cloudgauge.fleet.inbox import Inbox, Piece
from cloudgauge.fleet.messages import (
    Accepted,
    Asked,
    Heard,
    Hello,
    Offer,
    Ready,
    State,
    Tidings,
    Welcome,
    from_text,
)
from cloudgauge.fleet.roster import Place, Roster
from cloudgauge.model.quantity import format_duration
from cloudgauge.planning.plain import parse_json_table


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a campaign asks of who takes part.

    Attributes:
        campaign: 32 hexadecimal digits.
        pin: The pinned plan, as its file has it.
        plan_hash: Of its plan.
        tool_version: That every worker must have.
        clock_bound_ns: A clock that is surely further off is refused; None for none.
    """

    campaign: str
    pin: str
    plan_hash: str
    tool_version: str
    clock_bound_ns: int | None = None


class Desk:
    """Answers workers.

    Args:
        terms: Of the campaign.
        roster: Its vantages.
        inbox: Where sets arrive.
        said: Is told what people should know, a line each.
    """

    def __init__(
        self, terms: Terms, roster: Roster, inbox: Inbox, said: Callable[[str], None]
    ) -> None:
        self.terms = terms
        self.roster = roster
        self.inbox = inbox
        self.over = False
        self.stored = set(inbox.stored())
        self._said = said
        self._told: set[str] = set()

    def wall_ns(self) -> int:
        """The clock that all workers are held against, UTC since 1970."""
        return time.time_ns()

    def hello(self, peer: str, text: str) -> Welcome:
        """Let a worker in, or say why not.

        Args:
            peer: The vantage that its certificate names.
            text: A `Hello`; of another version it need not be one that we can read.
        """
        # Before anything else is read: another version may say it otherwise.
        version = str(parse_json_table(text, "hello").get("tool_version"))[:40]
        if version != self.terms.tool_version:
            return self._refused(
                peer,
                f'vantage "{peer}" runs cloudgauge {version}, this campaign is of '
                f"{self.terms.tool_version}: install the same version there",
                final=True,
            )
        hello = from_text(Hello, text)
        name = hello.vantage.name
        if name != peer:
            problem = f'a worker says it is vantage "{name}", its certificate is of'
            return self._refused(peer, f'{problem} "{peer}"', final=True)
        if self.roster.is_taken(hello):
            problem = f'vantage "{name}" has a worker that lives; a second is refused'
            self._tell(problem)
            # Else it may have died unheard, and this be its heir: worth a try later.
            return Welcome(refused=problem, final=self.roster.surely_lives(name))
        if why := self.roster.seated(hello):
            return self._refused(peer, why, final=True)
        if hello.busy_with not in ("", self.terms.campaign):
            other = hello.busy_with[:8]
            problem = f'vantage "{name}" still measures for campaign {other}'
            return self._refused(peer, f"{problem}; end that worker first", final=False)
        return Welcome(campaign=self.terms.campaign, pin=self.terms.pin, over=self.over)

    def ready(self, peer: str, seat: str, text: str) -> Accepted:
        """Let a worker take part that has read the plan, or say why not."""
        place = self.roster.held_by(peer, seat)
        if place is None:
            return Accepted(refused=f'another worker has the place of "{peer}"')
        ready = from_text(Ready, text)
        terms = self.terms
        if (ready.plan_hash, ready.campaign) != (terms.plan_hash, terms.campaign):
            problem = (
                f'vantage "{peer}" reads plan {ready.plan_hash[:8]} of campaign '
                f"{ready.campaign[:8]}, this campaign is {terms.campaign[:8]} of plan "
                f"{terms.plan_hash[:8]}"
            )
            self._refused(peer, problem, final=True)
            return Accepted(refused=problem, final=True)
        if why := self._judged(place, ready.clock):
            self._refused(peer, why, final=True)
            return Accepted(refused=why, final=True)
        place.accepted = True
        self.roster.heard(place)
        self._tell(f'vantage "{peer}" is here, clock {clock_text(ready.clock)}')
        return Accepted(already=self.inbox.held_beyond(peer, ready.held).spans)

    def told(self, peer: str, seat: str, text: str) -> Heard:
        """Note how a vantage is."""
        place = self.roster.held_by(peer, seat)
        if place is None or not place.accepted:
            return Heard(known=False, over=self.over)
        tidings = from_text(Tidings, text)
        self.roster.heard(place)
        place.tidings = tidings
        if tidings.clock is not None:
            place.clock = tidings.clock
        if tidings.state is State.LEAVING:
            self.roster.left(peer)
        if tidings.note:
            self._tell(f'vantage "{peer}": {tidings.note}')
        place.dismissed = self.over
        return Heard(known=True, over=self.over)

    def offered(self, peer: str, seat: str, text: str) -> Asked:
        """Say whether a set is wanted."""
        if self.roster.held_by(peer, seat) is None:
            return Asked(refused=f'another worker has the place of "{peer}"')
        offer = from_text(Offer, text)
        if offer.stored:
            return self._minded(lambda: self._note_stored(peer, offer))
        return self._minded(lambda: self.inbox.offered(peer, offer))

    def piece(self, piece: Piece) -> Asked:
        """Take in a piece of a set."""
        return self._minded(lambda: self.inbox.piece(piece))

    def _note_stored(self, peer: str, offer: Offer) -> Asked:
        self.inbox.note_stored(peer, offer)
        self.stored.add(offer.name)
        return Asked(held=True)

    def _minded(self, take: Callable[[], Asked]) -> Asked:
        try:
            asked = take()
        except CloudgaugeError as exc:
            asked = Asked(refused=str(exc))
        if asked.refused:
            self._tell(asked.refused)
        return asked

    def _judged(self, place: Place, clock: ClockOffset) -> str:
        """Keep a worker's offset; why its clock is refused, "" if it is not."""
        place.clock = clock
        bound_ns = self.terms.clock_bound_ns
        if bound_ns is None or clock.surely_off_ns <= bound_ns:
            return ""
        return (
            f'the clock of vantage "{place.vantage.name}" is {clock_text(clock)} from '
            f"the scheduler's, {format_duration(bound_ns)} are allowed: set it"
        )

    def _refused(self, peer: str, why: str, *, final: bool) -> Welcome:
        self.roster.refuse(peer, why)
        self._tell(why)
        return Welcome(refused=why, final=final)

    def _tell(self, line: str) -> None:
        """Say a line once, however often a worker tries."""
        if line not in self._told:
            self._told.add(line)
            self._said(line)
