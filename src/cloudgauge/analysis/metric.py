"""What regions can be compared by, and what each figure may be held against."""

from enum import StrEnum


class Metric(StrEnum):
    """A figure of which each series has one value a round.

    ``CONNECT``: the kernel's round trip of the SYN, by the program's clock where the
    kernel gave none. ``TLS``: the handshake. ``FIRST_BYTE``: median of the visit's warm
    requests. ``THROUGHPUT``: the settled rate of a download.
    """

    CONNECT = "connect"
    TLS = "tls"
    FIRST_BYTE = "first-byte"
    THROUGHPUT = "throughput"

    @property
    def unit(self) -> str:
        """Of its values."""
        return "Mbit/s" if self.is_rate else "ms"

    @property
    def is_rate(self) -> bool:
        """Whether more is better."""
        return self is Metric.THROUGHPUT

    @property
    def sign(self) -> float:
        """By what values are multiplied so that less is better."""
        return -1.0 if self.is_rate else 1.0

    @property
    def is_of_service(self) -> bool:
        """Whether it holds time of the service, and so is compared in one class only.

        Downloads are of different files everywhere; that is said, not refused.
        """
        return self in {Metric.TLS, Metric.FIRST_BYTE}
