"""Chance that is the same on every machine and with every version of Python.

It is `random.Random(int).random()` alone, whose sequence Python promises to keep.
"""

import hashlib
import random
from collections.abc import Sequence
from typing import TypeVar

_Item = TypeVar("_Item")


def chance(seed: int, round_index: int, draw: int | str) -> int:
    """A seed for one drawing, unlike that of any other."""
    text = f"{seed}/{round_index}/{draw}"
    return int.from_bytes(hashlib.sha256(text.encode("ascii")).digest()[:8])


def shuffled(items: Sequence[_Item], rng: random.Random) -> list[_Item]:
    """Put items in any order, each as likely."""
    # random.shuffle may change between versions of Python; Fisher-Yates does not.
    mixed = list(items)
    for last in range(len(mixed) - 1, 0, -1):
        other = int(rng.random() * (last + 1))
        mixed[last], mixed[other] = mixed[other], mixed[last]
    return mixed
