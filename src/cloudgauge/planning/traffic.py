"""What a visit or a transfer puts on the wire, estimated before anything is sent.

The assumptions, rounded up to be on the safe side: TLS 1.3 with a certificate
chain of 4 kB; no more than three packets of acknowledgement a flight; a request of
300 B and an answer of 500 B of head and 500 B of body, as object stores give to
who has no key; IP, TCP and TLS framing on each. Larger bodies are counted during
the run as they are read.

A transfer's bodies come in packets of 1,500 B and are acknowledged by a packet for
every second one: 6 % more that way, 3 % the other. How often its object is asked for
is not known before its size is; it is at least `LEAST_OBJECT_BYTES`.

A transfer stops reading when it has what it may have, and hangs up at once. What the
path and the receive buffers hold then was sent and is not counted: of each stream at
most its receive window, which is bounded by the last number of net.ipv4.tcp_rmem,
6.3 MB (33.6 MB with newer kernels). So a transfer over eight streams may pass its
bytes by up to 50 MB (268 MB), where the path fills such windows.
"""

from cloudgauge.model.download import DownloadSpec
from cloudgauge.model.plan import ProbeSpec
from cloudgauge.model.transfer import LEAST_OBJECT_BYTES

CONNECTION_UP_BYTES = 1_400
CONNECTION_DOWN_BYTES = 5_600
REQUEST_UP_BYTES = 500
ANSWER_HEAD_BYTES = 700
ANSWER_BODY_BYTES = 500
BODY_FRAMING_PERCENT = 6
BODY_ACKNOWLEDGED_PERCENT = 3
# So often a transfer's small requests may need a connection anew, as servers end one
# after some hundred answers or not at all.
MOST_REOPENINGS = 3


def visit_up_bytes(probe: ProbeSpec) -> int:
    """Bytes that one visit sends, with everything below HTTP."""
    return CONNECTION_UP_BYTES + probe.requests_per_visit * REQUEST_UP_BYTES


def visit_down_bytes(probe: ProbeSpec) -> int:
    """Bytes that one visit receives, with everything below HTTP."""
    answer_bytes = ANSWER_HEAD_BYTES + ANSWER_BODY_BYTES
    return CONNECTION_DOWN_BYTES + probe.requests_per_visit * answer_bytes


def seen_bytes(exchanges: int, body_bytes: int) -> int:
    """Bytes both ways of one visit that tried *exchanges* and read *body_bytes*."""
    overhead = exchanges * (REQUEST_UP_BYTES + ANSWER_HEAD_BYTES)
    return CONNECTION_UP_BYTES + CONNECTION_DOWN_BYTES + overhead + body_bytes


def transfer_requests(download: DownloadSpec, streams: int) -> int:
    """The most HTTP requests of one transfer: for its bodies, and small ones."""
    for_bodies = streams + -(-download.transfer_bytes // LEAST_OBJECT_BYTES)
    return for_bodies + watch_requests(download)


def watch_requests(download: DownloadSpec) -> int:
    """The most small requests of one transfer, those that warm a connection among them.

    What the prober may not pass.
    """
    watched_ns = download.idle_ns + download.transfer_ns
    # One more at the start of each part, and one to warm each connection after the
    # first, whose warming is the one before the idle part.
    return watched_ns // download.rtt_interval_ns + 2 + MOST_REOPENINGS


def transfer_up_bytes(download: DownloadSpec, streams: int) -> int:
    """The most bytes that one transfer sends, with everything below HTTP."""
    requests = transfer_requests(download, streams)
    return seen_transfer_up_bytes(streams, requests, download.transfer_bytes)


def transfer_down_bytes(download: DownloadSpec, streams: int) -> int:
    """The most bytes that one transfer receives, with everything below HTTP."""
    requests = transfer_requests(download, streams)
    return seen_transfer_down_bytes(streams, requests, download.transfer_bytes)


def seen_transfer_up_bytes(streams: int, requests: int, body_bytes: int) -> int:
    """Bytes sent by a transfer that made *requests* and read *body_bytes*."""
    overhead = _connections(streams) * CONNECTION_UP_BYTES + requests * REQUEST_UP_BYTES
    return overhead + body_bytes * BODY_ACKNOWLEDGED_PERCENT // 100


def seen_transfer_down_bytes(streams: int, requests: int, body_bytes: int) -> int:
    """Bytes received by a transfer that made *requests* and read *body_bytes*."""
    heads_bytes = requests * ANSWER_HEAD_BYTES
    overhead = _connections(streams) * CONNECTION_DOWN_BYTES + heads_bytes
    return overhead + body_bytes * (100 + BODY_FRAMING_PERCENT) // 100


def _connections(streams: int) -> int:
    # One more for the small requests, which may have to be opened again.
    return streams + 1 + MOST_REOPENINGS
