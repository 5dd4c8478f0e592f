"""A long plan cut into parts, on schedule and after it; pure.

Rounds are drawn from the start of their part: part k of n rounds has rounds
[k n, (k + 1) n), and which target a slot's number stands for depends on the plan and on
n alone. So whoever makes up for slots that were missed, whenever and by whichever
means, makes the slots that were missed and no others.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from cloudgauge.model.plan import Plan, ProbeKind, Slot
from cloudgauge.planning.schedule import slots
from cloudgauge.planning.seqs import SeqSpans
from cloudgauge.planning.shares import spaced
from cloudgauge.planning.windows import windows

_NOTHING = SeqSpans()


@dataclass(frozen=True, slots=True, kw_only=True)
class PartPlan:
    """What one part is to do.

    Attributes:
        rounds: Indices of the rounds it is of, in their order, at least one; of a part
            on schedule one follows the other.
        slots: How many slots.
        is_rest: It comes after the schedule, and only for what earlier parts lack.
    """

    rounds: Sequence[int]
    slots: int
    is_rest: bool = False

    @property
    def first_round(self) -> int:
        """The first of its rounds."""
        return self.rounds[0]

    @property
    def span(self) -> int:
        """From its first round to its last, both counted."""
        return self.rounds[-1] - self.rounds[0] + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Cutting:
    """How a plan is cut.

    Attributes:
        part_rounds: Rounds of a part, at least 1.
        first_round: Where it begins.
        end_round: Where it ends, this one not counted; None for never.
        held: Numbers of slots that need not be made.
        sharers: Vantages that share the ceiling of a host.
    """

    plan: Plan
    part_rounds: int
    first_round: int = 0
    end_round: int | None = None
    held: SeqSpans = _NOTHING
    sharers: int = 1

    def __post_init__(self) -> None:
        if self.part_rounds < 1 or self.first_round < 0:
            msg = (
                "part_rounds must be at least 1 and first_round at least 0, got "
                f"{self.part_rounds}, {self.first_round}"
            )
            raise ValueError(msg)

    def on_schedule(self, next_round: int) -> Iterator[PartPlan]:
        """Yield the parts from *next_round* on that have something to do."""
        at = next_round
        while self.end_round is None or at < self.end_round:
            end = (at // self.part_rounds + 1) * self.part_rounds
            if self.end_round is not None:
                end = min(end, self.end_round)
            count = self._lacking(at, end)
            if count:
                yield PartPlan(rounds=range(at, end), slots=count)
            at = end

    def afterwards(self, next_round: int) -> Iterator[PartPlan]:
        """Yield the parts for what is lacking of the rounds before *next_round*.

        They have as many rounds each as a part on schedule; rounds that lack nothing
        are passed over and take no time.
        """
        per_round = self.plan.slots_per_round
        first, end = self.first_round * per_round, next_round * per_round
        lacking = sorted(
            {
                index
                for a, b in self.held.lacking(first, end)
                for index in range(a // per_round, (b - 1) // per_round + 1)
            }
        )
        for place in range(0, len(lacking), self.part_rounds):
            rounds = tuple(lacking[place : place + self.part_rounds])
            count = sum(self._lacking(one, one + 1) for one in rounds)
            yield PartPlan(rounds=rounds, slots=count, is_rest=True)

    def slots_of(self, part: PartPlan) -> Iterator[Slot]:
        """Yield the slots of a part, due times from its start and never falling."""
        if part.is_rest:
            yield from spaced(self._slots_of(part), self.plan, self.sharers)
            return
        # Spaced as for who makes all of it: a vantage that comes late, or has some of
        # it already, keeps to the same times as the others, by which they share hosts.
        began = part.first_round // self.part_rounds * self.part_rounds
        ahead_ns = (part.first_round - began) * self.plan.round_span_ns
        drawn = slots(self.plan, first_round=began, rounds=part.rounds[-1] + 1 - began)
        for slot in spaced(drawn, self.plan, self.sharers):
            if slot.round_index >= part.first_round and slot.seq not in self.held:
                yield replace(slot, due_ns=slot.due_ns - ahead_ns)

    def held_transfers(self) -> Iterator[Slot]:
        """Yield the transfers that are held, in the order of their numbers."""
        plan, per_round = self.plan, self.plan.slots_per_round
        if not plan.transfers_per_round:
            return
        for index in range(self.first_round, plan.pacing.rounds):
            first = index * per_round + plan.series_count
            if not self.held.count(first, first + plan.transfers_per_round):
                continue
            for seq, (due_ns, one) in enumerate(windows(plan, index), start=first):
                if seq in self.held:
                    yield Slot(
                        seq=seq,
                        round_index=index,
                        target_id=one.target_id,
                        replica=0,
                        family=one.family,
                        kind=ProbeKind.DOWNLOAD,
                        due_ns=due_ns,
                        streams=one.streams,
                    )

    def _slots_of(self, part: PartPlan) -> Iterator[Slot]:
        """Yield the slots of a part after the schedule, not spaced yet."""
        span_ns = self.plan.round_span_ns
        begun_ns: int | None = None
        last_ns = 0
        for place, (index, its) in enumerate(self._rounds(part.rounds)):
            for slot in its:
                if slot.seq in self.held:
                    continue
                began = index // self.part_rounds * self.part_rounds
                at_ns = slot.due_ns + (place - (index - began)) * span_ns
                if begun_ns is None:
                    # Nobody waits for the part of a round that was done.
                    begun_ns = at_ns
                # What was put off beyond its round may be due after the next one's
                # first, now that the rounds between are passed over.
                last_ns = max(last_ns, at_ns - begun_ns)
                yield replace(slot, due_ns=last_ns)

    def _rounds(self, wanted: Sequence[int]) -> Iterator[tuple[int, Iterator[Slot]]]:
        """Yield the slots of rounds as they were drawn for the parts they belong to."""
        for number, indices in groupby(wanted, lambda one: one // self.part_rounds):
            these = set(indices)
            began = number * self.part_rounds
            drawn = slots(self.plan, first_round=began, rounds=max(these) - began + 1)
            for index, its in groupby(drawn, lambda slot: slot.round_index):
                if index in these:
                    yield index, its

    def _lacking(self, first_round: int, end_round: int) -> int:
        per_round = self.plan.slots_per_round
        first, end = first_round * per_round, end_round * per_round
        return end - first - self.held.count(first, end)
