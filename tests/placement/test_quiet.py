import ctypes
import os

import numpy as np
import pytest

from cloudgauge.placement.proof import prove
from cloudgauge.placement.quiet import silent_stdout
from tests.placement.test_choice import drawn

# Of these the solver tells its makers something, whatever its options say.
TALKATIVE = (375, 393, 412, 768)


def test_what_the_c_library_prints_goes_nowhere_and_what_follows_is_seen(
    capfd: pytest.CaptureFixture[str],
) -> None:
    library = ctypes.CDLL(None)
    library.printf(b"before ")
    with silent_stdout():
        library.printf(b"inside ")
        os.write(1, b"there ")
    library.printf(b"after")
    library.fflush(None)
    assert capfd.readouterr().out == "before after"


def test_the_solver_says_nothing_to_the_user(
    capfd: pytest.CaptureFixture[str],
) -> None:
    for seed in TALKATIVE:
        problem = drawn(seed)
        stays = np.ones(problem.shape[1], dtype=np.bool_)
        prove(problem, stays, time_limit_s=60)
    ctypes.CDLL(None).fflush(None)
    assert capfd.readouterr() == ("", "")


def test_without_a_stdout_nothing_is_pointed_elsewhere() -> None:
    saved = os.dup(1)
    os.close(1)
    try:
        with silent_stdout(), pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(1)
    finally:
        os.dup2(saved, 1)
        os.close(saved)
