"""How often the rule that may stop at any round ever excludes a target wrongly."""

from dataclasses import dataclass

import numpy as np

from benchmarks.statistics.noise import CORRELATION, Floats, autocorrelated
from cloudgauge.stats.sequential import still_in

LOOKS = 700
ALPHA = 0.05
LEVEL_MS = 50.0
NOISE_MS = 2.5


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Where the noise of rounds comes from.

    Attributes:
        name: For the table.
        targets: How many there are.
        own: Share of the noise's deviation that is a target's own, of which every
            value depends on the one before.
        moment: Share that belongs to the moment at which a target's turn came.
        shift_ms: By how much the last target is slower.
    """

    name: str
    targets: int
    own: float
    moment: float
    shift_ms: float = 0.0


WORLDS = (
    World(name="noise of the moment, 2 targets", targets=2, own=0.0, moment=1.0),
    World(name="noise of each target, 2 targets", targets=2, own=1.0, moment=0.0),
    World(name="noise of both kinds, 5 targets", targets=5, own=0.7, moment=0.7),
)
SLOWER = (
    World(
        name="5 % slower, noise of the moment", targets=2, own=0, moment=1, shift_ms=2.5
    ),
    World(
        name="5 % slower, noise of each target",
        targets=2,
        own=1,
        moment=0,
        shift_ms=2.5,
    ),
    World(
        name="20 % slower, noise of each target",
        targets=2,
        own=1,
        moment=0,
        shift_ms=10,
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Excluded:
    """What the rule did.

    Attributes:
        world: Where.
        replicates: How often it was tried.
        ever: Share in which it ever excluded a target.
        median_round: After how many rounds, where it did; None if never.
    """

    world: World
    replicates: int
    ever: float
    median_round: float | None


def exclude(world: World, seed: int, replicates: int, looks: int = LOOKS) -> Excluded:
    """Look after each round, that often."""
    rng = np.random.default_rng(seed)
    rounds = [
        _first_exclusion(_rounds_ms(world, looks, rng)) for _ in range(replicates)
    ]
    found = [at for at in rounds if at is not None]
    return Excluded(
        world=world,
        replicates=replicates,
        ever=len(found) / replicates,
        median_round=float(np.median(found)) if found else None,
    )


def _first_exclusion(cells: Floats) -> int | None:
    for looked in range(1, len(cells) + 1):
        if not all(still_in(cells[:looked], alpha=ALPHA).still):
            return looked
    return None


def _rounds_ms(world: World, looks: int, rng: np.random.Generator) -> Floats:
    count = world.targets
    own = autocorrelated(rng, looks, count, CORRELATION)
    moments = autocorrelated(rng, looks * count, 1, CORRELATION).reshape(looks, count)
    turns = np.argsort(rng.random((looks, count)), axis=1)
    taken = np.take_along_axis(moments, turns, axis=1)
    values = LEVEL_MS + NOISE_MS * (world.own * own + world.moment * taken)
    values[:, -1] += world.shift_ms
    return np.asarray(values)
