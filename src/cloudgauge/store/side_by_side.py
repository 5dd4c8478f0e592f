"""Several transfers under way at once, and none left behind when one fails."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, as_completed, wait
from typing import TypeVar

_Done = TypeVar("_Done")


def side_by_side(
    tasks: Iterable[Callable[[], _Done]], *, at_once: int
) -> Iterator[_Done]:
    """Do tasks in threads, which mostly wait; give what they come to as they end.

    When one raises, those that have not begun never do, those under way are waited
    for, and what it raised is raised.

    Args:
        tasks: Begun in their order.
        at_once: How many at most.
    """
    pool = ThreadPoolExecutor(max_workers=at_once, thread_name_prefix="transfer")
    try:
        futures = [pool.submit(task) for task in tasks]
        for future in as_completed(futures):
            if future.exception() is not None:
                break
            yield future.result()
        failed = wait(futures, return_when=FIRST_EXCEPTION).done
        for future in failed:
            future.result()
    finally:
        pool.shutdown(cancel_futures=True)
