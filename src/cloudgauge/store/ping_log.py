"""What ``ping -D`` of iputils printed, as one measurement a row.

With ``-D`` each line has the time at which it was printed: of an answer that is its
receipt, so the send was the round trip before. A number that was sent and never
answered is a failure, whether ``-O`` made ping say so or not; if not, its time is its
place between the first and the last.

A number of which a router says that it cannot be delivered, or that could not even be
sent, did not time out: its failure is of the kind that was said. What could not be sent
has no number in the log and is the one after the last that was spoken of. Where no
address was found nothing was sent: without a time of its own that is no measurement.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import NoReturn

from cloudgauge.errors import ConfigError
from cloudgauge.model.sample import FailureKind
from cloudgauge.store.foreign import ForeignRow, ForeignTable
from cloudgauge.store.ping_errors import LOOKUPS, kind_in

COLUMNS = ("time", "target", "value", "success", "failure")
_HEAD = re.compile(r"PING ([^\s(]+)")
_LINE = re.compile(r"(?:\[(?P<at>\d+\.\d+)\] )?.*\bicmp_seq=(?P<seq>\d+)\b(?P<rest>.*)")
_ANSWER = re.compile(r"\btime=(?P<ms>\d+(?:\.\d+)?) ms(?P<again> \(DUP!\))?")
_UNSENT = re.compile(r"(?:\[\d+\.\d+\] )?ping6?: (?:sendmsg|send|sendto): ?(?P<why>.*)")
_LOOKUP = re.compile(
    r"(?:\[(?P<at>\d+\.\d+)\] )?ping6?: (?P<host>[^\s:]+): (?P<why>.*)"
)
_TOTAL = re.compile(r"(\d+) packets transmitted, ")
# Numbers go from 65535 back to 0; a late answer is never this far behind.
_NUMBERS = 65_536
_MS_PER_S = 1_000
# More numbers than this without a word of any are no log, but a damaged one.
_MOST_UNHEARD = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Echo:
    """One number: when it was sent, and its round trip; None if it got no answer.

    Attributes:
        kind: Why not, if that was said.
    """

    where: str
    at_s: Decimal
    ms: Decimal | None
    kind: FailureKind | None = None


def parse_ping(text: str, name: str) -> ForeignTable:
    """Read a log of one ping.

    Returns:
        Times are seconds since 1970, values have their unit.

    Raises:
        ConfigError: It is no such log, has no times, or is of two pings.
    """
    log = _Log(name)
    for number, line in enumerate(text.splitlines(), start=1):
        log.read(line, number)
    rows = tuple(log.rows())
    again = f"answers that came again, of which the first counts: {log.again}"
    return ForeignTable(
        name=name, columns=COLUMNS, rows=rows, notes=(again,) if log.again else ()
    )


class _Log:
    """A log while it is read."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._host: str | None = None
        self._echoes: dict[int, _Echo] = {}
        self._lookups: list[ForeignRow] = []
        self._unsent: dict[int, FailureKind] = {}
        self._last = 0
        self._total = 0
        self.again = 0

    def read(self, line: str, number: int) -> None:
        head = _HEAD.match(line)
        if head is not None:
            if self._host is not None:
                self._refuse(number, "a second ping begins here; import each alone")
            self._host = head[1]
        elif (total := _TOTAL.search(line)) is not None:
            self._total = int(total[1])
        elif (found := _LINE.match(line)) is not None:
            self._take(found, number)
        elif (found := _UNSENT.match(line)) is not None:
            self._last += 1
            kind = kind_in(found["why"]) or FailureKind.OWN_MACHINE
            self._unsent[self._last] = kind
        elif (found := _LOOKUP.match(line)) is not None:
            self._take_lookup(found, number)

    def rows(self) -> Iterator[ForeignRow]:
        yield from self._lookups
        if self._host is None or not self._echoes:
            if self._lookups:
                return
            self._refuse(1, "is no log of ping: want its PING line and answers")
        for echo in self._filled():
            value = "" if echo.ms is None else f"{echo.ms} ms"
            answered = "false" if echo.ms is None else "true"
            kind = "" if echo.kind is None else echo.kind.value
            cells = (str(echo.at_s), self._host, value, answered, kind)
            yield ForeignRow(where=echo.where, cells=cells)

    def _take_lookup(self, found: re.Match[str], number: int) -> None:
        kind = kind_in(found["why"])
        if kind not in LOOKUPS:
            return
        if found["at"] is None:
            problem = (
                f'ping found no address for {found["host"]} ("{found["why"].strip()}") '
                "and says not when: there is no measurement in that"
            )
            self._refuse(number, problem)
        cells = (found["at"], found["host"], "", "false", kind.value)
        self._lookups.append(ForeignRow(where=f"line {number}", cells=cells))

    def _take(self, found: re.Match[str], number: int) -> None:
        if found["at"] is None:
            self._refuse(number, "has no time; let ping write them with -D")
        at_s = Decimal(found["at"])
        answer = _ANSWER.search(found["rest"])
        ms = None if answer is None else Decimal(answer["ms"])
        seq = self._unwrapped(int(found["seq"]))
        before = self._echoes.get(seq)
        if before is not None and before.ms is not None:
            self.again += ms is not None
            return
        sent_s = at_s if ms is None else at_s - ms / _MS_PER_S
        kind = None
        if ms is None:
            # That there is no answer yet is said of what a router gave back, too.
            said = before.kind if before is not None else self._unsent.get(seq)
            kind = kind_in(found["rest"]) or said
        self._echoes[seq] = _Echo(where=f"line {number}", at_s=sent_s, ms=ms, kind=kind)

    def _unwrapped(self, seq: int) -> int:
        rounds = max(0, self._last - seq + _NUMBERS // 2) // _NUMBERS
        self._last = max(self._last, seq + rounds * _NUMBERS)
        return seq + rounds * _NUMBERS

    def _filled(self) -> Iterator[_Echo]:
        """Every number in order, those that ping never spoke of again too."""
        known = sorted(self._echoes)
        # Numbers begin with 1, on some systems with 0.
        first = min(known[0], 1)
        last = max(known[-1], first + self._total - 1, *self._unsent, 0)
        if last - first > len(known) + _MOST_UNHEARD:
            problem = f"speaks of {len(known)} numbers of {last - first + 1}"
            self._refuse(1, problem)
        span_s = self._echoes[known[-1]].at_s - self._echoes[known[0]].at_s
        # Nothing tells the interval of a single answer; ping's own is a second.
        steps = known[-1] - known[0]
        step_s = span_s / steps if steps else Decimal(1)
        for seq in range(first, last + 1):
            yield self._echoes.get(seq) or _Echo(
                where=f"icmp_seq {seq % _NUMBERS}",
                at_s=self._echoes[known[0]].at_s + (seq - known[0]) * step_s,
                ms=None,
                kind=self._unsent.get(seq),
            )

    def _refuse(self, number: int, problem: str) -> NoReturn:
        where = f"{self._name}: line {number}"
        raise ConfigError(where, problem)
