"""Two keys of a row change, and not one byte beside them."""

import re
import tomllib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudgauge.catalog.row_text import RowChange, with_changes
from cloudgauge.errors import ConfigError
from cloudgauge.model.target import Confidence

DAY = date(2026, 6, 1)
_WORDS = st.text(
    st.characters(codec="utf-8", exclude_characters="\r\n", exclude_categories=["C"]),
    max_size=12,
)
_COMMENTS = st.one_of(st.just(""), _WORDS.map(lambda text: f"# {text}"))
_ASSIGNMENT = re.compile(r"""\s*["']?(checked|confidence)["']?\s*=""")
_BLANKS = st.sampled_from(["", " ", "\t", "  "])


def change(table: str = "endpoint", index: int = 0) -> RowChange:
    return RowChange(table=table, index=index, checked=DAY, confidence=Confidence.HIGH)


@st.composite
def assignments(draw: st.DrawFn, key: str, value: str) -> str:
    """One key on a line, as people write it."""
    word = draw(st.sampled_from([key, f'"{key}"', f"'{key}'"]))
    blanks = [draw(_BLANKS) for _ in range(4)]
    comment = draw(_COMMENTS)
    return f"{blanks[0]}{word}{blanks[1]}={blanks[2]}{value}{blanks[3]}{comment}"


@st.composite
def tables(draw: st.DrawFn) -> tuple[str, list[str]]:
    """A table of a target file: its name, and its lines."""
    name = draw(st.sampled_from(["endpoint", "object", "region", "sources"]))
    if name == "sources":
        return name, ["[[sources]]", "checked = 2020-01-01", "confidence = 'low'"]
    quote = draw(st.sampled_from("\"'"))
    word = draw(st.sampled_from(Confidence)).value
    day = draw(st.dates(date(2020, 1, 1), date(2025, 1, 1)))
    lines = [
        draw(assignments("checked", day.isoformat())),
        draw(assignments("confidence", f"{quote}{word}{quote}")),
        draw(assignments("note", draw(st.sampled_from(['"checked = 2020-01-01"'])))),
        'source = [  # "confidence"\n  "one",\n  # checked = 2020-01-01\n]',
        draw(_COMMENTS),
        draw(_BLANKS),
    ]
    header = f"{draw(_BLANKS)}[[{draw(_BLANKS)}{name}{draw(_BLANKS)}]]"
    return name, [f"{header} {draw(_COMMENTS)}", *draw(st.permutations(lines))]


@st.composite
def files(draw: st.DrawFn) -> tuple[str, list[tuple[str, int]]]:
    """A target file, and which rows of it there are."""
    made = draw(st.lists(tables(), min_size=1, max_size=5))
    counts: dict[str, int] = {}
    rows = []
    for name, _ in made:
        if name in {"endpoint", "object"}:
            rows.append((name, counts.get(name, 0)))
        counts[name] = counts.get(name, 0) + 1
    end = draw(st.sampled_from(["\n", "\r\n"]))
    text = "\n".join(line for _, lines in made for line in lines)
    return text.replace("\n", end) + draw(st.sampled_from(["", end])), rows


def blotted(text: str) -> str:
    """A text without the values of the two keys, wherever they are assigned."""
    text = re.sub(r"(checked[\"']?\s*=\s*)\d{4}-\d\d-\d\d", r"\1", text)
    return re.sub(r"(confidence[\"']?\s*=\s*[\"'])\w+", r"\1", text)


@given(files(), st.data())
def test_only_the_two_keys_of_the_rows_that_were_named_change(
    file: tuple[str, list[tuple[str, int]]], data: st.DataObject
) -> None:
    text, rows = file
    named = data.draw(st.lists(st.sampled_from(rows), unique=True)) if rows else []
    before = tomllib.loads(text)
    edited = with_changes(
        text, tuple(change(table, index) for table, index in named), where="mine.toml"
    )
    assert blotted(edited) == blotted(text)
    pairs = zip(text.split("\n"), edited.split("\n"), strict=True)
    changed = [old for old, new in pairs if old != new]
    assert all(_ASSIGNMENT.match(line) for line in changed)
    assert len(changed) <= 2 * len(named)
    after = tomllib.loads(edited)
    for table, index in named:
        before[table][index] |= {"checked": DAY, "confidence": "high"}
    assert after == before
    if not named:
        assert edited == text


ODD = (
    # What looks like the key stands in a text of several lines.
    '[[endpoint]]\nchecked = 2020-01-01\nconfidence = "low"\n'
    'note = """\nchecked = 2020-01-01\n"""\n',
    # So does what looks like a header.
    '[[endpoint]]\nnote = """\n[[endpoint]]\n"""\n'
    'checked = 2020-01-01\nconfidence = "low"\n',
    # Rows that have no lines of their own.
    'endpoint = [{checked = 2020-01-01, confidence = "low"}]\n',
    # A value that is spelled otherwise.
    '[[endpoint]]\nchecked = 2020-01-01\nconfidence = """low"""\n',
)


@pytest.mark.parametrize("text", ODD)
def test_what_cannot_be_edited_alone_is_refused(text: str) -> None:
    assert tomllib.loads(text)
    with pytest.raises(ConfigError) as caught:
        with_changes(text, (change(),), where="mine.toml")
    assert caught.value.where == "mine.toml: endpoint[0]"
    assert caught.value.problem == (
        'want "checked" and "confidence" on lines of their own under [[table]] '
        "headers; edit this file by hand"
    )


def test_where_several_rows_were_named_the_file_is_told() -> None:
    with pytest.raises(ConfigError) as caught:
        with_changes(
            'endpoint = [{checked = 2020-01-01, confidence = "low"}]\n[[object]]\n'
            'checked = 2020-01-01\nconfidence = "low"\n',
            (change(), change("object")),
            where="mine.toml",
        )
    assert caught.value.where == "mine.toml"


def test_rows_are_counted_table_by_table() -> None:
    row = '[[{}]]\nconfidence = "low"  # why\nchecked = 2020-01-01\n\n'
    text = "".join(row.format(name) for name in ("object", "endpoint", "object"))
    edited = with_changes(text, (change("object", 1),), where="mine.toml")
    new = row.replace("low", "high").replace("2020-01-01", "2026-06-01")
    rows = (row.format("object"), row.format("endpoint"), new.format("object"))
    assert edited == "".join(rows)
