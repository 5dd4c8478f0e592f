"""What keeps two sides from being compared, unless the user says that it is meant.

The kernel's round trip of the SYN is comparable whatever answers. Everything else holds
time of a protocol and of whose clock read it; and whatever was not measured in the same
rounds holds the hour of the day.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from cloudgauge.analysis.hours import at_hours_of_all, common_hours, hours_text
from cloudgauge.analysis.metric import Metric
from cloudgauge.analysis.rounds import Attempts, Rounds
from cloudgauge.analysis.sides import Side, clocks_of
from cloudgauge.errors import ConfigError
from cloudgauge.settings.toml_file import nearest
from cloudgauge.stats.caveat import Caveat

_OPTION = "--allow"
_LAYERS = ("TLS", "HTTP")


class Unlikeness(StrEnum):
    """A way in which sides differ, and may only if the user says so.

    ``CLOCK``: whose clock read the values, the kernel's or the program's.
    ``PROTOCOL``: another version of TLS or HTTP. ``HOURS``: no hour of the day in
    common. ``METRIC``: what the values are, such as those of two tools.
    """

    CLOCK = "clock"
    PROTOCOL = "protocol"
    HOURS = "hours"
    METRIC = "metric"


def parse_allowed(text: str) -> frozenset[Unlikeness]:
    """Read words such as ``clock,hours``; blanks around them do not count.

    Raises:
        ConfigError: A word is none of `Unlikeness`.
    """
    words = [word.strip() for word in text.split(",") if word.strip()]
    for word in words:
        if word not in set(Unlikeness):
            known = ", ".join(Unlikeness)
            meant = nearest(word, Unlikeness)
            hint = f'; did you mean "{meant}"?' if meant else ""
            raise ConfigError(_OPTION, f'want {known}, got "{word}"{hint}')
    return frozenset(Unlikeness(word) for word in words)


def if_meant(problem: str, word: Unlikeness) -> str:
    """The sentence of a refusal, with what to say if it is meant."""
    return f"{problem}; if that is meant, say {_OPTION} {word.value}"


def unlike_sides(
    baseline: Side, candidate: Side, allowed: frozenset[Unlikeness]
) -> str | None:
    """Why two sides may not be compared by clock or protocol, or None."""
    for word, problem in _problems(baseline, candidate):
        if word not in allowed:
            return if_meant(problem, word)
    return None


def _problems(baseline: Side, candidate: Side) -> Iterator[tuple[Unlikeness, str]]:
    metric = baseline.rounds.metric
    names = baseline.line.target_id, candidate.line.target_id
    mine, its = (clocks_of(side.attempts) for side in (baseline, candidate))
    # A connect phase of both clocks is of two machines, whose sets were joined.
    mixed = metric is Metric.CONNECT and len(mine | its) > 1
    if mine and its and (mixed or not mine & its):
        yield (
            Unlikeness.CLOCK,
            f"{metric.value} of {names[0]} was read by {_whose(mine)}, of {names[1]} "
            f"by {_whose(its)}",
        )
    if metric is Metric.CONNECT:
        return
    for layer in _LAYERS:
        spoken = [versions(side.attempts, layer) for side in (baseline, candidate)]
        if all(spoken) and not spoken[0] & spoken[1]:
            yield (
                Unlikeness.PROTOCOL,
                f"{names[0]} spoke {_words(spoken[0])}, {names[1]} "
                f"{_words(spoken[1])}, which is in {metric.value}",
            )


def versions(attempts: Attempts, layer: str) -> frozenset[str]:
    """Which versions of ``TLS`` or ``HTTP`` were spoken."""
    return frozenset(one for one in attempts.protocols if one.startswith(layer))


def likeness_text(
    attempts: Attempts, metric: Metric, allowed: frozenset[Unlikeness]
) -> str:
    """Clock and protocols of a line in words, without what may differ."""
    words = []
    if Unlikeness.PROTOCOL not in allowed and metric is not Metric.CONNECT:
        words.append(_words(attempts.protocols))
    if Unlikeness.CLOCK not in allowed:
        words.append(_whose(clocks_of(attempts)))
    return ", ".join(word for word in words if word)


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """Two sides, and what was left out of them."""

    sides: tuple[Side, Side]
    caveats: tuple[Caveat, ...] = ()


def at_common_hours(
    baseline: Side, candidate: Side, allowed: frozenset[Unlikeness]
) -> Matched | str:
    """Two sides of no common rounds at the hours of the day that they share.

    Returns:
        The sides without the rounds of other hours, and a caveat if some are left
        out; or why there is nothing to compare.
    """
    if Unlikeness.HOURS in allowed or not (baseline.seen and candidate.seen):
        return Matched(sides=(baseline, candidate))
    mine, its = common_hours(baseline, candidate)
    if not mine.seen:
        problem = (
            f"{candidate.line.target_id} was measured from {hours_text(candidate)}, "
            f"{hours_text(baseline)} on the other side: no hour of the day in common"
        )
        return if_meant(problem, Unlikeness.HOURS)
    left = [one.seen - two.seen for one, two in ((baseline, mine), (candidate, its))]
    if not any(left):
        return Matched(sides=(baseline, candidate))
    text = (
        f"only common hours of the day are compared: {left[0]} of "
        f"{baseline.seen} rounds of the baseline and {left[1]} of "
        f"{candidate.seen} of the candidate have no counterpart within 3 h"
    )
    caveat = Caveat(name="common hours", text=text)
    return Matched(sides=(mine, its), caveats=(caveat,))


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchedRounds:
    """Lines of one vantage, and what was left out of them."""

    rounds: Rounds
    caveats: tuple[Caveat, ...] = ()


def all_at_common_hours(rounds: Rounds) -> MatchedRounds | str:
    """Lines of no common rounds at the hours of the day that all of them share.

    Returns:
        The lines, and a caveat if values are left out; or why nothing is left.
    """
    kept = at_hours_of_all(rounds)
    sides = [
        (Side(rounds=rounds, line=line), Side(rounds=kept, line=line))
        for line in rounds.lines
    ]
    empty = [side for side, after in sides if side.seen and not after.seen]
    if empty:
        problem = (
            f"{empty[0].line.target_id} was measured from {hours_text(empty[0])}: "
            "no hour of the day in common with all others"
        )
        return if_meant(problem, Unlikeness.HOURS)
    all_of, left = (sum(pair[at].seen for pair in sides) for at in (0, 1))
    if all_of == left:
        return MatchedRounds(rounds=rounds)
    text = (
        f"only common hours of the day are ranked: {all_of - left} of {all_of} values "
        "have no counterpart of every other target within 3 h"
    )
    caveat = Caveat(name="common hours", text=text)
    return MatchedRounds(rounds=kept, caveats=(caveat,))


def _whose(clocks: frozenset[str]) -> str:
    names = {"user": "the program's"}
    words = " and ".join(names.get(one, f"the {one}'s") for one in sorted(clocks))
    return f"{words} clock"


def _words(words: Iterable[str]) -> str:
    return " and ".join(sorted(words))
