"""What a live check found, laid over the catalogue without touching its files."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from cloudgauge.catalog.index import Catalog
from cloudgauge.model.sample import FailureKind
from cloudgauge.model.target import Confidence, Target

# Said by the host itself, behind a certificate that we trust.
_SAID_BY_THE_HOST = frozenset(
    {
        FailureKind.UNEXPECTED_STATUS,
        FailureKind.PROTOCOL_ERROR,
        FailureKind.TRUNCATED_BODY,
        FailureKind.BODY_TOO_LARGE,
        FailureKind.NO_LENGTH,
        FailureKind.OBJECT_TOO_SMALL,
    }
)
# What a machine without a network, or behind a portal, meets at every name as well.
_SAID_BY_THE_WAY = frozenset(
    {
        FailureKind.NAME_NOT_FOUND,
        FailureKind.REFUSED,
        FailureKind.TLS_CERTIFICATE,
        FailureKind.TLS_PROTOCOL,
    }
)
# All else (a timeout, a reset, a silent resolver, our own machine) may be the doing of
# the way from here, and says nothing of a row.
CONTRADICTING = _SAID_BY_THE_HOST | _SAID_BY_THE_WAY


class Network(StrEnum):
    """Whose names were asked: everybody's, or ones that were pointed elsewhere."""

    REAL = "real"
    PRIVATE = "private"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one visit says of one row.

    Attributes:
        target_id: The row's.
        url: That was asked for; a row with another one is another row.
        checked: The day on which the check began, UTC.
        failure: None if it answered as the row says.
        status: The HTTP status; None if there was none.
        families: In how many IP versions the name has addresses, 0 to 2.
        size_bytes: Of an object, its Content-Length.
        holds: Whether the row's expectation holds; None if nothing could be learned
            from here.
        note: What was found, one line, no word of a server's own; "" for nothing.
    """

    target_id: str
    url: str
    checked: date
    failure: FailureKind | None
    status: int | None
    families: int
    size_bytes: int | None
    holds: bool | None
    note: str = ""

    def __post_init__(self) -> None:
        if (self.failure is None) != (self.holds is True):
            msg = "holds must be true if and only if it was answered"
            raise ValueError(msg)
        if self.holds is False and self.failure not in CONTRADICTING:
            msg = f"{self.failure} says nothing of a row; leave holds out"
            raise ValueError(msg)

    @property
    def outcome(self) -> str:
        """``answered``, or the kind of failure."""
        return "answered" if self.failure is None else self.failure.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One live check.

    Attributes:
        checked_at: When it began, UTC.
        vantage: Name of the place it was made from; its address is not kept.
        country: Of the vantage, ISO 3166-1 alpha-2; None if nobody said.
        findings: Each target once, in the order of their ids.
    """

    tool_version: str
    checked_at: datetime
    network: Network
    vantage: str
    country: str | None
    findings: tuple[Finding, ...]

    @property
    def place(self) -> str:
        """The vantage, for people."""
        return f"{self.vantage}, {self.country}" if self.country else self.vantage


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """A finding and the check that it is of."""

    evidence: Evidence
    finding: Finding


def holds_of(failure: FailureKind | None, *, anything_held: bool) -> bool | None:
    """Whether a row's expectation holds, as far as one visit can tell.

    Args:
        failure: What became of the visit.
        anything_held: Whether some target of the same check answered as expected:
            without, the way from here is as suspect as the rows.

    Returns:
        None where nothing can be said.
    """
    if failure is None:
        return True
    if failure not in CONTRADICTING:
        return None
    return False if anything_held or failure in _SAID_BY_THE_HOST else None


def overlay(
    catalog: Catalog, evidence: Sequence[Evidence], *, network: Network
) -> Catalog:
    """Lay evidence over a catalogue: only dates, confidence and notes of rows change.

    The newest finding that says something of a row counts, if the row's URL is still
    the one that was asked for and nobody has checked the row since.

    Args:
        catalog: Stays as it is.
        evidence: In any order.
        network: The one we are in; evidence of another is passed over.
    """
    known = _by_row(evidence, network)
    return replace(
        catalog,
        targets=tuple(_overlaid(target, known) for target in catalog.targets),
        objects=tuple(_overlaid(item, known) for item in catalog.objects),
    )


def witnesses_of(
    target: Target, evidence: Sequence[Evidence], *, network: Network
) -> tuple[Witness, ...]:
    """What is known of a row, the newest first: all that was asked of its URL."""
    known = _by_row(evidence, network)
    return tuple(known.get((target.target_id, target.endpoint.url), ()))


def _by_row(
    evidence: Iterable[Evidence], network: Network
) -> dict[tuple[str, str], list[Witness]]:
    by_row: dict[tuple[str, str], list[Witness]] = {}
    of_here = [one for one in evidence if one.network is network]
    for one in sorted(of_here, key=lambda one: one.checked_at, reverse=True):
        for finding in one.findings:
            witness = Witness(evidence=one, finding=finding)
            by_row.setdefault((finding.target_id, finding.url), []).append(witness)
    return by_row


def _overlaid(target: Target, known: dict[tuple[str, str], list[Witness]]) -> Target:
    endpoint = target.endpoint
    provenance = endpoint.provenance
    for witness in known.get((target.target_id, endpoint.url), ()):
        finding = witness.finding
        if finding.holds is None or finding.checked < provenance.checked:
            continue
        confidence = Confidence.HIGH if finding.holds else Confidence.LOW
        fresh = replace(provenance, checked=finding.checked, confidence=confidence)
        note = endpoint.note if finding.holds else _noted(endpoint.note, witness)
        return replace(target, endpoint=replace(endpoint, provenance=fresh, note=note))
    return target


def _noted(note: str, witness: Witness) -> str:
    finding = witness.finding
    reason = f" ({finding.note})" if finding.note else ""
    said = (
        f"{finding.outcome}{reason} when checked on {finding.checked} "
        f"from {witness.evidence.place}"
    )
    return f"{note.rstrip('.')}; {said}" if note else said
