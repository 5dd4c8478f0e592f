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
