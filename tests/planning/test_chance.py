import random
from collections import Counter

from cloudgauge.planning.chance import chance, shuffled


def test_chance_of_a_seed_never_changes() -> None:
    # Schedules of published plans stand on it.
    assert chance(1, 0, 0) == 7834650415074087000
    assert chance(1, 0, "transfers") == 7934065747647935131


def test_each_drawing_has_a_chance_of_its_own() -> None:
    drawings = [(1, 0, 0), (1, 0, 1), (1, 1, 0), (2, 0, 0)]
    seeds = {chance(*drawing) for drawing in drawings} | {chance(1, 0, "transfers")}

    assert len(seeds) == 5


def test_every_order_is_as_likely() -> None:
    rng = random.Random(1)
    orders = Counter(tuple(shuffled("abc", rng)) for _ in range(6_000))

    # Six orders: the standard deviation of each count is 29.
    assert len(orders) == 6
    assert all(abs(count - 1_000) < 4 * 29 for count in orders.values())


def test_what_is_shuffled_is_left_as_it_was() -> None:
    items = [1, 2, 3]

    assert sorted(shuffled(items, random.Random(3))) == items == [1, 2, 3]
