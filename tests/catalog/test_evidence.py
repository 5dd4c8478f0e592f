"""Evidence over the catalogue: dates, confidence and notes change, nothing else."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudgauge.catalog.evidence import (
    CONTRADICTING,
    Evidence,
    Network,
    holds_of,
    overlay,
    witnesses_of,
)
from cloudgauge.catalog.index import Catalog
from cloudgauge.model.sample import FailureKind
from cloudgauge.model.target import Confidence, Target
from tests.catalog.evidence_values import (
    DAY,
    MUTE,
    catalog_of,
    checks,
    disappointed,
    evidence_of,
    found,
    row,
    silent,
    thing,
)

TARGETS = tuple(row(f"place-{number}", note="Mind the gap.") for number in range(4))
CATALOG = catalog_of(*TARGETS, objects=(thing("place-1"), thing("place-3")))


def laid(catalog: Catalog, *evidence: Evidence) -> Target:
    """The first target under evidence of the real network."""
    return overlay(catalog, evidence, network=Network.REAL).targets[0]


def bare(targets: Sequence[Target]) -> list[Target]:
    """Targets without what evidence may change."""
    return [
        replace(
            one,
            endpoint=replace(
                one.endpoint,
                note="",
                provenance=replace(
                    one.endpoint.provenance,
                    checked=DAY,
                    confidence=Confidence.MEDIUM,
                ),
            ),
        )
        for one in targets
    ]


@given(
    st.lists(checks((*CATALOG.targets, *CATALOG.objects)), max_size=4),
    st.sampled_from(Network),
)
def test_nothing_but_date_confidence_and_note_ever_changes(
    evidence: list[Evidence], network: Network
) -> None:
    after = overlay(CATALOG, evidence, network=network)
    assert after.regions == CATALOG.regions
    assert bare(after.targets) == bare(CATALOG.targets)
    assert bare(after.objects) == bare(CATALOG.objects)
    for before, now in zip(CATALOG.targets, after.targets, strict=True):
        fresh, old = now.endpoint.provenance, before.endpoint.provenance
        assert fresh.checked >= old.checked
        assert fresh.sources == old.sources
        assert now.endpoint.note.startswith("Mind the gap")
    # The order in which the files are read is of no account.
    assert overlay(CATALOG, evidence[::-1], network=network) == after or any(
        one.checked_at == other.checked_at
        for one in evidence
        for other in evidence
        if one is not other
    )


@given(st.lists(checks(CATALOG.targets), max_size=4))
def test_evidence_of_one_network_changes_nothing_in_the_other(
    evidence: list[Evidence],
) -> None:
    private = [replace(one, network=Network.PRIVATE) for one in evidence]
    real = [replace(one, network=Network.REAL) for one in evidence]
    assert overlay(CATALOG, private, network=Network.REAL) == CATALOG
    assert overlay(CATALOG, real, network=Network.PRIVATE) == CATALOG
    both = [*private, *real]
    alone = overlay(CATALOG, real, network=Network.REAL)
    assert overlay(CATALOG, both, network=Network.REAL) == alone


def test_a_pattern_that_answered_as_expected_is_one_no_more() -> None:
    catalog = catalog_of(row(note="As listed"))
    after = laid(catalog, evidence_of(found(catalog.targets[0]))).endpoint
    assert after.provenance.confidence is Confidence.HIGH
    assert after.provenance.checked == DAY
    assert after.note == "As listed"


def test_a_row_that_did_not_hold_is_doubtful_and_says_why() -> None:
    catalog = catalog_of(row(confidence=Confidence.HIGH))
    check = evidence_of(disappointed(catalog.targets[0]))
    after = laid(catalog, check).endpoint
    assert after.provenance.confidence is Confidence.LOW
    assert after.note == (
        "unexpected-status (status 404) when checked on 2026-06-01 from lab, SG"
    )
    noted = catalog_of(row(note="As listed."))
    assert laid(noted, replace(check, country=None)).endpoint.note == (
        "As listed; unexpected-status (status 404) when checked on 2026-06-01 from lab"
    )


def test_a_row_that_cannot_be_reached_from_here_keeps_what_it_had() -> None:
    catalog = catalog_of(row())
    (target,) = catalog.targets
    held = evidence_of(found(target), hour=1)
    later = evidence_of(silent(target), hour=2)
    assert laid(catalog, later) == target
    # Nor does it undo what was found before.
    assert laid(catalog, held, later) == laid(catalog, held)
    told = witnesses_of(target, (held, later), network=Network.REAL)
    assert [one.evidence for one in told] == [later, held]


def test_the_newest_finding_counts() -> None:
    catalog = catalog_of(row())
    (target,) = catalog.targets
    good = evidence_of(found(target), hour=1)
    bad = evidence_of(disappointed(target), hour=2)
    assert laid(catalog, good, bad) == laid(catalog, bad, good) == laid(catalog, bad)


def test_a_row_with_another_url_is_another_row() -> None:
    catalog = catalog_of(row())
    (target,) = catalog.targets
    finding = replace(found(target), url="https://old.example/")
    assert laid(catalog, evidence_of(finding)) == target


def test_what_was_found_before_somebody_checked_the_row_counts_no_more() -> None:
    catalog = catalog_of(row(checked=DAY + timedelta(days=1)))
    (target,) = catalog.targets
    assert laid(catalog, evidence_of(disappointed(target))) == target
    same_day = catalog_of(row(checked=DAY))
    low = laid(same_day, evidence_of(disappointed(target))).endpoint.provenance
    assert low.confidence is Confidence.LOW


@pytest.mark.parametrize("kind", MUTE)
def test_what_may_be_the_way_from_here_says_nothing(kind: FailureKind) -> None:
    assert holds_of(kind, anything_held=True) is None
    with pytest.raises(ValueError, match="says nothing of a row; leave holds out"):
        found(row(), failure=kind, holds=False)


def test_what_a_trusted_host_says_counts_even_alone() -> None:
    assert holds_of(None, anything_held=True) is True
    status = FailureKind.UNEXPECTED_STATUS
    assert holds_of(status, anything_held=False) is False


@pytest.mark.parametrize(
    "kind",
    [
        FailureKind.NAME_NOT_FOUND,
        FailureKind.REFUSED,
        FailureKind.TLS_CERTIFICATE,
        FailureKind.TLS_PROTOCOL,
    ],
)
def test_what_a_portal_or_no_network_does_to_every_name_counts_only_among_others(
    kind: FailureKind,
) -> None:
    assert kind in CONTRADICTING
    assert holds_of(kind, anything_held=True) is False
    assert holds_of(kind, anything_held=False) is None


def test_a_finding_cannot_contradict_itself() -> None:
    with pytest.raises(ValueError, match="true if and only if it was answered"):
        found(row(), holds=False)
    with pytest.raises(ValueError, match="true if and only if it was answered"):
        found(row(), failure=FailureKind.RESET, holds=True)
    assert found(row(), day=date(2026, 1, 2)).outcome == "answered"
