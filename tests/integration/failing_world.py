"""A world in which every region fails in a way of its own, and a prober inside it.

python -m tests.integration.failing_world OUTPUT      (inside the world)

Some fail when they are visited for their latency, others when their object is
downloaded; for these the runner's pace would be a wait of its own, so they are asked
one after another.
"""

import asyncio
import contextlib
import json
import os
import sys
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path

from cloudgauge.measure.clock import MachineClock
from cloudgauge.measure.download import DownloadProber
from cloudgauge.measure.ground import Ground
from cloudgauge.measure.lag import LagMeter
from cloudgauge.measure.loop import new_loop
from cloudgauge.measure.means import ProbeMeans
from cloudgauge.measure.policy import AddressPolicy
from cloudgauge.measure.prober import Record
from cloudgauge.measure.resolver import SystemResolver
from cloudgauge.measure.runner import Runner
from cloudgauge.measure.stream import StampingBackend
from cloudgauge.measure.throttle import Throttle
from cloudgauge.measure.trust import TrustSettings, make_trust
from cloudgauge.measure.visit import LatencyProber
from cloudgauge.model.download import DownloadSpec
from cloudgauge.model.plan import Ceilings, Pacing, Plan, ProbeKind, ProbeSpec, Slot
from cloudgauge.model.quantity import NS_PER_MS, NS_PER_S
from cloudgauge.model.sample import FailureKind, Part, Sample
from cloudgauge.model.target import Family, Target
from cloudgauge.planning.schedule import slots
from cloudgauge.world.description import WORLD_VARIABLE, read_world
from tests.world.places import place

# What the scenario says of a region, and what its first round is to be called.
CASES: dict[str, tuple[str, FailureKind | None]] = {
    "honest": ("", None),
    "slow": ('think = "300ms"', None),
    "lost-syn": ("syn_drops = 1", None),
    "old-tls": ('tls = "1.2"', None),
    "nxdomain": ('resolve = "nxdomain"', FailureKind.NAME_NOT_FOUND),
    "no-address": ('resolve = "no-address"', FailureKind.NO_ADDRESS),
    "resolver-fails": ('resolve = "fail"', FailureKind.RESOLVER_FAILED),
    "resolver-silent": ('resolve = "silent"', FailureKind.RESOLVER_FAILED),
    "resolver-lies": ('resolve = "private"', FailureKind.REFUSED_BY_POLICY),
    "refuse": ('fault = "refuse"', FailureKind.REFUSED),
    "unreachable": ('fault = "unreachable"', FailureKind.UNREACHABLE),
    "prohibit": ('fault = "prohibit"', FailureKind.OWN_MACHINE),
    "blackhole": ('fault = "blackhole"', FailureKind.CONNECT_TIMEOUT),
    "tls-stall": ('fault = "tls-stall"', FailureKind.TLS_TIMEOUT),
    "tls-reset": ('fault = "tls-reset"', FailureKind.RESET),
    "tls-garbage": ('fault = "tls-garbage"', FailureKind.TLS_PROTOCOL),
    "cert-name": ('fault = "certificate-name"', FailureKind.TLS_CERTIFICATE),
    "cert-expired": ('fault = "certificate-expired"', FailureKind.TLS_CERTIFICATE),
    "cert-unknown": ('fault = "certificate-unknown"', FailureKind.TLS_CERTIFICATE),
    "reset": ('fault = "reset"', FailureKind.RESET),
    "close": ('fault = "close"', FailureKind.PROTOCOL_ERROR),
    "garbage": ('fault = "garbage"', FailureKind.PROTOCOL_ERROR),
    "stall": ('fault = "stall"', FailureKind.RESPONSE_TIMEOUT),
    "stall-body": ('fault = "stall-body"', FailureKind.RESPONSE_TIMEOUT),
    "slow-body": ('fault = "slow-body"', FailureKind.RESPONSE_TIMEOUT),
    "truncate": ('fault = "truncate"', FailureKind.TRUNCATED_BODY),
    "endless": ('fault = "endless-body"', FailureKind.BODY_TOO_LARGE),
    "large": ('body = "1 MB"', FailureKind.BODY_TOO_LARGE),
    "portal": ('fault = "portal"', FailureKind.UNEXPECTED_STATUS),
    "status": ("status = 500", FailureKind.UNEXPECTED_STATUS),
    "unavailable": ('fault = "unavailable"', FailureKind.UNEXPECTED_STATUS),
    "busy": ('fault = "unavailable"\nretry_after = "60s"', FailureKind.THROTTLED),
    "throttle": ('fault = "throttle"\nretry_after = "60s"', FailureKind.THROTTLED),
}
# The same for those whose object is downloaded.
DOWNLOADS: dict[str, tuple[str, FailureKind | None]] = {
    "whole": ("", None),
    "missing": ("status = 404", FailureKind.UNEXPECTED_STATUS),
    "elsewhere": ('fault = "portal"', FailureKind.UNEXPECTED_STATUS),
    "without-end": ('fault = "endless-body"', FailureKind.NO_LENGTH),
    "cut-short": ('fault = "truncate"', FailureKind.TRUNCATED_BODY),
    "trickle": ('fault = "slow-body"', FailureKind.STALLED),
    "packed": ('fault = "gzip-body"', FailureKind.PROTOCOL_ERROR),
    "tiny": ('object = "1 MB"', FailureKind.OBJECT_TOO_SMALL),
    "lied-about": ('resolve = "private"', FailureKind.REFUSED_BY_POLICY),
    "after-all": ("", None),
}
# A server that has asked for a minute's rest is not visited in the second round.
HELD_BACK = ("busy", "throttle")
TARGETS = tuple(sorted(map(place, CASES), key=lambda target: target.target_id))


def _object_of(code: str) -> Target:
    target = place(code, provider="load")
    url = f"https://{target.endpoint.host}/agent.rpm"
    endpoint = replace(target.endpoint, service="agent", url=url, expect=(200,))
    return replace(target, endpoint=endpoint)


OBJECTS = tuple(_object_of(code) for code in DOWNLOADS)
SCENARIO = 'schema = 1\nname = "nothing works"\n[path]\nobject = "6 MB"\n' + "".join(
    f'[[region]]\nmatch = "{provider}/{code}"\nrtt = "30ms"\n{lines}\n'
    for provider, cases in (("lab", CASES), ("load", DOWNLOADS))
    for code, (lines, _) in cases.items()
)
# Ends by its bytes, within the first object: nothing is asked ahead, so that a server
# that breaks off has nothing unread, which would make its kernel reset the connection.
_DOWNLOAD = DownloadSpec(
    streams=(1,),
    transfer_bytes=5 * 10**6,
    timeout_ns=2 * NS_PER_S,
    idle_ns=100 * NS_PER_MS,
)


def _plan() -> Plan:
    return Plan(
        name="failures",
        question="is each called by its name?",
        seed=1,
        targets=TARGETS,
        controls=(),
        probe=ProbeSpec(warm_requests=1, timeout_ns=2 * NS_PER_S),
        pacing=Pacing(rounds=2, round_ns=4 * NS_PER_S),
        ceilings=Ceilings(),
    )


class _Sink:
    def __init__(self) -> None:
        self.samples: list[Sample] = []

    def append(self, record: Record) -> None:
        assert isinstance(record, Sample)
        self.samples.append(record)


async def _probe(sink: _Sink) -> None:
    world = read_world(Path(os.environ[WORLD_VARIABLE]))
    clock = MachineClock()
    plan = _plan()
    with (
        contextlib.closing(SystemResolver(clock)) as resolver,
        contextlib.closing(StampingBackend(clock)) as backend,
        LagMeter(clock) as lag,
    ):
        means = ProbeMeans(
            clock=clock,
            backend=backend,
            resolver=resolver,
            policy=AddressPolicy(
                allowed_prefixes=tuple(map(ip_network, world.prefixes))
            ),
            context=make_trust(TrustSettings(ca_file=world.ca_file)).context,
            lag=lag,
            user_agent="cloudgauge-test",
        )
        runner = Runner(
            plan,
            prober=LatencyProber(plan.targets, plan.probe, means),
            sink=sink,
            clock=clock,
            ground=Ground.of(plan, clock, Throttle(plan.ceilings)),
        )
        await runner.run(slots(plan))
        downloads = DownloadProber(OBJECTS, _DOWNLOAD, means)
        for seq, target in enumerate(OBJECTS):
            slot = _slot(seq, target.target_id, due_ns=clock.now_ns())
            for sample in (await downloads.visit(slot, lambda _: None)).samples:
                if sample.part is Part.TRANSFER:
                    sink.append(sample)


def _slot(seq: int, target_id: str, *, due_ns: int) -> Slot:
    return Slot(
        seq=seq,
        round_index=0,
        target_id=target_id,
        replica=0,
        family=Family.IPV4,
        kind=ProbeKind.DOWNLOAD,
        due_ns=due_ns,
        streams=1,
    )


def main(output: Path) -> None:
    sink = _Sink()
    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(_probe(sink))
    rows = [
        {
            "code": sample.slot.target_id.split("/")[1].split(":")[0],
            "round": sample.slot.round_index,
            "exchange": sample.exchange,
            "kind": sample.slot.kind,
            "body_bytes": sample.body_bytes,
            "failure": sample.failure,
            "detail": sample.failure_detail,
            "status": sample.status,
            "remote": sample.connection.remote_address,
            "local_port": sample.connection.local_port,
            "wall_ns": sample.wall_ns,
            "first_byte_ns": sample.timings.first_byte_ns,
            "connect_rtt_us": sample.kernel and sample.kernel.connect_rtt_us,
            "syn_retransmits": sample.kernel and sample.kernel.syn_retransmits,
        }
        for sample in sink.samples
    ]
    output.write_text(json.dumps(rows), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
