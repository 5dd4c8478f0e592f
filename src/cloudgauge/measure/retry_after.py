"""How long a server asks us to stay away."""

import email.utils
import re
from datetime import UTC

from cloudgauge.model.quantity import NS_PER_S

_SECONDS = re.compile(r"[0-9]{1,18}", re.ASCII)


def retry_after_ns(header: str | None, *, wall_ns: int) -> int | None:
    """Read a Retry-After header: seconds, or an HTTP date (RFC 9110, 10.2.3).

    Args:
        header: Its value; None if there was none.
        wall_ns: Now, UTC since 1970, to count a date from.

    Returns:
        At least 0, also for a date that has passed; None if it cannot be read.
    """
    if header is None:
        return None
    text = header.strip()
    if _SECONDS.fullmatch(text):
        return int(text) * NS_PER_S
    try:
        date = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return None
    if date.tzinfo is None:  # HTTP dates are UTC, whatever they say
        date = date.replace(tzinfo=UTC)
    return max(0, round(date.timestamp()) * NS_PER_S - wall_ns)
