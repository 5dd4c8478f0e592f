"""What a prober reported of one exchange, whichever prober it was."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One exchange as its prober reported it.

    Attributes:
        address: The remote address, IPv4 as text.
        local_port: Ours, where the prober tells it.
        exchange: 0 for the first of a visit, then 1, 2, … on the same connection;
            None where the prober does not tell whether it opened a connection.
        due_ns: When the visit was due, by the wall clock; None where the prober
            keeps its own schedule.
        begun_ns: Wall clock, not after the first packet was sent.
        ended_ns: Wall clock, not before the last packet that counts was read.
        values_ns: What was reported: ``connect``, ``tls``, ``first_byte``,
            ``total`` (from the first packet to the answer), as far as given.
        failure: Why there is no value; "" if all went well.
    """

    address: str
    local_port: int | None = None
    exchange: int | None = 0
    due_ns: int | None = None
    begun_ns: int
    ended_ns: int
    values_ns: dict[str, int] = field(default_factory=dict)
    failure: str = ""


def write_readings(path: Path, readings: Iterable[Reading]) -> None:
    """Write one JSON object a line."""
    lines = [json.dumps(asdict(reading)) for reading in readings]
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")


def read_readings(path: Path) -> tuple[Reading, ...]:
    """Read what `write_readings` wrote."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return tuple(Reading(**json.loads(line)) for line in lines if line)
