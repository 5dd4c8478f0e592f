"""Due times: randomised complete rounds, clear of every ceiling.

A round is cut into as many equal places as it has series, and each place holds one
visit, shifted within it by chance. Which series gets which place is drawn afresh in
each round: a host's series are strewn over the round, then its provider's, then all
are mixed; strewing means one to each of n equal parts, anywhere in it. So nobody
bunches, and yet a series may stand anywhere.

Then the places are filled in that order, and who would come too close to earlier
visits of its host or provider, in this round or the last, gives way to the next who
would not. Should the end of a round find no place for those put off, it is drawn
again; should that fail many times over (a plan that only just fits, or a round of
two or three visits), the visit is put later, and those after it, until the ceiling
is kept. Ceilings therefore hold always, and due times never fall.

A round's transfers follow its visits, one after another, each in a window of its
own; their order is drawn afresh in each round, by a chance that no visit shares.
"""

import random
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from cloudgauge.model.plan import Plan, ProbeKind, Slot
from cloudgauge.model.target import Family
from cloudgauge.planning.chance import chance, shuffled
from cloudgauge.planning.spacing import Window, crowds_of, window_of
from cloudgauge.planning.windows import windows

# Drawing again costs about a millisecond for 250 series and is rare.
_DRAWS = 24

_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Series:
    """What one slot of each round is for."""

    target_id: str
    replica: int
    family: Family
    provider: str
    host: str


def slots(
    plan: Plan, *, first_round: int = 0, rounds: int | None = None
) -> Iterator[Slot]:
    """Yield slots of a plan, due times never falling, one round in memory.

    The plan must keep its ceilings (`limits.check_limits`); the same plan and first
    round give the same slots, whatever the machine and the version of Python. In the
    first round nobody gives way to visits of rounds before it.

    Args:
        plan: Its rounds may be passed: what is drawn for a round goes on without end.
        first_round: From 0; due times count from its start, ``seq`` and
            ``round_index`` from round 0 of the plan.
        rounds: How many; None for all that the plan still has.
    """
    board = _Board(plan, first_round) if plan.targets else None
    series = _series_of(plan)
    seq, last_ns = first_round * plan.slots_per_round, 0
    started_ns = first_round * plan.round_span_ns
    end = plan.pacing.rounds if rounds is None else first_round + rounds
    for round_index in range(first_round, end):
        for due_ns, one in board.fill(series, round_index) if board else ():
            # A visit that was put off may be due after the round's first transfer.
            last_ns = max(last_ns, due_ns)
            yield Slot(
                seq=seq,
                round_index=round_index,
                target_id=one.target_id,
                replica=one.replica,
                family=one.family,
                kind=ProbeKind.LATENCY,
                due_ns=last_ns,
            )
            seq += 1
        for due_ns, transfer in windows(plan, round_index):
            last_ns = max(last_ns, due_ns - started_ns)
            yield Slot(
                seq=seq,
                round_index=round_index,
                target_id=transfer.target_id,
                replica=0,
                family=transfer.family,
                kind=ProbeKind.DOWNLOAD,
                due_ns=last_ns,
                streams=transfer.streams,
            )
            seq += 1


def _series_of(plan: Plan) -> list[_Series]:
    twice = set(plan.controls)
    return [
        _Series(
            target_id=target.target_id,
            replica=replica,
            family=family,
            provider=target.region.provider,
            host=target.endpoint.host,
        )
        for target in plan.targets
        for family in plan.probe.families
        for replica in range(2 if target.target_id in twice else 1)
    ]


def draw_order(series: Sequence[_Series], rng: random.Random) -> list[_Series]:
    """Draw an order: each host's and each provider's series strewn over it."""
    by_host = _grouped((one.host, one) for one in series)
    by_provider: dict[str, list[tuple[float, _Series]]] = defaultdict(list)
    for group in by_host.values():
        for key, one in _strewn(shuffled(group, rng), rng):
            by_provider[one.provider].append((key, one))
    keyed: list[tuple[float, _Series]] = []
    for pairs in by_provider.values():
        pairs.sort(key=_key)
        keyed.extend(_strewn([one for _, one in pairs], rng))
    keyed.sort(key=_key)
    return [one for _, one in keyed]


def _grouped(pairs: Iterable[tuple[str, _Item]]) -> dict[str, list[_Item]]:
    groups: dict[str, list[_Item]] = defaultdict(list)
    for name, item in pairs:
        groups[name].append(item)
    return groups


def _strewn(
    items: Sequence[_Item], rng: random.Random
) -> Iterator[tuple[float, _Item]]:
    """Give the i-th of n items a key anywhere in [i / n, (i + 1) / n)."""
    for index, item in enumerate(items):
        yield (index + rng.random()) / len(items), item


def _key(pair: tuple[float, _Series]) -> float:
    return pair[0]


class _Board:
    """Rounds of places, and what stood on the last of them."""

    def __init__(self, plan: Plan, first_round: int) -> None:
        self._seed = plan.seed
        self._first_round = first_round
        self._round_ns = plan.pacing.round_ns
        self._span_ns = plan.round_span_ns
        self._places = plan.series_count
        self._shift_ns = _shift_ns(plan)
        self._windows = (
            window_of(plan.ceilings.visits_per_s),
            window_of(plan.ceilings.visits_per_s_provider),
            window_of(plan.ceilings.visits_per_s_host),
        )
        self._logs = _Logs(self._windows)

    def fill(
        self, series: Sequence[_Series], round_index: int
    ) -> Iterable[tuple[int, _Series]]:
        """Give each series of a round its due time, in the order of due times."""
        best: _Draft | None = None
        for draw in range(_DRAWS):
            rng = random.Random(chance(self._seed, round_index, draw))
            draft = self._draft(draw_order(series, rng), round_index, rng)
            if best is None or draft.put_off_ns < best.put_off_ns:
                best = draft
            if not best.put_off_ns:
                break
        assert best is not None  # noqa: S101  _DRAWS is above 0
        self._logs = best.logs
        return best.placed

    def _draft(
        self, order: Sequence[_Series], round_index: int, rng: random.Random
    ) -> "_Draft":
        draft = _Draft(logs=self._logs.copy())
        waiting = list(order)
        start_ns = (round_index - self._first_round) * self._span_ns
        for place in range(self._places):
            due_ns = start_ns + place * self._round_ns // self._places
            draft.place(waiting, due_ns + int(rng.random() * self._shift_ns))
        return draft


def _shift_ns(plan: Plan) -> int:
    """How far a visit may be shifted so that evenly spread places keep ceilings."""
    place_ns = plan.pacing.round_ns / plan.series_count
    shift_ns = plan.pacing.jitter * place_ns
    for crowd in crowds_of(plan):
        places = crowd.window.count * plan.series_count // crowd.series
        shift_ns = min(shift_ns, places * place_ns - crowd.window.planned_span_ns)
    return max(0, int(shift_ns))


class _Logs:
    """The last visits of each crowd, as many as its window counts."""

    __slots__ = ("_hosts", "_providers", "_total", "_windows")

    def __init__(self, windows: tuple[Window, Window, Window]) -> None:
        self._windows = windows
        self._total: deque[int] = deque(maxlen=windows[0].count)
        self._providers: dict[str, deque[int]] = {}
        self._hosts: dict[str, deque[int]] = {}

    def copy(self) -> "_Logs":
        """The same logs, to be written on."""
        twin = _Logs(self._windows)
        twin._total = self._total.copy()
        twin._providers = {name: log.copy() for name, log in self._providers.items()}
        twin._hosts = {name: log.copy() for name, log in self._hosts.items()}
        return twin

    def free_ns(self, one: _Series) -> int:
        """When the host and the provider of a series may be visited next."""
        _, provider, host = self._windows
        return max(
            _free_ns(self._providers.get(one.provider), provider),
            _free_ns(self._hosts.get(one.host), host),
        )

    def all_free_ns(self) -> int:
        """When anybody may be visited next, and no earlier than the last visit."""
        last_ns = self._total[-1] if self._total else 0
        return max(last_ns, _free_ns(self._total, self._windows[0]))

    def add(self, one: _Series, due_ns: int) -> None:
        """Note a visit, no earlier than any noted before."""
        _, provider, host = self._windows
        self._total.append(due_ns)
        if one.provider not in self._providers:
            self._providers[one.provider] = deque(maxlen=provider.count)
        self._providers[one.provider].append(due_ns)
        if one.host not in self._hosts:
            self._hosts[one.host] = deque(maxlen=host.count)
        self._hosts[one.host].append(due_ns)


def _free_ns(log: deque[int] | None, window: Window) -> int:
    if log is None or len(log) < window.count:
        return 0
    return log[0] + window.planned_span_ns


class _Draft:
    """One try at a round."""

    def __init__(self, logs: _Logs) -> None:
        self.logs = logs
        self.placed: list[tuple[int, _Series]] = []
        self.put_off_ns = 0

    def place(self, waiting: list[_Series], wanted_ns: int) -> None:
        """Take the first of *waiting* who may be visited then, or else soonest."""
        due_ns = max(wanted_ns, self.logs.all_free_ns())
        chosen, soonest_ns = 0, -1
        for index, one in enumerate(waiting):
            free_ns = self.logs.free_ns(one)
            if soonest_ns < 0 or free_ns < soonest_ns:
                chosen, soonest_ns = index, free_ns
            if free_ns <= due_ns:
                break
        due_ns = max(due_ns, soonest_ns)
        one = waiting.pop(chosen)
        self.logs.add(one, due_ns)
        self.placed.append((due_ns, one))
        self.put_off_ns += due_ns - wanted_ns
