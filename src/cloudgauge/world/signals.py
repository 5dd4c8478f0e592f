"""Waits for a child process and passes on signals that it has not had already.

Ctrl-C in a terminal reaches every process of the group, the child too: it must
not be sent a second time. A signal that was sent to us alone (``kill``) must be
passed on. `sigtimedwait` tells the two apart by who sent the signal; a signal
handler could not.
"""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable

# Not every system has them all.
FORWARDED = frozenset(
    sign
    for sign in signal.Signals
    if sign.name in {"SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1"}
)
_WAITED = FORWARDED | {sign for sign in signal.Signals if sign.name == "SIGCHLD"}
_SI_KERNEL = 0x80
_POLL_S = 0.5
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36


def block_signals() -> set[int]:
    """Hold signals back until `wait_for`; gives the mask that was."""
    return set(signal.pthread_sigmask(signal.SIG_BLOCK, _WAITED))


def restore_signals(mask: set[int]) -> None:
    """Undo `block_signals`."""
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def waiting() -> int:
    """The number of a signal that came while they were held back; 0 for none."""
    return min(signal.sigpending() & FORWARDED, default=0)


def wait_for(
    child: subprocess.Popen[bytes], still_wanted: Callable[[], bool] = lambda: True
) -> int:
    """Wait until *child* has ended; signals must be blocked.

    Args:
        child: A direct child of this process.
        still_wanted: Asked twice a second; once it says no, the child gets SIGTERM.

    Returns:
        Its exit code; 128 and the number where a signal ended it, as shells say.
    """
    if sys.platform != "linux":
        # Who sent a signal cannot be asked there; the terminal's reach the child.
        code = child.wait()
        return 128 - code if code < 0 else code
    told = False
    while (code := child.poll()) is None:
        info = signal.sigtimedwait(_WAITED, _POLL_S)
        if info is not None and info.si_signo in FORWARDED:
            if info.si_code != _SI_KERNEL:
                child.send_signal(info.si_signo)
        elif not told and not still_wanted():
            child.terminate()
            told = True
    return 128 - code if code < 0 else code


def die_with_parent(sign: int) -> None:
    """Ask the kernel to send *sign* to this process when its parent has died."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, sign, 0, 0, 0)


def adopt_orphans() -> None:
    """Become the parent of what our children leave behind, so as to end it."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def start_fresh() -> None:
    """Give a child that is about to be executed its signals back."""
    for sign in FORWARDED:
        signal.signal(sign, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _WAITED)
    die_with_parent(signal.SIGTERM)


def ignore_signals() -> None:
    """Outlive Ctrl-C: this process ends when its keeper closes its pipe."""
    for sign in FORWARDED:
        signal.signal(sign, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _WAITED)


def parent_is(pid: int) -> bool:
    """Whether our parent is still the process we were started by."""
    return os.getppid() == pid
