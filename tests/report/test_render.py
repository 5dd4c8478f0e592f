import csv
import io
import json

import pytest

from cloudgauge.report.document import Column, Document, Scale, Table
from cloudgauge.report.render import to_csv, to_json, to_jsonl, to_markdown

DOCUMENT = Document(
    kind="example",
    title="Two regions",
    tables=(
        Table(
            name="regions",
            title="Regions",
            columns=(
                Column(name="region", label="region"),
                Column(name="p50_ms", label="p50", scale=Scale.MILLISECONDS),
            ),
            rows=(("aws/eu-west-1", 12.5), ("=cmd|x", None)),
        ),
    ),
    notes=("one failed",),
    provenance=("set abc",),
)


def test_json_keeps_numbers_and_writes_absent_as_null() -> None:
    value = json.loads(to_json(DOCUMENT))
    assert value["schema_version"] == 1
    assert value["tables"]["regions"][0] == {"region": "aws/eu-west-1", "p50_ms": 12.5}
    assert value["tables"]["regions"][1]["p50_ms"] is None
    assert value["notes"] == ["one failed"]


def test_json_lines_name_their_table() -> None:
    lines = [json.loads(line) for line in to_jsonl(DOCUMENT).splitlines()]
    assert [line["table"] for line in lines] == ["regions", "regions"]
    assert lines[0]["p50_ms"] == 12.5


def test_csv_has_names_with_units_and_no_formula() -> None:
    rows = list(csv.reader(io.StringIO(to_csv(DOCUMENT))))
    assert rows == [["region", "p50_ms"], ["aws/eu-west-1", "12.5"], ["'=cmd|x", ""]]


def test_markdown_carries_units_and_every_note() -> None:
    assert to_markdown(DOCUMENT) == (
        "# Two regions\n\n"
        "## Regions\n\n"
        "| region | p50 ms |\n"
        "| --- | ---: |\n"
        "| aws/eu-west-1 | 12.5 |\n"
        "| =cmd\\|x | - |\n\n"
        "## Notes\n\n* one failed\n\n"
        "## Provenance\n\n* set abc\n"
    )


def test_a_row_of_another_length_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="regions: want 2 cells, got 1"):
        Table(
            name="regions",
            title="",
            columns=DOCUMENT.tables[0].columns,
            rows=(("alone",),),
        )


BOUNDED = Document(
    kind="example",
    title="Timeouts",
    tables=(
        Table(
            name="regions",
            title="",
            columns=(
                Column(name="p99_ms", label="p99", scale=Scale.MILLISECONDS),
                Column(
                    name="p99_beyond_ms",
                    label="p99 beyond",
                    scale=Scale.MILLISECONDS,
                    beyond="p99_ms",
                ),
            ),
            rows=((12.5, None), (None, 10_000.0), (None, 250.5), (None, None)),
        ),
    ),
)


def test_what_is_only_known_to_be_more_is_read_as_more_than_its_bound() -> None:
    assert to_markdown(BOUNDED).splitlines()[2:] == [
        "| p99 ms |",
        "| ---: |",
        "| 12.5 |",
        "| \\> 10 s |",
        "| \\> 250.5 ms |",
        "| - |",
    ]


def test_programs_get_what_is_not_known_as_absent_and_its_bound() -> None:
    rows = json.loads(to_json(BOUNDED))["tables"]["regions"]
    assert rows[1] == {"p99_ms": None, "p99_beyond_ms": 10_000.0}
    assert to_csv(BOUNDED).splitlines()[:3] == [
        "p99_ms,p99_beyond_ms",
        "12.5,",
        ",10000.0",
    ]
