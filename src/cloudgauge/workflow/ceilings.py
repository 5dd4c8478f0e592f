"""Downloads from this machine itself, to learn the fastest that it can take."""

from dataclasses import dataclass

from cloudgauge.model.download import DownloadSpec
from cloudgauge.model.plan import Ceilings, Pacing, Plan, ProbeSpec
from cloudgauge.model.quantity import NS_PER_S
from cloudgauge.workflow.known_delays import target_of_nobody
from cloudgauge.world.fountain import FOUNTAIN_HOST

_STREAMS = (1, 8)
# The least that a plan allows; who receives faster is done before.
_MOST_NS = 3 * NS_PER_S
_TIMEOUT_NS = 5 * NS_PER_S
# Of a calibration of so many seconds, for each of them.
_BYTES_PER_S = 32_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """One transfer.

    Attributes:
        streams: Connections.
        transfer_bytes: It ends when its bodies have come to this, or after 3 s.
    """

    streams: int
    transfer_bytes: int

    @property
    def name(self) -> str:
        """Such as ``download over 8 streams``."""
        streams = "1 stream" if self.streams == 1 else f"{self.streams} streams"
        return f"download over {streams}"

    @property
    def length_ns(self) -> int:
        """How long it takes at most, with what comes before it."""
        return _MOST_NS + NS_PER_S // 2

    def plan(self, port: int) -> Plan:
        """The plan of the transfer, from a fountain's port."""
        source = target_of_nobody(
            "loopback",
            service="fountain",
            url=f"https://{FOUNTAIN_HOST}:{port}/object",
            expect=(200,),
        )
        return Plan(
            name="calibration",
            question="How fast can this machine download at most?",
            seed=1,
            targets=(),
            controls=(),
            probe=ProbeSpec(),
            pacing=Pacing(rounds=1, round_ns=NS_PER_S, jitter=0.0),
            ceilings=Ceilings(traffic_bytes=10**12),
            objects=(source,),
            download=DownloadSpec(
                streams=(self.streams,),
                transfer_ns=_MOST_NS,
                transfer_bytes=self.transfer_bytes,
                timeout_ns=_TIMEOUT_NS,
                idle_ns=0,
            ),
        )


def downloads_of(seconds: int) -> tuple[Download, ...]:
    """The downloads of a calibration that takes about *seconds*."""
    return tuple(
        Download(streams=streams, transfer_bytes=_BYTES_PER_S * seconds)
        for streams in _STREAMS
    )
