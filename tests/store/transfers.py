"""Transfers that never were: bins and small requests with the noise of real ones."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

from cloudgauge.model.download import DownloadSpec
from cloudgauge.model.plan import Plan, ProbeKind, Slot
from cloudgauge.model.quantity import NS_PER_MS, NS_PER_S
from cloudgauge.model.sample import (
    ClockKind,
    Connection,
    FailureKind,
    KernelView,
    Part,
    Sample,
    Timings,
)
from cloudgauge.model.target import Target
from cloudgauge.model.transfer import BIN_NS, Bin, Ending
from tests.store.synthetic import STARTED_WALL_NS, make_plan, make_target

_OBJECT_BYTES = 31_457_280
_SEGMENT_BYTES = 1_448
_TLS_RECORD_BYTES = 16_384
_CONNECTION = Connection(
    remote_address="203.0.113.9",
    local_port=40_000,
    tls_version="TLSv1.3",
    http_version="HTTP/1.1",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Link:
    """What a transfer meets."""

    rtt_us: float
    bytes_per_s: float
    rng: random.Random


def make_object(provider: str, code: str) -> Target:
    """A public object in a region that is nowhere."""
    target = make_target(provider, code)
    url = f"https://objects.{code}.{provider}.example/agent.bin"
    endpoint = replace(target.endpoint, service="agent", url=url, expect=(200,))
    return replace(target, endpoint=endpoint)


def make_download_plan(
    *, objects: int = 2, rounds: int = 2, targets: int = 2, bins: int = 100
) -> Plan:
    """A plan with downloads from *objects* regions, beside *targets* targets."""
    made = [make_object("aws", f"place-{index + 1}") for index in range(objects)]
    return replace(
        make_plan(targets=max(targets, 1), rounds=rounds),
        objects=tuple(sorted(made, key=lambda target: target.target_id)),
        download=DownloadSpec(transfer_ns=max(bins * BIN_NS, 3 * NS_PER_S)),
        objectless=("gcp/place-1",),
    )


def make_transfers(
    plan: Plan, *, seed: int = 1, bins: int = 100, failing: float = 0.0
) -> Iterator[Sample | Bin]:
    """What the downloads of a run of *plan* keep, in the order of keeping."""
    assert plan.download is not None
    rng = random.Random(seed)
    first = plan.series_count * plan.pacing.rounds
    seq = first
    for round_index in range(plan.pacing.rounds):
        for target in plan.objects:
            for streams in plan.download.streams:
                slot = Slot(
                    seq=seq,
                    round_index=round_index,
                    target_id=target.target_id,
                    replica=0,
                    family=plan.download.families[0],
                    kind=ProbeKind.DOWNLOAD,
                    due_ns=(seq - first) * 20 * NS_PER_S,
                    streams=streams,
                )
                failed = rng.random() < failing
                yield from _transfer(slot, rng, 0 if failed else bins)
                seq += 1


def _transfer(slot: Slot, rng: random.Random, count: int) -> Iterator[Sample | Bin]:
    link = _Link(
        rtt_us=rng.uniform(5e3, 250e3), bytes_per_s=rng.uniform(1e6, 60e6), rng=rng
    )
    looks = 0
    at_ns = slot.due_ns + rng.randrange(10**6)
    for _ in range(5 if count else 0):
        looks += 1
        yield _look(slot, looks, at_ns, link)
        at_ns += 400 * NS_PER_MS + rng.randrange(10**6)
    body_bytes = 0
    for index in range(count):
        made = _bin(slot, index, at_ns, link)
        if index == count - 1:
            made = replace(made, ending=Ending.TIME)
        yield made
        body_bytes += made.body_bytes
        at_ns += made.length_ns
        if index % 4 == 3:
            looks += 1
            loaded = replace(link, rtt_us=link.rtt_us * 1.3)
            yield replace(_look(slot, looks, at_ns, loaded), part=Part.LOADED)
    yield _whole(slot, body_bytes, at_ns, link) if count else _failed(slot)


def _bin(slot: Slot, index: int, began_ns: int, link: _Link) -> Bin:
    assert slot.streams is not None
    rng, rtt_us = link.rng, link.rtt_us
    length_ns = BIN_NS + int(rng.gammavariate(1.5, 4e5))
    share = min(1.0, (index + 1) * BIN_NS / (20 * rtt_us * 1e3)) * rng.gauss(1, 0.04)
    wanted = max(int(link.bytes_per_s * share * length_ns / NS_PER_S), 0)
    body_bytes = wanted // _TLS_RECORD_BYTES * _TLS_RECORD_BYTES
    segments = int(wanted * 1.002) // _SEGMENT_BYTES
    drain_ns = int(body_bytes * rng.uniform(0.3, 0.5))
    return Bin(
        slot=slot,
        index=index,
        began_ns=began_ns,
        length_ns=length_ns,
        body_bytes=body_bytes,
        wire_bytes=segments * _SEGMENT_BYTES,
        requests=int(
            index == 0 or rng.random() < link.bytes_per_s / _OBJECT_BYTES / 10
        ),
        rtt_us=int(rtt_us + rng.gammavariate(2, 150)),
        receive_rtt_us=int(rtt_us * 1.05 + rng.gammavariate(2, 800)),
        receive_space_bytes=slot.streams * min(65_536 * (index + 1), 3_145_728),
        window_bytes=slot.streams * 3_145_728 - rng.randrange(100) * _SEGMENT_BYTES,
        unread_bytes=rng.randrange(0, 30) * _SEGMENT_BYTES,
        drain_ns=drain_ns,
        cpu_ns=drain_ns + rng.randrange(10**6),
        object_bytes=_OBJECT_BYTES,
    )


def _look(slot: Slot, exchange: int, at_ns: int, link: _Link) -> Sample:
    rng = link.rng
    seen_us = int(link.rtt_us + rng.gammavariate(2, 200))
    return Sample(
        slot=slot,
        exchange=exchange,
        sent_ns=at_ns,
        wall_ns=STARTED_WALL_NS + at_ns + rng.randrange(100),
        timings=Timings(first_byte_ns=seen_us * 1_000 + rng.randrange(10**6)),
        kernel=KernelView(
            connect_rtt_us=None,
            rtt_us=seen_us,
            rttvar_us=seen_us // 4,
            min_rtt_us=int(link.rtt_us),
            syn_retransmits=0,
            retransmits=0,
        ),
        connection=replace(_CONNECTION, local_port=40_001),
        status=200,
        body_bytes=0,
        clock=ClockKind.KERNEL,
        wall_stepped=False,
        loop_lag_ns=rng.randrange(10**6),
        failure=None,
        part=Part.IDLE,
    )


def _whole(slot: Slot, body_bytes: int, ended_ns: int, link: _Link) -> Sample:
    rtt_ns = int(link.rtt_us * 1e3)
    timings = Timings(
        resolve_ns=300_000,
        connect_ns=rtt_ns,
        tls_ns=rtt_ns,
        first_byte_ns=rtt_ns,
        body_ns=max(ended_ns - slot.due_ns - 2 * NS_PER_S, 1),
    )
    return replace(
        _failed(slot),
        timings=timings,
        status=200,
        body_bytes=body_bytes,
        clock=ClockKind.USER,
        failure=None,
        failure_detail="",
    )


def _failed(slot: Slot) -> Sample:
    return Sample(
        slot=slot,
        exchange=0,
        sent_ns=slot.due_ns + 1_000,
        wall_ns=STARTED_WALL_NS + slot.due_ns + 1_000,
        timings=Timings(resolve_ns=300_000, connect_ns=8_000_000),
        kernel=None,
        connection=_CONNECTION,
        status=None,
        body_bytes=None,
        clock=None,
        wall_stepped=False,
        loop_lag_ns=0,
        failure=FailureKind.TLS_TIMEOUT,
        failure_detail="no handshake within 10 s",
        part=Part.TRANSFER,
    )
