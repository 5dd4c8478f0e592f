"""A real prober of downloads, aimed at servers on loopback."""

import ssl
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

from cloudgauge.measure.download import DownloadProber
from cloudgauge.measure.prober import Record, Visit
from cloudgauge.model.download import DownloadSpec
from cloudgauge.model.plan import ProbeKind, Slot
from cloudgauge.model.quantity import NS_PER_MS, NS_PER_S
from cloudgauge.model.sample import Sample
from cloudgauge.model.target import Family
from cloudgauge.model.transfer import Bin
from tests.fakes.server import FakeServer, Script
from tests.fakes.visiting import HOST, TARGET, Aim, means_for, to

OBJECT = replace(
    TARGET,
    endpoint=replace(
        TARGET.endpoint,
        service="agent",
        url=f"https://{HOST}/agent.zip?v=1",
        expect=(200,),
    ),
)
# Two objects of the least size, and hardly any idling.
QUICK = DownloadSpec(
    streams=(1,),
    transfer_ns=60 * NS_PER_S,
    transfer_bytes=8_000_000,
    timeout_ns=30 * NS_PER_S,
    idle_ns=150 * NS_PER_MS,
    rtt_interval_ns=50 * NS_PER_MS,
)


def download_slot(
    *, streams: int = 1, round_index: int = 0, family: Family = Family.IPV4
) -> Slot:
    return Slot(
        seq=round_index,
        round_index=round_index,
        target_id=OBJECT.target_id,
        replica=0,
        family=family,
        kind=ProbeKind.DOWNLOAD,
        due_ns=0,
        streams=streams,
    )


class Download:
    """What a download was seen to be, in the order in which it was kept."""

    def __init__(self) -> None:
        self.kept: list[Record] = []
        self.visit: Visit | None = None

    @property
    def bins(self) -> list[Bin]:
        return [one for one in self.kept if isinstance(one, Bin)]

    @property
    def samples(self) -> list[Sample]:
        """In the order of their exchange."""
        known = [one for one in self.kept if isinstance(one, Sample)]
        return sorted(known, key=lambda sample: sample.exchange)

    @property
    def whole(self) -> Sample:
        """The transfer itself."""
        return self.samples[0]


async def download(
    aim: Aim, *, spec: DownloadSpec = QUICK, slot: Slot | None = None
) -> Download:
    """Download once; checks that all samples were kept, the transfer's own last."""
    seen = Download()
    with means_for(aim) as means:
        prober = DownloadProber([OBJECT], spec, means)
        seen.visit = await prober.visit(slot or download_slot(), seen.kept.append)
    assert list(seen.visit.samples) == seen.samples
    assert [sample.exchange for sample in seen.samples] == list(
        range(len(seen.samples))
    )
    assert seen.kept[-1] is seen.whole
    return seen


def download_from(
    run: Callable[[Coroutine[Any, Any, Any]], Any],
    aim: Aim,
    script: Script,
    context: ssl.SSLContext,
    *,
    spec: DownloadSpec = QUICK,
) -> Download:
    """One download from a server that follows *script*, over *spec*'s first streams."""
    with FakeServer(script, context) as server:
        slot = download_slot(streams=spec.streams[0])
        seen = run(download(to(aim, server), spec=spec, slot=slot))
    assert isinstance(seen, Download)
    return seen
