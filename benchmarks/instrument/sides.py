"""Every prober under every load, for the table that shows them side by side; pure."""

from collections.abc import Iterator, Sequence

from benchmarks.instrument.outcome import Outcome
from benchmarks.instrument.report import Side
from benchmarks.instrument.stages import ProberName

# What each prober reports that is nearest to the first byte.
_QUANTITIES = {
    ProberName.OWN: ("first_byte", "connect"),
    ProberName.BLACKBOX: ("first_byte", "connect"),
    ProberName.HTTPING: ("total",),
    ProberName.SHARED_CLIENT: ("total", "first_byte"),
    ProberName.BARE: (),
}
LABELS = {
    "first_byte": "first byte",
    "connect": "connect",
    "total": "whole request",
}


def sides_of(outcomes: Sequence[Outcome]) -> tuple[Side, ...]:
    """Every prober under every load, side by side."""
    return tuple(side for outcome in outcomes for side in _sides(outcome))


def _sides(outcome: Outcome) -> Iterator[Side]:
    for number, quantity in enumerate(_QUANTITIES[outcome.stage.prober]):
        good, late = outcome.begun - outcome.failed, outcome.first_packet_ms
        yield Side(
            load=outcome.stage.load.name,
            prober=outcome.stage.prober,
            reading=LABELS[quantity],
            error_ms=outcome.error_ms(quantity),
            failed=outcome.failed / outcome.begun if outcome.begun else 1.0,
            achieved=good / outcome.offered,
            cpu_ms=outcome.cpu_ms if number == 0 else None,
            late_ms=late.p99 if late is not None and number == 0 else None,
            unmatched=outcome.unmatched,
            note=_note(outcome),
        )


def _note(outcome: Outcome) -> str:
    what = f"{outcome.stage.prober} at {outcome.stage.load.name}"
    if outcome.exit_code:
        return f"{what} ended with exit code {outcome.exit_code}."
    if outcome.unmatched:
        return f"{what}: {outcome.unmatched} readings have no truth in the logs."
    return ""
