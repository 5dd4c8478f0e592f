"""How a public object is downloaded."""

from dataclasses import dataclass

from cloudgauge.model.quantity import NS_PER_MS, NS_PER_S, format_duration
from cloudgauge.model.target import Family


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadSpec:
    """How a public object is transferred, and how latency is watched meanwhile.

    Attributes:
        streams: Connections of a transfer; each number is a series of its own.
        transfer_ns: A transfer ends at the latest this long after its first
            request.
        transfer_bytes: It ends when its bodies have come to this.
        timeout_ns: Bound on each wait before the first byte, and on silence.
        idle_ns: Round trips are watched for so long before each transfer.
        rtt_interval_ns: Between two looks at the round trip, idle and loaded.
        families: IP versions, each a series of its own.
    """

    streams: tuple[int, ...] = (1, 8)
    transfer_ns: int = 10 * NS_PER_S
    transfer_bytes: int = 250 * 10**6
    timeout_ns: int = 5 * NS_PER_S
    idle_ns: int = 4 * NS_PER_S
    rtt_interval_ns: int = 400 * NS_PER_MS
    families: tuple[Family, ...] = (Family.IPV4,)

    def __post_init__(self) -> None:
        if not self.streams or len(set(self.streams)) != len(self.streams):
            msg = "streams must name at least one number, each once"
            raise ValueError(msg)
        if not all(1 <= count <= 64 for count in self.streams):
            msg = f"streams must be in [1, 64], got {list(self.streams)}"
            raise ValueError(msg)
        if not 3 * NS_PER_S <= self.transfer_ns <= 600 * NS_PER_S:
            msg = f"transfer must be in [3s, 10m], got {_text(self.transfer_ns)}"
            raise ValueError(msg)
        if self.transfer_bytes < 10**6:
            msg = f"transfer_bytes must be at least 1 MB, got {self.transfer_bytes}"
            raise ValueError(msg)
        if not NS_PER_MS <= self.timeout_ns <= 120 * NS_PER_S:
            msg = f"timeout must be in [1ms, 2m], got {_text(self.timeout_ns)}"
            raise ValueError(msg)
        if not 0 <= self.idle_ns <= 60 * NS_PER_S:
            msg = f"idle must be in [0s, 1m], got {_text(self.idle_ns)}"
            raise ValueError(msg)
        if not 50 * NS_PER_MS <= self.rtt_interval_ns <= 10 * NS_PER_S:
            got = _text(self.rtt_interval_ns)
            msg = f"rtt_interval must be in [50ms, 10s], got {got}"
            raise ValueError(msg)
        if not self.families or len(set(self.families)) != len(self.families):
            msg = "families must name ipv4, ipv6 or both, each once"
            raise ValueError(msg)

    @property
    def window_ns(self) -> int:
        """What one transfer may take of the schedule, from its due time to its end.

        Nothing else is sent from this vantage in the meantime. It has room for one
        long wait: who makes us wait more often is measured for a shorter time.
        """
        return self.timeout_ns + self.idle_ns + self.transfer_ns


def _text(duration_ns: int) -> str:
    """A duration in a message, which may be one that cannot be."""
    return f"{duration_ns} ns" if duration_ns < 0 else format_duration(duration_ns)
