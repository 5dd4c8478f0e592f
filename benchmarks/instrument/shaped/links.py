"""Links of known width: what is run, and what it comes to as rows; pure."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from benchmarks.instrument.report import Detail, Findings, Row
from benchmarks.instrument.shaped.outcome import Outcome
from benchmarks.instrument.shaped.trial import DROPPED_S, PEER, Trial

MOST_ERROR = 0.03
STREAMS = (1, 8)
_MBIT = 10**6
# Width in Mbit/s and round trip in ms.
_LINKS = ((10, 20), (10, 150), (50, 20), (50, 150), (200, 20), (200, 150), (500, 20))
_QUICK_LINKS = ((10, 20), (50, 150), (200, 20))
# From this on, a link is asked for only where the line carries it.
_IF_CARRIED_FROM = 500 * _MBIT
# A longer path needs longer to come to its pace.
_FAR_MS = 100
_NEAR_S, _FAR_S = 5.0, 7.0


def link_trials(*, quick: bool) -> tuple[Trial, ...]:
    """The links of the benchmark, narrow ones first."""
    return tuple(
        Trial(
            bits_per_s=mbit_per_s * _MBIT,
            rtt_ms=rtt_ms,
            seconds=_FAR_S if rtt_ms >= _FAR_MS else _NEAR_S,
            streams=STREAMS,
        )
        for mbit_per_s, rtt_ms in (_QUICK_LINKS if quick else _LINKS)
    )


def link_findings(outcomes: Sequence[Outcome], *, has_peer: bool) -> Findings:
    """A row for each link, the further off of its downloads deciding; and each one.

    Args:
        outcomes: Those of a link next to each other.
        has_peer: Whether iperf3 is installed.
    """
    rows = [
        _row(trial, list(group), has_peer=has_peer)
        for trial, group in groupby(outcomes, key=lambda outcome: outcome.trial)
    ]
    detail = Detail(
        name="links",
        text=(
            "Downloads over links that the delay line shapes, each with a queue of ten "
            "round trips so that none drops anything: the settled rate of "
            "bodies over TLS, and iperf3's mean (`-R`, plain TCP, the same line, "
            f"length and first {DROPPED_S} s left out), each over what of the link is "
            "left for it once heads of IP, TCP and TLS are taken off:"
        ),
        heads=(
            "Mbit/s",
            "RTT ms",
            "streams",
            "goodput Mbit/s",
            "settled Mbit/s",
            "over goodput",
            "iperf3 over goodput",
            "added p50 ms",
            "line at most Mbit/s",
            "caveats",
        ),
        rows=tuple(map(_cells, outcomes)),
    )
    return Findings(rows=tuple(rows), details=(detail,))


def _row(trial: Trial, group: Sequence[Outcome], *, has_peer: bool) -> Row:
    ours = _worst(outcome.ratio for outcome in group)
    peers = _worst(outcome.peer_ratio for outcome in group)
    asked = trial.bits_per_s < _IF_CARRIED_FROM or all(one.was_carried for one in group)
    return Row(
        figure="settled rate of a shaped link, off its goodput by",
        load=f"{_link(trial)}, {' and '.join(map(str, trial.streams))} streams",
        value=None if ours is None else ours * 100,
        unit="%",
        peer=PEER if has_peer else "",
        peer_value=None if peers is None else peers * 100,
        goal=MOST_ERROR * 100 if asked else None,
        has_failed=True,
        note=" ".join(_notes(trial, group, asked=asked, has_peer=has_peer)),
    )


def _worst(ratios: Iterable[float | None]) -> float | None:
    """How far the furthest is from 1; None if one is missing."""
    errors = [None if ratio is None else abs(ratio - 1) for ratio in ratios]
    known = [error for error in errors if error is not None]
    return max(known) if len(known) == len(errors) else None


def _notes(
    trial: Trial, group: Sequence[Outcome], *, asked: bool, has_peer: bool
) -> Iterator[str]:
    if not has_peer:
        yield f"{PEER} is not installed here (Debian package {PEER})."
    elif any(outcome.peer_bits_per_s is None for outcome in group):
        yield f"{_link(trial)}: {PEER} gave no answer."
    if not asked:
        most = max(outcome.line_bits_per_s or 0.0 for outcome in group)
        yield (
            f"{_link(trial)}: the delay line came to {most / _MBIT:.0f} Mbit/s, also "
            f"with {PEER}: this machine does not carry it, so there is no goal."
        )
    for outcome in group:
        if outcome.ratio is None:
            yield f"{_link(trial)}, {outcome.streams} streams: {outcome.verdict}."


def _cells(outcome: Outcome) -> tuple[str | float | int | None, ...]:
    trial, told = outcome.trial, outcome.told
    settled = None if told is None else told.bits_per_s
    return (
        trial.bits_per_s / _MBIT,
        trial.rtt_ms,
        outcome.streams,
        trial.goodput_bits_per_s / _MBIT,
        None if settled is None else settled / _MBIT,
        outcome.ratio,
        outcome.peer_ratio,
        None if told is None else told.added_p50_ms,
        None if outcome.line_bits_per_s is None else outcome.line_bits_per_s / _MBIT,
        "" if told is None else ", ".join(told.caveats),
    )


def _link(trial: Trial) -> str:
    return f"{trial.bits_per_s / _MBIT:g} Mbit/s, {trial.rtt_ms} ms"
