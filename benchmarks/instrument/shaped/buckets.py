"""Token buckets: what is run, and whether a burst passes for the rate; pure."""

from collections.abc import Sequence

from benchmarks.instrument.report import Detail, Findings, Row
from benchmarks.instrument.shaped.outcome import Outcome
from benchmarks.instrument.shaped.trial import DROPPED_S, PEER, Trial

_MBIT = 10**6
_FULL, _SUSTAINED = 400 * _MBIT, 40 * _MBIT
_BURST_BYTES = 300 * 10**6
_RTT_MS = 20
# The bucket is empty after 6.7 s: twice the sustained part decides, once it does not,
# once there is none.
_TRIALS = ((18.0, 1), (18.0, 8), (10.0, 1), (5.0, 1))
_QUICK_TRIALS = ((10.0, 1),)
# A rate that is further above the sustained one has the burst in it.
_PASSES_ABOVE = 1.25


def bucket_trials(*, quick: bool) -> tuple[Trial, ...]:
    """The buckets of the benchmark, each with a length and a number of streams."""
    return tuple(
        Trial(
            bits_per_s=_FULL,
            rtt_ms=_RTT_MS,
            seconds=seconds,
            streams=(streams,),
            burst_bytes=_BURST_BYTES,
            sustained_bits_per_s=_SUSTAINED,
        )
        for seconds, streams in (_QUICK_TRIALS if quick else _TRIALS)
    )


def bucket_findings(outcomes: Sequence[Outcome], *, has_peer: bool) -> Findings:
    """How many downloads that saw the bucket run dry passed its burst off as the rate.

    Args:
        outcomes: Each of a bucket of its own.
        has_peer: Whether iperf3 is installed.
    """
    dried = [outcome for outcome in outcomes if saw_the_end(outcome.trial)]
    failed = sum(one.told is None or bool(one.told.failures) for one in dried)
    peers = [outcome.peer_ratio for outcome in dried]
    has_answers = has_peer and None not in peers
    row = Row(
        figure="downloads that pass a token bucket's burst off as the rate",
        load=_load(dried),
        value=None if failed else sum(_passes(outcome.ratio) for outcome in dried),
        unit="",
        peer=PEER if has_peer else "",
        peer_value=sum(map(_passes, peers)) if has_answers else None,
        goal=0,
        has_failed=True,
        note=_note(failed, has_peer=has_peer, has_answers=has_answers),
    )
    detail = Detail(
        name="buckets",
        text=(
            f"Downloads from behind a token bucket: {_BURST_BYTES // _MBIT} MB at "
            f"{_FULL / _MBIT:g} Mbit/s, then {_SUSTAINED / _MBIT:g} Mbit/s, so that it "
            "is empty after "
            f"{_emptied_s(outcomes):.1f} s. Nobody can know of a bucket that "
            "outlasts the download; what is said then is the burst's rate over the "
            f"time that is given. iperf3 leaves the first {DROPPED_S} s out and says "
            "the mean:"
        ),
        heads=(
            "download s",
            "streams",
            "sustained goodput Mbit/s",
            "we say",
            "settled Mbit/s",
            "from Mbit/s",
            "to Mbit/s",
            "iperf3 Mbit/s",
        ),
        rows=tuple(map(_cells, outcomes)),
    )
    return Findings(rows=(row,), details=(detail,))


def saw_the_end(trial: Trial) -> bool:
    """Whether a trial's download goes on after its bucket has run dry."""
    emptied_s = trial.emptied_after_s
    return emptied_s is not None and trial.seconds > emptied_s


def _passes(ratio: float | None) -> bool:
    return ratio is not None and ratio > _PASSES_ABOVE


def _load(dried: Sequence[Outcome]) -> str:
    return (
        f"{_BURST_BYTES // _MBIT} MB at {_FULL / _MBIT:g} Mbit/s, then a tenth; "
        f"{_downloads(len(dried))} that saw it"
    )


def _downloads(count: int) -> str:
    return f"{count} download" if count == 1 else f"{count} downloads"


def _emptied_s(outcomes: Sequence[Outcome]) -> float:
    return max(outcome.trial.emptied_after_s or 0.0 for outcome in outcomes)


def _note(failed: int, *, has_peer: bool, has_answers: bool) -> str:
    if failed:
        return f"{_downloads(failed)} from behind a bucket failed."
    if not has_peer:
        return f"{PEER} is not installed here (Debian package {PEER})."
    return "" if has_answers else f"token bucket: {PEER} gave no answer."


def _cells(outcome: Outcome) -> tuple[str | float | int | None, ...]:
    trial, told = outcome.trial, outcome.told
    rates: tuple[float | None, ...] = (None,) * 3
    if told is not None:
        rates = (told.bits_per_s, told.low_bits_per_s, told.high_bits_per_s)
    return (
        trial.seconds,
        outcome.streams,
        trial.goodput_bits_per_s / _MBIT,
        outcome.verdict,
        *(None if rate is None else rate / _MBIT for rate in rates),
        None if outcome.peer_bits_per_s is None else outcome.peer_bits_per_s / _MBIT,
    )
