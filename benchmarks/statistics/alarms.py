"""How often targets that are alike are told apart, and targets that differ are."""

from dataclasses import dataclass

import numpy as np

from benchmarks.statistics.noise import LEVEL_MS, Floats, Noise
from cloudgauge.stats.pairs import all_pairs
from cloudgauge.stats.rankset import together

ALPHA = 0.05
ROUNDS = 300
TARGETS = 20
# A shift of 5 %.
SHIFT_MS = 0.05 * LEVEL_MS


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarms:
    """What was found among targets of which none differs, and of which one does.

    Attributes:
        noise: Under which noise.
        targets: How many there were.
        rounds: How many.
        replicates: How often.
        pair: Share of all pairs of equal targets with p below 5 %.
        by_holm: Share of the replicates with any after Holm.
        by_ranks: Share with any by the rank sets.
        power: Share in which a target 5 % slower has p below 5 % against another.
        power_holm: The same after Holm over all pairs.
        power_ranks: The same by the rank sets.
    """

    noise: str
    targets: int
    rounds: int
    replicates: int
    pair: float
    by_holm: float
    by_ranks: float
    power: float
    power_holm: float
    power_ranks: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """What is drawn: so many targets in so many rounds under a noise."""

    noise: Noise
    targets: int = TARGETS
    rounds: int = ROUNDS


# How few rounds somebody may look at.
SHORT = (10, 20)


def sound(family: Family, seed: int, replicates: int) -> Alarms:
    """Draw matrices of equal targets, and then make the last alone slower."""
    noise, targets = family.noise, family.targets
    rng = np.random.default_rng(seed)
    shifts_ms = np.zeros(targets)
    found = np.empty((replicates, 6))
    for at in range(replicates):
        cells = noise.rounds_ms(rng, family.rounds, shifts_ms)
        found[at] = (*_alike(cells, rng), *_unlike(cells, rng))
    pair, holm, ranks, power, power_holm, power_ranks = found.mean(axis=0).tolist()
    return Alarms(
        noise=noise.name,
        targets=targets,
        rounds=family.rounds,
        replicates=replicates,
        pair=pair,
        by_holm=holm,
        by_ranks=ranks,
        power=power,
        power_holm=power_holm,
        power_ranks=power_ranks,
    )


def _alike(cells: Floats, rng: np.random.Generator) -> tuple[float, bool, bool]:
    pairs = all_pairs(cells)
    sure = together(pairs, rng=rng)
    return (
        float((pairs.p < ALPHA).mean()),
        bool((pairs.p_adjusted <= ALPHA).any()),
        bool((sure.p_adjusted <= ALPHA).any()),
    )


def _unlike(cells: Floats, rng: np.random.Generator) -> tuple[bool, bool, bool]:
    slower = cells.copy()
    slower[:, -1] += SHIFT_MS
    pairs = all_pairs(slower)
    at = pairs.place(0, cells.shape[1] - 1)
    sure = together(pairs, rng=rng)
    return (
        bool(pairs.p[at] < ALPHA),
        bool(pairs.p_adjusted[at] <= ALPHA),
        bool(sure.p_adjusted[at] <= ALPHA),
    )
