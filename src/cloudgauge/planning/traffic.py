"""What a visit puts on the wire, estimated before anything is sent.

The assumptions, rounded up to be on the safe side: TLS 1.3 with a certificate
chain of 4 kB; no more than three packets of acknowledgement a flight; a request of
300 B and an answer of 500 B of head and 500 B of body, as object stores give to
who has no key; IP, TCP and TLS framing on each. Larger bodies are counted during
the run as they are read.
"""

from cloudgauge.model.plan import ProbeSpec

CONNECTION_UP_BYTES = 1_400
CONNECTION_DOWN_BYTES = 5_600
REQUEST_UP_BYTES = 500
ANSWER_HEAD_BYTES = 700
ANSWER_BODY_BYTES = 500


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
