"""One client, one download, in a process of its own.

``python -m benchmarks.instrument.throughput.client CLIENT URL SIZE CA`` downloads and
writes one JSON object: the bytes of the body, and the seconds from connecting to the
body's end. The one who started it sees what it cost.
"""

import asyncio
import json
import ssl
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import h11
import httpx
import uvloop

from cloudgauge.measure.answers import Answers
from cloudgauge.measure.bulk_stream import (
    BUFFER_BYTES,
    BulkConnection,
    BulkStream,
    open_plain,
    secure,
)
from cloudgauge.measure.clock import MachineClock
from cloudgauge.measure.lag import LagMeter
from cloudgauge.measure.reading import Reading
from cloudgauge.measure.transfer import Bounds
from cloudgauge.measure.trust import TrustSettings, make_trust
from cloudgauge.model.plan import ProbeKind, Slot
from cloudgauge.model.quantity import NS_PER_S
from cloudgauge.model.target import Family

_LONG_NS = 600 * NS_PER_S
_SLOT = Slot(
    seq=0,
    round_index=0,
    target_id="loopback/nginx:object",
    replica=0,
    family=Family.IPV4,
    kind=ProbeKind.DOWNLOAD,
    due_ns=0,
    streams=1,
)


async def read_ours(url: str, size_bytes: int, context: ssl.SSLContext) -> int:
    """As a transfer of one stream does it: thread, bins, loop and all."""
    parts, clock = urlsplit(url), MachineClock()
    host, port = parts.hostname or "", parts.port or 0
    opened = await open_plain(("127.0.0.1", port), clock)
    connection = BulkConnection(sock=opened.sock, opened=opened)
    if parts.scheme == "https":
        connection = await secure(opened, context, host, clock)
    request = h11.Request(
        method="GET", target=parts.path, headers=[("Host", parts.netloc)]
    )
    stream = BulkStream(
        sock=connection.sock,
        answers=Answers(request),
        clock=clock,
        buffer=memoryview(bytearray(BUFFER_BYTES)),
    )
    bounds = Bounds(
        transfer_ns=_LONG_NS,
        until_ns=clock.now_ns() + _LONG_NS,
        body_bytes=size_bytes,
        timeout_ns=10 * NS_PER_S,
    )
    with LagMeter(clock):
        end = await Reading(_SLOT, [stream], bounds, clock).run(lambda _bin: None)
    connection.sock.close()
    if end.failure is not None:
        raise RuntimeError(end.failure.detail)
    return stream.answers.body_bytes


def read_httpx(url: str, context: ssl.SSLContext) -> int:
    """As its documentation shows it."""
    with (
        httpx.Client(verify=context, timeout=60) as client,
        client.stream("GET", url) as response,
    ):
        return sum(len(chunk) for chunk in response.iter_bytes())


def main(client: str, url: str, size: str, ca_file: str) -> None:
    context = ssl.create_default_context(cafile=ca_file)
    if client == "cloudgauge":
        context = make_trust(TrustSettings(ca_file=Path(ca_file))).context
    begun_s = time.monotonic()
    if client == "cloudgauge":
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            body_bytes = runner.run(read_ours(url, int(size), context))
    else:
        body_bytes = read_httpx(url, context)
    seconds = time.monotonic() - begun_s
    print(json.dumps({"body_bytes": body_bytes, "seconds": seconds}))


if __name__ == "__main__":
    main(*sys.argv[1:])
