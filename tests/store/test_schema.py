import dataclasses
from itertools import groupby
from pathlib import Path

import pytest

from cloudgauge.analysis.frame import BIN_FRAME_COLUMNS, FRAME_COLUMNS, FrameColumn
from cloudgauge.analysis.rounds_frame import ROUNDS_COLUMNS
from cloudgauge.analysis.series_frames import FAILURES_COLUMNS, TARGETS_COLUMNS
from cloudgauge.analysis.transfers_frame import TRANSFERS_COLUMNS
from cloudgauge.model.calibration import Calibration, DownloadCeiling, PhaseError
from cloudgauge.model.campaign import Pin
from cloudgauge.model.download import DownloadSpec
from cloudgauge.model.plan import Ceilings, Plan, ProbeKind
from cloudgauge.model.redaction import Redaction
from cloudgauge.model.run import Imported, RunInfo, RunOutcome, StopReason, Vantage
from cloudgauge.model.sample import ClockKind, FailureKind, Part
from cloudgauge.model.transfer import Ending
from cloudgauge.store.journal_format import APPLICATION_ID, TABLES, schema_sql
from cloudgauge.store.manifest import Counts, FailureCount
from cloudgauge.store.redactable import REDACTABLE
from cloudgauge.store.rows import row_of
from cloudgauge.store.schema import (
    BIN_COLUMNS,
    BINS,
    COLUMNS,
    NAMES,
    SAMPLES,
    SCHEMA_VERSION,
    Layout,
    StoredColumn,
)
from tests.store.synthetic import make_plan, make_run_info, make_samples

FORMAT = (Path(__file__).parents[2] / "FORMAT.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("heading", "columns"),
    [("samples/*.parquet", COLUMNS), ("throughput/*.parquet", BIN_COLUMNS)],
)
def test_the_specification_has_the_columns_of_the_code(
    heading: str, columns: tuple[StoredColumn, ...]
) -> None:
    wanted = [
        f"| `{column.name}` | {column.kind.value} | {column.unit or '-'} | "
        f"{'yes' if column.nullable else 'no'} | {column.since} | {column.meaning} |"
        for column in columns
    ]
    assert _table_under(f"## {heading}", "| name | type | unit |") == wanted


@pytest.mark.parametrize(
    ("before", "columns"),
    [
        ("analysis.frame.frame_of", FRAME_COLUMNS),
        ("bins_frame_of", BIN_FRAME_COLUMNS),
        ("`Results.targets()` has one row", TARGETS_COLUMNS),
        ("`Results.rounds()` has one row", ROUNDS_COLUMNS),
        ("`Results.throughput()` has one row", TRANSFERS_COLUMNS),
        ("`Results.failures()` has one row", FAILURES_COLUMNS),
    ],
)
def test_the_specification_has_the_frames_of_the_code(
    before: str, columns: tuple[FrameColumn, ...]
) -> None:
    wanted = [
        f"| `{column.name}` | {column.dtype} | {column.meaning} |" for column in columns
    ]
    assert _table_under(before, "| name | dtype |") == wanted


def test_the_specification_has_every_word_and_the_version() -> None:
    for words in (FailureKind, ClockKind, ProbeKind, Part, Ending, StopReason):
        for word in words:
            assert f"`{word.value}`" in FORMAT, word
    assert f"version **{SCHEMA_VERSION}**" in FORMAT


def test_the_specification_has_the_journal_of_the_code() -> None:
    assert f"{APPLICATION_ID:#x}" in FORMAT
    for statement in schema_sql(SCHEMA_VERSION):
        assert f"\n{statement}\n" in FORMAT


@pytest.mark.parametrize(
    "kind",
    [
        RunInfo,
        RunOutcome,
        Counts,
        FailureCount,
        DownloadSpec,
        Calibration,
        PhaseError,
        Imported,
        DownloadCeiling,
    ],
)
def test_the_specification_names_every_key_of_the_manifest(kind: type) -> None:
    section = _section("## manifest.json")
    for field in dataclasses.fields(kind):
        assert f"`{field.name}`" in section, field.name


def test_the_specification_names_every_key_of_a_redaction_and_of_a_pin() -> None:
    for heading, kind in (("## A redacted copy", Redaction), ("## A pinned plan", Pin)):
        for field in dataclasses.fields(kind):
            assert f"| `{field.name}` |" in _section(heading), field.name


def test_the_specification_says_what_becomes_of_every_field() -> None:
    rows = _table_under("<!-- redactable -->", "| field | copy |")
    wanted = [
        f"| {', '.join(f'`{one.name}`' for one in group)} | {treatment} | {why} |"
        for (treatment, why), group in groupby(
            REDACTABLE, key=lambda one: (one.treatment.value, one.why)
        )
    ]
    assert [row for row in rows if row.startswith("|")] == wanted


def test_the_specification_names_what_came_later() -> None:
    section = _section("## manifest.json")
    for kind in (Plan, Vantage, Ceilings):
        for field in dataclasses.fields(kind):
            if field.metadata.get("later"):
                assert f"{field.name}`" in section, field.name


def test_the_specification_names_every_key_of_the_journals_head() -> None:
    section = _section("## The journal")
    keys = ["schema_version", "run", "plan", "outcome"]
    for key in keys + [table.counted_as for table in TABLES]:
        assert f"`{key}`" in section, key


def test_a_row_has_a_value_for_every_column() -> None:
    plan = make_plan()
    sample = next(make_samples(plan))
    row = row_of(sample, make_run_info(plan))
    assert len(row) == len(COLUMNS)
    cells = dict(zip(NAMES, row, strict=True))
    assert cells["target_id"] == sample.slot.target_id
    assert cells["sent_ns"] == sample.sent_ns
    assert cells["failure_detail"] is None


@pytest.mark.parametrize("layout", [SAMPLES, BINS])
def test_what_came_later_stands_behind_what_was_there(layout: Layout) -> None:
    for version in range(1, SCHEMA_VERSION + 1):
        count = len(layout.since(version))
        assert layout.since(version) == layout.columns[:count]
    assert len(set(layout.names)) == len(layout.names)


def _section(heading: str) -> str:
    start = FORMAT.index(f"\n{heading}\n") + len(heading)
    return FORMAT[start : FORMAT.index("\n## ", start)]


def _table_under(before: str, head: str) -> list[str]:
    """The rows of the first table with this head after a text that comes once."""
    assert FORMAT.count(before) == 1
    lines = FORMAT[FORMAT.index(before) :].split("\n")
    start = next(i for i, line in enumerate(lines) if line.startswith(head))
    rows = lines[start + 2 :]
    return rows[: rows.index("")]
