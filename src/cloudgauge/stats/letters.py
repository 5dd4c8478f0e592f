"""Letters that say which of several are not shown to differ.

Letters as in Piepho, An Algorithm for a Letter-based Representation of All-pairwise
Comparisons, Journal of Computational and Graphical Statistics 13 (2004): two targets
share a letter exactly where they are not shown to differ. The groups are grown one
pair after the other, as Gramm et al. do (Algorithms for Compact Letter Displays,
Computational Statistics and Data Analysis 52, 2007).
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Flags = NDArray[np.bool_]


def letters_of(differ: Flags, order: ArrayLike) -> tuple[str, ...]:
    """Give targets letters of which two share one where they do not differ.

    Args:
        differ: Shape (k, k), symmetric: which two are shown to differ.
        order: Shape (k,): places of targets, by which letters are given.

    Returns:
        The letters of each target, joined; after ``z`` come ``{27}`` and so on.
    """
    ranked = [int(at) for at in np.asarray(order)]
    alike = ~np.asarray(differ)[np.ix_(ranked, ranked)]
    groups: list[Flags] = []
    shared = np.eye(len(ranked), dtype=np.bool_)
    for one in range(len(ranked)):
        others = np.flatnonzero(alike[one] & ~shared[one])
        if not len(others) and any(group[one] for group in groups):
            continue
        for other in [int(at) for at in others] or [one]:
            if other == one or not shared[one, other]:
                group = _grown(alike, one, other)
                groups.append(group)
                shared |= np.outer(group, group)
    return _lettered(_swept(groups), ranked)


def _grown(alike: Flags, one: int, other: int) -> Flags:
    """A group of two and of whoever, in order, is alike to all in it."""
    group = np.zeros(len(alike), dtype=np.bool_)
    group[[one, other]] = True
    fits = alike[one] & alike[other]
    for at in np.flatnonzero(fits):
        if fits[at]:
            group[at] = True
            fits &= alike[at]
    return group


def _swept(groups: list[Flags]) -> list[Flags]:
    """The groups without those whose every pair shares another."""
    sharing = np.sum([np.outer(group, group) for group in groups], axis=0, dtype=int)
    kept = []
    for group in groups:
        if sharing[np.ix_(group, group)].min() > 1:
            sharing -= np.outer(group, group)
        else:
            kept.append(group)
    return kept


def _lettered(groups: list[Flags], ranked: list[int]) -> tuple[str, ...]:
    found = [""] * len(ranked)
    for number, group in enumerate(
        sorted(groups, key=lambda g: g.tolist(), reverse=True)
    ):
        sign = chr(ord("a") + number) if number < 26 else f"{{{number + 1}}}"
        for place in np.flatnonzero(group):
            found[ranked[place]] += sign
    return tuple(found)
