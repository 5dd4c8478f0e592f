"""The trials: links and buckets, how long and over how many connections; pure.

Each link is a region of a made-up provider with one object to download. Its twin is
the same link once more, for the peer: a bucket that one has emptied is no bucket for
the other.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from cloudgauge.model.download import DownloadSpec
from cloudgauge.model.plan import Ceilings
from cloudgauge.model.quantity import NS_PER_MS, NS_PER_S
from cloudgauge.model.target import Selection
from cloudgauge.planning.settings import PlanSettings
from cloudgauge.world.goodput import goodput_bits_per_s
from cloudgauge.world.scenario import Override, Scenario
from cloudgauge.world.site import Link

PROVIDER = "shaped"
TWIN = "-twin"
PEER = "iperf3"
# Where the peer's server listens, for every host of the network.
PEER_PORT = 5201
# What both are told to leave out at the beginning.
DROPPED_S = 2
# Enough for the line: no bound but time ends a transfer.
_MOST_BYTES = 10**11
# Room for all that eight connections send too much, beginning or probing: what a full
# queue drops holds up what came after it, and then the receiver's pace is TCP's, no
# longer the link's.
_QUEUE_TRIPS = 10
_LEAST_QUEUE_NS = 200 * NS_PER_MS
_IDLE_NS = 800 * NS_PER_MS
_TIMEOUT_NS = 1_500 * NS_PER_MS
_CHECKED = date(2026, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One link, and the downloads over it.

    Attributes:
        bits_per_s: Of the link, each way; of a bucket's link until it is empty.
        rtt_ms: Without what waits for the link.
        seconds: Length of each download, what is dropped at its beginning included.
        streams: Connections of each download, one after another.
        burst_bytes: What a bucket lets through at the full rate; None for no bucket.
        sustained_bits_per_s: What it lets through from then on.
    """

    bits_per_s: int
    rtt_ms: int
    seconds: float
    streams: tuple[int, ...]
    burst_bytes: int | None = None
    sustained_bits_per_s: int | None = None

    @property
    def key(self) -> str:
        """A name for its region and its files."""
        streams = "-".join(map(str, self.streams))
        parts = f"{self.bits_per_s // 10**6}-{self.rtt_ms}-{self.seconds:g}-{streams}"
        return ("b" if self.burst_bytes else "l") + parts.replace(".", "p")

    @property
    def host(self) -> str:
        """From where we download."""
        return _host(self.key)

    @property
    def peer_host(self) -> str:
        """From where the peer does."""
        return _host(self.key + TWIN)

    @property
    def link(self) -> Link:
        """What the delay line makes of it."""
        return Link(
            rtt_ns=self.rtt_ms * NS_PER_MS,
            queue_ns=max(_LEAST_QUEUE_NS, _QUEUE_TRIPS * self.rtt_ms * NS_PER_MS),
            bits_per_s=self.bits_per_s,
            burst_bytes=self.burst_bytes,
            sustained_bits_per_s=self.sustained_bits_per_s,
        )

    @property
    def goodput_bits_per_s(self) -> float:
        """What of the link is left for bodies over TLS, a bucket being empty."""
        return _known(goodput_bits_per_s(self.link))

    @property
    def peer_goodput_bits_per_s(self) -> float:
        """The same for the peer, who speaks plain TCP."""
        return _known(goodput_bits_per_s(self.link, tls=False))

    @property
    def emptied_after_s(self) -> float | None:
        """When a full link has emptied the bucket; None for no bucket."""
        if self.burst_bytes is None or self.sustained_bits_per_s is None:
            return None
        return self.burst_bytes * 8 / (self.bits_per_s - self.sustained_bits_per_s)


def trials_from(rows: Iterable[dict[str, Any]]) -> tuple[Trial, ...]:
    """Trials that were written as `asdict` has them."""
    return tuple(Trial(**(row | {"streams": tuple(row["streams"])})) for row in rows)


def trials_as_rows(trials: Iterable[Trial]) -> list[dict[str, Any]]:
    """Trials as `trials_from` reads them."""
    return [asdict(trial) for trial in trials]


def scenario_of(trials: Iterable[Trial]) -> Scenario:
    """The private network of the trials: no jitter, no loss but in a full queue."""
    overrides = []
    for trial in trials:
        link = asdict(trial.link)
        for code in (trial.key, trial.key + TWIN):
            match = f"{PROVIDER}/{code}"
            overrides.append(Override(match=match, link=tuple(link.items())))
    return Scenario(
        name="shaped",
        link=Link(rtt_ns=0),
        overrides=tuple(overrides),
        guest_ports=(PEER_PORT,),
    )


def targets_toml(trials: Iterable[Trial]) -> str:
    """Regions and objects of the trials as a target file."""
    return "".join(
        _TARGET.format(code=code, host=_host(code))
        for trial in trials
        for code in (trial.key, trial.key + TWIN)
    )


def plan_settings(trial: Trial) -> PlanSettings:
    """The plan of a trial: one download for each number of streams."""
    return PlanSettings(
        name="shaped",
        question="What does a link of known width come to?",
        selection=Selection(regions=(f"{PROVIDER}/{trial.key}",)),
        rounds=1,
        controls=False,
        probe=None,
        download=DownloadSpec(
            streams=trial.streams,
            transfer_ns=round(trial.seconds * NS_PER_S),
            transfer_bytes=_MOST_BYTES,
            timeout_ns=_TIMEOUT_NS,
            idle_ns=_IDLE_NS,
        ),
        ceilings=Ceilings(requests=1_000_000, traffic_bytes=10 * _MOST_BYTES),
    )


def peer_command(trial: Trial, streams: int) -> list[str]:
    """The peer's command line: as long, as many connections, the same beginning off."""
    counted_s = round(trial.seconds - DROPPED_S)
    return [
        PEER, "--version4", "--client", trial.peer_host, "--port", str(PEER_PORT),
        "--time", str(counted_s), "--omit", str(DROPPED_S),
        "--parallel", str(streams), "--reverse", "--json",
    ]  # fmt: skip


def peer_bits_per_s(answer: dict[str, Any]) -> float | None:
    """What the peer says it received, over all of its time; None if it failed."""
    if "error" in answer:
        return None
    return float(answer["end"]["sum_received"]["bits_per_second"])


def _host(code: str) -> str:
    return f"{code}.{PROVIDER}.example"


def _known(bits_per_s: float | None) -> float:
    if bits_per_s is None:
        msg = "a trial's link is shaped"
        raise ValueError(msg)
    return bits_per_s


_TARGET = f"""\
[[region]]
id = "{PROVIDER}/{{code}}"
name = "{{code}}"
city = "Nowhere"
country = "ZZ"
latitude = 0.0
longitude = 0.0
partition = "public"
status = "open"
on_by_default = true
confidence = "high"
source = ["made for this benchmark"]
checked = {_CHECKED.isoformat()}

[[endpoint]]
region = "{PROVIDER}/{{code}}"
service = "object-storage"
url = "https://{{host}}/"
reach = "in-region"
primary = true
confidence = "high"
source = ["made for this benchmark"]
checked = {_CHECKED.isoformat()}

[[object]]
region = "{PROVIDER}/{{code}}"
name = "agent"
url = "https://{{host}}/agent"
primary = true
confidence = "high"
source = ["made for this benchmark"]
checked = {_CHECKED.isoformat()}

"""
