from pathlib import Path

from cloudgauge.analysis.frame import FRAME_COLUMNS
from cloudgauge.model.plan import ProbeKind
from cloudgauge.model.run import StopReason
from cloudgauge.model.sample import ClockKind, FailureKind
from cloudgauge.store.journal import APPLICATION_ID, SCHEMA_SQL
from cloudgauge.store.schema import COLUMNS, NAMES, SCHEMA_VERSION, row_of
from cloudgauge.store.table import SCHEMA
from tests.store.synthetic import make_plan, make_run_info, make_samples

FORMAT = (Path(__file__).parents[2] / "FORMAT.md").read_text(encoding="utf-8")


def test_the_specification_has_the_columns_of_the_code() -> None:
    wanted = [
        f"| `{column.name}` | {column.kind.value} | {column.unit or '-'} | "
        f"{'yes' if column.nullable else 'no'} | {column.since} | {column.meaning} |"
        for column in COLUMNS
    ]
    assert _table_under("| name | type | unit |") == wanted


def test_the_specification_has_the_frame_of_the_code() -> None:
    wanted = [
        f"| `{column.name}` | {column.dtype} | {column.meaning} |"
        for column in FRAME_COLUMNS
    ]
    assert _table_under("| name | dtype |") == wanted


def test_the_specification_has_every_word_and_the_version() -> None:
    for words in (FailureKind, ClockKind, ProbeKind, StopReason):
        for word in words:
            assert f"`{word.value}`" in FORMAT, word
    assert f"version **{SCHEMA_VERSION}**" in FORMAT


def test_the_specification_has_the_journal_of_the_code() -> None:
    assert f"{APPLICATION_ID:#x}" in FORMAT
    for statement in SCHEMA_SQL:
        assert f"\n{statement}\n" in FORMAT


def test_a_row_has_a_value_for_every_column() -> None:
    plan = make_plan()
    sample = next(make_samples(plan))
    row = row_of(sample, make_run_info(plan))
    assert len(row) == len(COLUMNS)
    cells = dict(zip(NAMES, row, strict=True))
    assert cells["target_id"] == sample.slot.target_id
    assert cells["sent_ns"] == sample.sent_ns
    assert cells["failure_detail"] is None


def test_columns_of_parquet_are_those_of_the_schema() -> None:
    assert SCHEMA.names == list(NAMES)


def _table_under(head: str) -> list[str]:
    lines = FORMAT.split("\n")
    (start,) = [i for i, line in enumerate(lines) if line.startswith(head)]
    rows = lines[start + 2 :]
    return rows[: rows.index("")]
