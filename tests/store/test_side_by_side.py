import threading

import pytest

from cloudgauge.store.side_by_side import side_by_side


def test_what_tasks_come_to_is_given_as_they_end() -> None:
    slow_may_end = threading.Event()

    def slow() -> str:
        assert slow_may_end.wait(60)
        return "slow"

    given = side_by_side([slow, lambda: "quick"], at_once=2)
    assert next(given) == "quick"
    slow_may_end.set()
    assert list(given) == ["slow"]


def test_no_more_are_under_way_than_may_be() -> None:
    lock, under_way, most = threading.Lock(), [0], [0]

    def task() -> None:
        with lock:
            under_way[0] += 1
            most[0] = max(most[0], under_way[0])
        with lock:
            under_way[0] -= 1

    assert len(list(side_by_side([task] * 50, at_once=3))) == 50
    assert most[0] <= 3


def test_one_that_fails_keeps_the_rest_from_beginning() -> None:
    begun: list[int] = []

    def failing() -> int:
        msg = "the line broke"
        raise OSError(msg)

    def lasting() -> int:
        begun.append(1)
        # Long enough, a hundred times, for the failure to be seen meanwhile.
        threading.Event().wait(0.1)
        return 1

    with pytest.raises(OSError, match="the line broke"):
        list(side_by_side([failing, *[lasting] * 100], at_once=1))
    assert len(begun) < 100
