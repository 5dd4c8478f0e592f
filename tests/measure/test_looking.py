"""One look at a target, over real sockets."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from cloudgauge.measure.looking import LookingProber
from cloudgauge.measure.prober import Record, Visit
from cloudgauge.measure.resolver import Address
from cloudgauge.model.plan import ProbeKind, ProbeSpec, Slot
from cloudgauge.model.quantity import NS_PER_S
from cloudgauge.model.sample import FailureKind
from cloudgauge.model.target import Family
from tests.fakes.patience import patiently
from tests.fakes.plans import target
from tests.fakes.server import (
    FakeServer,
    Peer,
    Script,
    answer_bytes,
    answering,
    stalling,
)
from tests.fakes.visiting import HOST, Aim, means_for
from tests.measure.conftest import Run

ENDPOINT = target("aws", "place-0", host=HOST)
OBJECT = replace(ENDPOINT, endpoint=replace(ENDPOINT.endpoint, service="agent"))
SPEC = ProbeSpec(warm_requests=0, timeout_ns=30 * NS_PER_S)
LARGE = 30_000_000


@contextmanager
def looking(
    context: ssl.SSLContext, *addresses: Address, spec: ProbeSpec = SPEC
) -> Iterator[LookingProber]:
    """A prober inside a running loop; gives everything back."""
    with means_for(Aim(context=context, addresses=addresses)) as means:
        yield LookingProber([ENDPOINT], [OBJECT], spec, means)


async def look(
    context: ssl.SSLContext, port: int, *, service: str, spec: ProbeSpec = SPEC
) -> tuple[Visit, LookingProber]:
    """One look at the endpoint or the object, both of which are at *port*."""
    addresses = (Address(host="127.0.0.1", port=port), Address(host="::1", port=port))
    kept: list[Record] = []
    slot = Slot(
        seq=0,
        round_index=0,
        target_id=f"aws/place-0:{service}",
        replica=0,
        family=Family.IPV4,
        kind=ProbeKind.LATENCY,
        due_ns=0,
    )
    with looking(context, *addresses, spec=spec) as prober:
        done = await prober.visit(slot, kept.append)
    assert tuple(kept) == done.samples
    return done, prober


def looked(
    run: Run,
    script: Script,
    *contexts: ssl.SSLContext,
    service: str = "agent",
    spec: ProbeSpec = SPEC,
) -> tuple[Visit, LookingProber]:
    client_context, server_context = contexts
    with FakeServer(script, server_context) as server:
        done = run(look(client_context, server.port, service=service, spec=spec))
    assert isinstance(done, tuple)
    return done


def noting(requests: list[bytes], answer: bytes) -> Script:
    """Answers, and keeps what was asked."""

    def script(peer: Peer) -> None:
        peer.shake_hands()
        while request := peer.request():
            requests.append(request)
            peer.send(answer)

    return script


def test_an_endpoint_is_asked_as_a_visit_would(
    run: Run, client_context: ssl.SSLContext, server_context: ssl.SSLContext
) -> None:
    requests: list[bytes] = []
    done, prober = looked(
        *(run, noting(requests, answer_bytes(403, b"no"))),
        *(client_context, server_context),
        service="object-storage",
    )
    (sample,) = done.samples
    assert (sample.failure, sample.status, sample.body_bytes) == (None, 403, 2)
    assert sample.connection.tls_version == "TLSv1.3"
    assert [request.split(b" ")[0] for request in requests] == [b"GET"]
    assert prober.sizes == {}
    assert prober.addresses == {
        (HOST, Family.IPV4): ("127.0.0.1",),
        (HOST, Family.IPV6): ("::1",),
    }


def test_of_an_object_only_the_head_is_asked_for_and_tells_its_size(
    run: Run, client_context: ssl.SSLContext, server_context: ssl.SSLContext
) -> None:
    requests: list[bytes] = []
    script = noting(requests, answer_bytes(200, b"", length=LARGE))
    done, prober = looked(run, script, client_context, server_context)
    (sample,) = done.samples
    assert (sample.failure, sample.status, sample.body_bytes) == (None, 200, 0)
    assert [request.split(b" ")[0] for request in requests] == [b"HEAD"]
    assert b"accept-encoding: identity" in requests[0].lower()
    assert prober.sizes == {"aws/place-0:agent": LARGE}


_ODD = b"HTTP/1.1 200 OK\r\n%s\r\n\r\n"


@pytest.mark.parametrize(
    ("answer", "kind", "detail"),
    [
        (
            answer_bytes(200, b"", length=4_999_999),
            FailureKind.OBJECT_TOO_SMALL,
            "want at least 5 MB",
        ),
        (_ODD % b"Server: x", FailureKind.NO_LENGTH, "it has no Content-Length"),
        (
            _ODD % b"Transfer-Encoding: chunked",
            FailureKind.NO_LENGTH,
            "it has no Content-Length",
        ),
        (
            answer_bytes(200, b"", "Content-Encoding: gzip", length=LARGE),
            FailureKind.PROTOCOL_ERROR,
            "it came encoded, identity was asked for",
        ),
        (
            answer_bytes(302, b"", "Location: https://a.example/?from=192.0.2.1"),
            FailureKind.UNEXPECTED_STATUS,
            "status 302, want 200, pointing to https://a.example/",
        ),
        (
            # What the endpoint of the same host may answer, an object may not.
            answer_bytes(403, b""),
            FailureKind.UNEXPECTED_STATUS,
            "status 403, want 200",
        ),
        (
            answer_bytes(200, b"", length=10**19),
            FailureKind.NO_LENGTH,
            "it has no Content-Length",
        ),
        (
            answer_bytes(200, b"", length=10**30),
            FailureKind.PROTOCOL_ERROR,
            "bad Content-Length",
        ),
    ],
)
def test_an_object_that_cannot_be_downloaded_is_told_by_kind(  # noqa: PLR0913, PLR0917 - cases and fixtures
    run: Run,
    client_context: ssl.SSLContext,
    server_context: ssl.SSLContext,
    answer: bytes,
    kind: FailureKind,
    detail: str,
) -> None:
    done, _ = looked(run, answering(answer), client_context, server_context)
    (sample,) = done.samples
    assert sample.failure is kind
    assert detail in sample.failure_detail


def test_a_host_that_asks_to_be_left_alone_is_passed_on(
    run: Run, client_context: ssl.SSLContext, server_context: ssl.SSLContext
) -> None:
    script = answering(answer_bytes(429, b"", "Retry-After: 7"))
    done, _ = looked(run, script, client_context, server_context)
    assert done.samples[0].failure is FailureKind.THROTTLED
    assert done.retry_after_ns == 7 * NS_PER_S


def test_a_look_ends_by_itself_and_the_other_family_is_looked_up_all_the_same(
    run: Run, client_context: ssl.SSLContext, server_context: ssl.SSLContext
) -> None:
    contexts = client_context, server_context
    done, prober = patiently(
        lambda limit_ns: looked(
            run, stalling, *contexts, spec=replace(SPEC, timeout_ns=limit_ns)
        ),
        lambda seen: seen[0].samples[0].failure is FailureKind.RESPONSE_TIMEOUT,
    )
    assert done.samples[0].failure is FailureKind.RESPONSE_TIMEOUT
    assert (HOST, Family.IPV6) in prober.addresses


def test_a_name_without_addresses_has_none(
    run: Run, client_context: ssl.SSLContext
) -> None:
    async def without() -> tuple[Visit, LookingProber]:
        slot = Slot(
            seq=0,
            round_index=0,
            target_id=ENDPOINT.target_id,
            replica=0,
            family=Family.IPV6,
            kind=ProbeKind.LATENCY,
            due_ns=0,
        )
        with looking(client_context) as prober:
            return await prober.visit(slot, lambda _: None), prober

    done, prober = run(without())
    assert done.samples[0].failure is FailureKind.NO_ADDRESS
    assert prober.addresses == {}
