"""What a store's refusals mean, in words that name store and key.

Of an answer only its status and its code are repeated: some servers send the string
that was signed, and some URLs carry a signature.
"""

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from cloudgauge.errors import CloudgaugeError, ConfigError, MachineError

# The client itself asks again after answers of 5xx, and after a broken line where it
# holds that harmless: not for what creates, and not within a body from a server that
# knows no ranges. Those are begun again after so many seconds.
_PAUSES_S = (0.2, 1.0, 3.0)
_Done = TypeVar("_Done")

_STATUS = re.compile(r"status code: (\d{3})")
_CODE = re.compile(r"<Code>([A-Za-z0-9.]{1,80})</Code>")
_TRIES = re.compile(r"after (\d+) retries")

_ADDRESS = re.compile(r"https?://\S+|location \S+|path: \"[^\"]*\"")

_NO_BUCKET = frozenset({"NoSuchBucket", "ContainerNotFound", "NoSuchContainer"})
_CLOCK = frozenset({"RequestTimeTooSkewed", "RequestExpired"})
_KEY = frozenset(
    {
        "AuthenticationFailed",
        "ExpiredToken",
        "InvalidAccessKeyId",
        "InvalidSecurity",
        "InvalidToken",
        "SecurityTokenExpired",
        "SignatureDoesNotMatch",
    }
)
_ELSEWHERE = frozenset(
    {
        "AuthorizationHeaderMalformed",
        "IllegalLocationConstraintException",
        "PermanentRedirect",
        "SecondLevelDomainForbidden",
        "TemporaryRedirect",
    }
)


class LineBroken(MachineError):
    """There was no answer, or only the beginning of one."""


def again(once: Callable[[], _Done]) -> _Done:
    """Do something; when the line breaks, begin again, a few times.

    Raises:
        LineBroken: It broke every time.
    """
    for pause_s in _PAUSES_S:
        try:
            return once()
        except LineBroken:
            threading.Event().wait(pause_s)
    return once()


@contextmanager
def told_apart(where: str, doing: str) -> Iterator[None]:
    """Turn what the client of a store raises into an error of ours.

    What says that something is there already, or is not there, passes as it is.

    Args:
        where: The URL of what it is about.
        doing: Such as ``read it``.

    Raises:
        ConfigError: No such bucket, or keys that do not do.
        MachineError: The store cannot be reached or does not work.
    """
    # The client is an extra: only who has it comes here.
    from obstore.exceptions import AlreadyExistsError, BaseError  # noqa: PLC0415

    try:
        yield
    except AlreadyExistsError:
        raise
    except FileNotFoundError as exc:
        if code_of(exc) in _NO_BUCKET:
            raise _explained(str(exc), where, doing) from None
        raise
    except (BaseError, OSError, ValueError) as exc:
        # Its text holds the whole answer: nothing leads there from here.
        raise _explained(str(exc), where, doing) from None


def code_of(error: BaseException) -> str:
    """The code in the answer that made the client raise; "" for none."""
    found = _CODE.search(str(error))
    return found[1] if found else ""


def status_of(error: BaseException) -> int | None:
    """The HTTP status that made the client raise; None if it was no answer."""
    found = _STATUS.search(str(error))
    return int(found[1]) if found else None


def _explained(text: str, where: str, doing: str) -> CloudgaugeError:
    status = _STATUS.search(text)
    code = _CODE.search(text)
    if status is None and code is None:
        return _unanswered(text, where, doing)
    number = int(status[1]) if status else 0
    name = code[1] if code else ""
    said = " ".join(part for part in (status[1] if status else "", name) if part)
    return _refused(number, name, said, where) or _failed(text, number, said, where)


def _refused(number: int, name: str, said: str, where: str) -> CloudgaugeError | None:
    if name in _CLOCK:
        problem = (
            f"refused ({said}): the clock of this machine is too far from the "
            "store's; set it, by NTP for example"
        )
        return MachineError(f"{where}: {problem}")
    if name in _NO_BUCKET:
        return ConfigError(where, f"there is no such bucket ({said})")
    if name in _KEY or number == 401:
        return ConfigError(where, f"the store does not take the key ({said})")
    if name in _ELSEWHERE or number in {301, 307}:
        problem = f"the bucket is elsewhere ({said}): check its region and endpoint"
        return ConfigError(where, problem)
    if number == 403:
        problem = (
            f"refused ({said}): the key may not do this there, or the clock of this "
            "machine is wrong"
        )
        return ConfigError(where, problem)
    return None


def _failed(text: str, number: int, said: str, where: str) -> CloudgaugeError:
    if number in {429, 500, 502, 503, 504}:
        tries = _TRIES.search(text)
        often = f", {int(tries[1]) + 1} times" if tries else ""
        return MachineError(f"{where}: the store answers {said}{often}; try later")
    return MachineError(f"{where}: the store answers {said}")


# What the client says, in lower case, when there was no answer at all.
_UNANSWERED: tuple[tuple[tuple[str, ...], type[CloudgaugeError], str], ...] = (
    (
        ("invalidcertificate", "unknownissuer", "invalid peer certificate"),
        MachineError,
        "the certificate of the store is not trusted",
    ),
    (
        ("dns error", "failed to lookup"),
        MachineError,
        "the name of the store's host has no address",
    ),
    (("badscheme",), ConfigError, "is plain HTTP, which was not allowed"),
    (
        ("kind: connect,", "connection refused"),
        MachineError,
        "the store cannot be reached",
    ),
    (
        ("kind: timeout", "source: timedout"),
        MachineError,
        "the store did not answer in time",
    ),
    (
        ("token request", "credential"),
        ConfigError,
        "no key was to be had for it from this machine",
    ),
)


def _unanswered(text: str, where: str, doing: str) -> CloudgaugeError:
    # In an address any word may stand.
    low = _ADDRESS.sub("", text.lower())
    for words, kind, problem in _UNANSWERED:
        if any(word in low for word in words):
            if kind is ConfigError:
                return ConfigError(where, problem)
            return MachineError(f"{where}: {problem}")
    return LineBroken(f"{where}: the line broke while trying to {doing}")
