"""A calibration as its tables."""

from dataclasses import replace

from cloudgauge.model.calibration import (
    CONNECT,
    FIRST_BYTE,
    Calibration,
    DownloadCeiling,
)
from cloudgauge.model.sample import ClockKind
from cloudgauge.workflow.calibration_view import calibration_document, made_text
from tests.workflow.calibrations import calibration, row

KNOWN = calibration(
    row(CONNECT, ClockKind.KERNEL, 50, 5, 0.1),
    row(CONNECT, ClockKind.KERNEL, 50, None, 0.2),
    row(FIRST_BYTE, ClockKind.USER, 200, 20, 3),
    row(FIRST_BYTE, ClockKind.USER, 200, None, 4),
)


def test_bias_and_spread_stand_by_phase_and_clock() -> None:
    document = calibration_document(KNOWN, detailed=False)
    errors, ceilings = document.tables
    assert errors.rows == (
        ("connect", "kernel", 50, 100, 0.1, 0.0, 0.2, 0.2),
        ("first-byte", "user", 200, 100, 2.0, 0.0, 4.0, 4.0),
    )
    assert ceilings.rows == (("TLS", 8, 4_000, 500_000_000),)
    assert document.title == "Calibration of this machine, 2026-11-18 11:06:40 UTC"
    assert made_text(KNOWN) == "2026-11-18 11:06:40 UTC"
    assert document.provenance == (
        "private network, machine 0123456789abcdef, cloudgauge 0.1.0",
    )


def test_in_detail_each_delay_stands_by_itself() -> None:
    document = calibration_document(KNOWN, detailed=True)
    names = [column.name for column in document.tables[2].columns]
    at = names.index("delay_ms")
    assert [row[at] for row in document.tables[2].rows] == [5, 20]
    assert document.tables[2].rows[0][-1] == 0.1


def test_what_the_means_cannot_show_is_said_first() -> None:
    limited: Calibration = replace(
        KNOWN, means="loopback", limits="the first byte alone"
    )
    document = calibration_document(limited, detailed=False)
    assert document.notes[0] == "the first byte alone"
    assert "what is true is the servers' own log of their answers" in document.notes[1]
    assert document.provenance[0].startswith("loopback servers, ")


def test_without_a_ceiling_there_is_no_table_of_them() -> None:
    document = calibration_document(replace(KNOWN, ceilings=()), detailed=False)
    assert [table.name for table in document.tables] == ["errors"]
    assert not [note for note in document.notes if "ceiling" in note]


def test_plain_and_encrypted_are_told_apart() -> None:
    plain = DownloadCeiling(tls=False, streams=1, bytes_per_s=1_250_000)
    document = calibration_document(replace(KNOWN, ceilings=(plain,)), detailed=False)
    assert document.tables[1].rows == (("plain", 1, 10, 1_250_000),)
