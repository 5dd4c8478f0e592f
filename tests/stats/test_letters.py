from itertools import combinations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from cloudgauge.stats.letters import letters_of

Flags = NDArray[np.bool_]


def differing(k: int, pairs: list[tuple[int, int]]) -> Flags:
    found = np.zeros((k, k), dtype=np.bool_)
    for one, other in pairs:
        found[one, other] = found[other, one] = True
    return found


def test_letters_are_those_of_the_paper() -> None:
    # Piepho (2004), figure 1 in short: 1 and 2 differ from 4, nothing else differs.
    differ = differing(4, [(0, 3), (1, 3)])

    assert letters_of(differ, range(4)) == ("a", "a", "ab", "b")


def test_letters_follow_the_order_that_is_given() -> None:
    assert letters_of(differing(3, [(0, 1), (0, 2)]), [2, 1, 0]) == ("b", "a", "a")


def test_where_all_differ_each_has_a_letter_of_its_own() -> None:
    every = differing(30, list(combinations(range(30), 2)))

    letters = letters_of(every, range(30))

    assert letters[:3] == ("a", "b", "c")
    assert letters[25:28] == ("z", "{27}", "{28}")


@given(st.data())
def test_two_share_a_letter_exactly_where_they_are_not_shown_to_differ(
    data: st.DataObject,
) -> None:
    k = data.draw(st.integers(1, 9))
    every = list(combinations(range(k), 2))
    pairs = data.draw(st.lists(st.sampled_from(every), unique=True)) if every else []
    order = data.draw(st.permutations(range(k)))
    differ = differing(k, pairs)

    letters = letters_of(differ, order)

    assert all(letters)
    for one, other in every:
        assert bool(set(letters[one]) & set(letters[other])) != differ[one, other]
    # No letter says nothing: without it two would share none, or one have none.
    shared = [set(letters[one]) & set(letters[other]) for one, other in every]
    for letter in set("".join(letters)):
        assert {letter} in [*shared, *map(set, letters)]
