"""Conditions on comparisons: what ``--fail-on`` asks for, held against intervals."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from cloudgauge.analysis.comparison import Comparison
from cloudgauge.analysis.metric import Metric
from cloudgauge.errors import ConfigError
from cloudgauge.stats.verdict import Verdict
from cloudgauge.workflow.question import Amount, parse_amount

_WHERE = "--fail-on"


class Kind(StrEnum):
    """What must not be.

    ``SLOWER``: the candidate is surely worse by more than an amount. ``FASTER``:
    surely better by more. ``DIFFERS``, ``UNDECIDED``: the verdict.
    """

    SLOWER = "slower"
    FASTER = "faster"
    DIFFERS = "differs"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One condition.

    Attributes:
        text: As the user wrote it.
        amount: None for a verdict.
    """

    kind: Kind
    text: str
    amount: Amount | None = None

    def holds_for(self, row: Comparison) -> bool:
        """Whether the whole interval lies beyond the amount, or the verdict is so.

        An interval that only reaches beyond it proves nothing, and a difference that
        did not outlive the correction for many comparisons is none.
        """
        if self.amount is None:
            return row.verdict.value == self.kind.value
        ends, base = row.slower_by, row.baseline_p50
        if ends is None or base is None or row.verdict is Verdict.UNDECIDED:
            return False
        # What is within a wide margin may still be surely beyond a lesser amount.
        beyond = ends[0] if self.kind is Kind.SLOWER else -ends[1]
        value = self.amount.value
        return beyond > (value * base.point if self.amount.is_share else value)


def parse_condition(text: str, metric: Metric) -> Condition:
    """Read ``slower:5ms``, ``slower:2%``, ``faster:5ms``, ``differs`` or ``undecided``.

    Raises:
        ConfigError: It is none of these.
    """
    name, colon, rest = text.partition(":")
    if name in {Kind.SLOWER.value, Kind.FASTER.value} and colon:
        amount = parse_amount(rest, metric, _WHERE)
        return Condition(kind=Kind(name), text=text, amount=amount)
    if name in {Kind.DIFFERS.value, Kind.UNDECIDED.value} and not colon:
        return Condition(kind=Kind(name), text=text)
    problem = (
        f'want slower:5ms, slower:2%, faster:5ms, differs or undecided, got "{text}"'
    )
    raise ConfigError(_WHERE, problem)


def broken(
    conditions: Sequence[Condition], rows: Sequence[Comparison]
) -> tuple[str, ...]:
    """Which comparisons are as they must not be, a sentence each."""
    return tuple(
        f"{condition.text}: {row.candidate} from {row.vantage or 'all vantages'}"
        for condition in conditions
        for row in rows
        if condition.holds_for(row)
    )
