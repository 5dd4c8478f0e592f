"""Durations and byte counts as people write them, exact."""

import re
from decimal import Decimal

NS_PER_S = 1_000_000_000
NS_PER_MS = 1_000_000
NS_PER_US = 1_000

_NS_PER_UNIT = {
    "ns": 1,
    "us": NS_PER_US,
    "ms": NS_PER_MS,
    "s": NS_PER_S,
    "m": 60 * NS_PER_S,
    "h": 3_600 * NS_PER_S,
    "d": 86_400 * NS_PER_S,
}
_BYTES_PER_UNIT = {
    "B": 1,
    "kB": 10**3,
    "MB": 10**6,
    "GB": 10**9,
    "TB": 10**12,
    "PB": 10**15,
    "KiB": 2**10,
    "MiB": 2**20,
    "GiB": 2**30,
    "TiB": 2**40,
}
_DURATION_PART = re.compile(r"(\d+(?:\.\d+)?)(ns|us|ms|s|m|h|d)", re.ASCII)
_BYTES = re.compile(r"(\d+(?:\.\d+)?) ?([KMGT]iB|[kMGTP]?B)", re.ASCII)


def parse_duration_ns(text: str) -> int:
    """Read a duration such as ``250ms``, ``1m30s`` or ``0s``.

    Returns:
        Nanoseconds, at least 0.

    Raises:
        ValueError: If *text* has no unit, an unknown one, or units that do not
            fall (``30s1m``), or is finer than a nanosecond.
    """
    total = Decimal(0)
    at = 0
    previous_unit_ns: int | None = None
    for match in _DURATION_PART.finditer(text):
        unit_ns = _NS_PER_UNIT[match[2]]
        falls = previous_unit_ns is None or unit_ns < previous_unit_ns
        if match.start() != at or not falls:
            break
        total += Decimal(match[1]) * unit_ns
        at, previous_unit_ns = match.end(), unit_ns
    if at == 0 or at != len(text) or total != int(total):
        msg = f'want a duration such as "500ms" or "1m30s", got "{text}"'
        raise ValueError(msg)
    return int(total)


def format_duration(duration_ns: int) -> str:
    """Write a duration so that `parse_duration_ns` reads it back equal.

    Raises:
        ValueError: If *duration_ns* is negative.
    """
    if duration_ns < 0:
        msg = f"duration_ns must be >= 0, got {duration_ns}"
        raise ValueError(msg)
    parts = []
    rest_ns = duration_ns
    for unit in ("d", "h", "m", "s", "ms", "us", "ns"):
        count, rest_ns = divmod(rest_ns, _NS_PER_UNIT[unit])
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"


def parse_byte_count(text: str) -> int:
    """Read a byte count such as ``64 KiB``, ``5MB`` or ``0B``.

    Raises:
        ValueError: If *text* has no unit, an unknown one, or is not whole bytes.
    """
    match = _BYTES.fullmatch(text)
    count = Decimal(match[1]) * _BYTES_PER_UNIT[match[2]] if match else None
    if count is None or count != int(count):
        msg = f'want a byte count such as "64 KiB" or "5 MB", got "{text}"'
        raise ValueError(msg)
    return int(count)


def format_byte_count(count_bytes: int) -> str:
    """Write a byte count for people, with three digits that count.

    Raises:
        ValueError: If *count_bytes* is negative.
    """
    if count_bytes < 0:
        msg = f"count_bytes must be >= 0, got {count_bytes}"
        raise ValueError(msg)
    for unit in ("PB", "TB", "GB", "MB", "kB"):
        size = _BYTES_PER_UNIT[unit]
        # 999.5 kB and above would be written as 1000 kB: take the next unit.
        if count_bytes >= size * Decimal("0.9995"):
            return f"{count_bytes / size:.3g} {unit}"
    return f"{count_bytes} B"
