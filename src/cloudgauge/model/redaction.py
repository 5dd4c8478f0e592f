"""What was taken out of a copy of a result set before it was shared."""

import re
from dataclasses import dataclass

_HEX_64 = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Redaction:
    """Says that a set is a copy for sharing, and of what.

    Attributes:
        redacted_wall_ns: When it was made, UTC since 1970, in [0, 2^63).
        tool_version: Of the cloudgauge that made it.
        fields: What was taken out or made coarser, sorted, at least one.
        original_sha256: Of the SHA256SUMS of the set that it is a copy of, hexadecimal.
    """

    redacted_wall_ns: int
    tool_version: str
    fields: tuple[str, ...]
    original_sha256: str

    def __post_init__(self) -> None:
        if not 0 <= self.redacted_wall_ns < 2**63:
            msg = f"redacted_wall_ns must be in [0, 2^63), got {self.redacted_wall_ns}"
            raise ValueError(msg)
        if not self.fields or list(self.fields) != sorted(set(self.fields)):
            msg = f"fields must be sorted and at least one, got {list(self.fields)}"
            raise ValueError(msg)
        if not _HEX_64.fullmatch(self.original_sha256):
            msg = "original_sha256 must be 64 hexadecimal digits"
            raise ValueError(msg)
