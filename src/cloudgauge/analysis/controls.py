"""A/A controls: how often two series of the same target look different."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from cloudgauge.analysis.comparison import Margin, compare_sides
from cloudgauge.analysis.rounds import Rounds
from cloudgauge.analysis.sides import ALPHA, Side

# Of no bearing: what is counted is the p-value alone.
_NO_MARGIN = Margin(least=0.0, share=0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Controls:
    """What became of the A/A tests.

    Attributes:
        tests: Controls that could be tested.
        differing: Of these, those whose p-value was below 0.05, uncorrected: of many
            one in twenty is expected.
    """

    tests: int
    differing: tuple[str, ...]


def controls_of(places: Iterable[tuple[str, Rounds]]) -> Controls:
    """Test each control's two series against each other.

    Args:
        places: Vantages and their rounds.
    """
    tests, differing = 0, []
    for vantage, rounds in places:
        for line in rounds.lines:
            again = replace(line, replica=1)
            if line.replica or again not in rounds:
                continue
            found = compare_sides(
                Side(rounds=rounds, line=line),
                Side(rounds=rounds, line=again),
                margin=_NO_MARGIN,
                vantage=vantage,
                is_paired=True,
            )
            if found.p_value is None:
                continue
            tests += 1
            if found.p_value < ALPHA:
                differing.append(f"{line.target_id} from {vantage}")
    return Controls(tests=tests, differing=tuple(differing))
