"""What all visits of a run share, and where a name leads a visit."""

import ssl
from dataclasses import dataclass

from cloudgauge.measure.clock import Clock
from cloudgauge.measure.draft import Draft
from cloudgauge.measure.failure import ProbeFailed
from cloudgauge.measure.lag import LagMeter
from cloudgauge.measure.policy import AddressPolicy
from cloudgauge.measure.resolver import Address, Resolver
from cloudgauge.measure.stream import StampingBackend
from cloudgauge.model.sample import FailureKind


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeMeans:
    """What all visits of a run share.

    Attributes:
        backend: Opens the connections.
        context: Of `measure.trust.make_trust`.
        lag: The loop's own delay, noted with each sample.
        user_agent: Of `user_agent`.
    """

    clock: Clock
    backend: StampingBackend
    resolver: Resolver
    policy: AddressPolicy
    context: ssl.SSLContext
    lag: LagMeter
    user_agent: str


async def find_address(means: ProbeMeans, host: str, draft: Draft) -> Address:
    """Resolve *host*; of the addresses it has, round n takes number n, in turn.

    How long that took goes to *draft*.

    Raises:
        ProbeFailed: There is none, or it may not be probed.
        OSError: The same as the first, in the system's own words.
    """
    found = await means.resolver.resolve(host, draft.slot.family)
    draft.resolve_ns = found.took_ns
    address = found.addresses[draft.slot.round_index % len(found.addresses)]
    refusal = means.policy.refusal(address.host)
    if refusal is not None:
        raise ProbeFailed(
            FailureKind.REFUSED_BY_POLICY,
            f"{host} leads to {address.host}: {refusal}",
        )
    return address


def user_agent(version: str, contact: str) -> str:
    """Name the tool, its version and where its user can be reached.

    Raises:
        ValueError: *contact* does not fit into a comment of an HTTP header.
    """
    fits = (
        contact.isascii() and contact.isprintable() and not set(contact) & set("()\\")
    )
    if not fits or not contact or " " in contact:
        msg = f'contact must be a URL or an address in plain ASCII, got "{contact}"'
        raise ValueError(msg)
    return f"cloudgauge/{version} (+{contact})"
