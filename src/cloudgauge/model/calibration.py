"""What an instrument's own error was found to be, against delays that were known."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from cloudgauge.model.sample import ClockKind

CONNECT = "connect"
TLS = "tls"
FIRST_BYTE_COLD = "first-byte-cold"
FIRST_BYTE = "first-byte"
PHASES = (CONNECT, TLS, FIRST_BYTE_COLD, FIRST_BYTE)
# Targets, and how many of them are visited a second; of one target, one at a time.
# Fifty visits a second is the default ceiling of a run.
LOADS_PER_S: Mapping[int, float] = MappingProxyType({50: 25.0, 200: 50.0})
# What 64 bits hold: a calibration comes with the set of a stranger.
_LIMIT_NS = 2**63


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseError:
    """Reported minus true time of one phase, under one load.

    Attributes:
        phase: One of `PHASES`: ``first-byte-cold`` is of the request that opened the
            connection, ``first-byte`` of later ones.
        clock: Whose time it was.
        targets: Targets that were visited at once: 1, or one of `LOADS_PER_S`.
        delay_ns: The round trip that was played; None for all of them together.
        count: Exchanges it is made of, above 0.
        low_ns: 2.5 % of the errors are below.
        median_ns: The bias.
        high_ns: 2.5 % of the errors are above.
    """

    phase: str
    clock: ClockKind
    targets: int
    delay_ns: int | None
    count: int
    low_ns: int
    median_ns: int
    high_ns: int

    def __post_init__(self) -> None:
        if self.phase not in PHASES or self.targets < 1 or self.count < 1:
            msg = (
                f"phase must be one of {', '.join(PHASES)}, targets and count at least "
                f'1, got "{self.phase}", {self.targets}, {self.count}'
            )
            raise ValueError(msg)
        times_ns = (self.delay_ns or 0, self.low_ns, self.median_ns, self.high_ns)
        if max(map(abs, times_ns)) >= _LIMIT_NS:
            msg = "delay and errors must be below 2^63 ns"
            raise ValueError(msg)

    @property
    def bound_ns(self) -> int:
        """19 of 20 errors are no larger than this, either way."""
        return max(abs(self.low_ns), abs(self.high_ns))


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadCeiling:
    """The fastest that this machine received from itself.

    Attributes:
        tls: Whether it was encrypted.
        streams: At least 1.
        bytes_per_s: Of bodies, at least 0.
    """

    tls: bool
    streams: int
    bytes_per_s: int

    def __post_init__(self) -> None:
        if self.streams < 1 or not 0 <= self.bytes_per_s < 2**63:
            msg = (
                "streams must be at least 1 and bytes_per_s in [0, 2^63), got "
                f"{self.streams}, {self.bytes_per_s}"
            )
            raise ValueError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """How far the instrument can be trusted on one machine.

    Attributes:
        made_wall_ns: UTC since 1970, in [0, 2^63).
        tool_version: Of cloudgauge.
        machine: What the machine was, so that another's is not taken for it.
        means: ``tun`` or ``loopback``, as in `Simulation`.
        errors: At least one.
        ceilings: May be none, where only latency was calibrated.
        limits: What these means cannot show; "" for nothing.
    """

    made_wall_ns: int
    tool_version: str
    machine: str
    means: str
    errors: tuple[PhaseError, ...]
    ceilings: tuple[DownloadCeiling, ...]
    limits: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.made_wall_ns < _LIMIT_NS:
            msg = f"made_wall_ns must be in [0, 2^63), got {self.made_wall_ns}"
            raise ValueError(msg)
