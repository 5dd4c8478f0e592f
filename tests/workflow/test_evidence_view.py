"""What live checks found of a region, in a table."""

from datetime import date
from pathlib import Path

from cloudgauge.catalog.evidence_files import write_evidence
from cloudgauge.workflow.choosing import EvidenceShelf
from cloudgauge.workflow.evidence_view import evidence_tables
from tests.catalog.evidence_values import (
    disappointed,
    evidence_of,
    found,
    row,
    silent,
    thing,
)

TARGETS = (row(), thing())


def shelf(folder: Path) -> EvidenceShelf:
    return EvidenceShelf(folder=folder, inside_world=False, today=date(2026, 6, 1))


def test_where_nothing_was_checked_there_is_no_table(tmp_path: Path) -> None:
    write_evidence(tmp_path, evidence_of(found(row("place-9"))))
    assert evidence_tables(TARGETS, None) == ()
    assert evidence_tables(TARGETS, shelf(tmp_path)) == ()


def test_the_newest_finding_is_told_and_the_newest_that_says_something(
    tmp_path: Path,
) -> None:
    endpoint, item = TARGETS
    for hour, finding in enumerate(
        (found(endpoint), disappointed(endpoint), silent(endpoint), silent(endpoint))
    ):
        write_evidence(tmp_path, evidence_of(finding, hour=hour))
    write_evidence(tmp_path, evidence_of(found(item), hour=9))
    (table,) = evidence_tables(TARGETS, shelf(tmp_path))
    assert [row[:3] for row in table.rows] == [
        ("object-storage", "not known", "connect-timeout"),
        ("object-storage", "does not hold", "unexpected-status"),
        ("agent", "holds", "answered"),
    ]
    assert table.rows[1][3:] == (
        *("2026-06-01", "lab, SG", None, None, 1, "status 404"),
    )
