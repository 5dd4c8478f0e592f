import pytest

from cloudgauge.cli.terminal import draw
from cloudgauge.report.document import Cell, Column, Document, Scale, Table

_COLUMNS = (
    Column(name="target", label="target"),
    Column(name="mark", label="mark"),
    Column(name="p50_ms", label="connect p50", scale=Scale.MILLISECONDS),
    Column(name="visits", label="visits", scale=Scale.COUNT),
    Column(name="city", label="city"),
)
_ROWS: tuple[tuple[Cell, ...], ...] = (
    ("aws/ap-southeast-1:object-storage", "pattern", 1.5, 10, "Singapore"),
    ("gcp/asia-southeast1:object-storage", None, 12.5, 10, "Jurong West"),
)


def _drawn(width: int, rows: tuple[tuple[Cell, ...], ...] = _ROWS) -> str:
    table = Table(name="series", title="Series", columns=_COLUMNS, rows=rows)
    document = Document(
        kind="show", title="Two targets", tables=(table,), notes=("one doubt",)
    )
    return draw(document, width=width, styled=False)


def test_with_room_a_table_has_all_its_columns_and_stacked_headings() -> None:
    assert _drawn(100) == (
        "Two targets\n"
        "Series\n"
        "\n"
        "                                              connect\n"
        "                                                  p50\n"
        " target                              mark          ms  visits  city\n"
        " ─────────────────────────────────────────────────────────────────────────\n"
        " aws/ap-southeast-1:object-storage   pattern     1.50      10  Singapore\n"
        " gcp/asia-southeast1:object-storage  -          12.50      10  Jurong West\n"
        "\n"
        "note: one doubt\n"
    )


def test_what_is_the_same_in_every_row_is_said_once_where_room_is_short() -> None:
    shown = _drawn(70)
    assert "the same in every row: visits 10" in shown
    assert "Singapore" in shown
    assert max(map(len, shown.split("\n"))) <= 70


def test_what_has_no_room_is_left_out_from_the_end_and_named() -> None:
    shown = _drawn(50)
    assert "no room for: connect p50 ms, city; --format csv" in shown
    # Names of rows and the marks beside them are never folded or lost.
    assert " aws/ap-southeast-1:object-storage   pattern\n" in shown


@pytest.mark.parametrize("width", range(16, 90))
def test_no_letter_of_a_cell_is_lost_however_its_columns_fold(width: int) -> None:
    columns = (
        *(Column(name=name, label=name) for name in ("n", "first", "second")),
        Column(name="p50_ms", label="p50", scale=Scale.MILLISECONDS),
    )
    rows: list[tuple[Cell, ...]] = [
        ("QQQQQQQQQQQQQQQQQ", "XXXXXX XX X", "YYYYYYYY YYYY YYYYY", 4.5),
        ("QQQQQQQQQQQQ/QQQ", "XXXXXX XXXXXXXXXXX X XXXXX", "YYYYYYYYYYYY YYYYYYY", 5.5),
        ("QQQQQQQQQQQ", "XX XX XXXXXXXX XXXXXXXXXXX XXXXXXXX", "YYYYYY YY", 77.5),
    ]
    table = Table(name="t", title="", columns=columns, rows=tuple(rows))
    document = Document(kind="show", title="", tables=(table,))
    shown = draw(document, width=width, styled=False)
    kept = shown.partition("no room for:")[0]
    for letter, name, at in (("Q", "n", 0), ("X", "first", 1), ("Y", "second", 2)):
        whole = sum(str(row[at]).count(letter) for row in rows)
        assert kept.count(letter) == (whole if f" {name}" in kept else 0)
    assert "X" in kept
    assert max(map(len, shown.partition("no room")[0].split("\n"))) <= width


def test_a_table_of_one_row_without_room_stands_upright() -> None:
    shown = _drawn(60, _ROWS[:1])
    assert " target          aws/ap-southeast-1:object-storage\n" in shown
    assert " connect p50 ms  1.50\n" in shown
    assert " city            Singapore\n" in shown


def test_colour_and_escapes_only_where_they_were_asked_for() -> None:
    assert "\x1b" not in _drawn(100)
    table = Table(name="series", title="", columns=_COLUMNS, rows=_ROWS)
    styled = draw(
        Document(kind="show", title="T", tables=(table,)), width=100, styled=True
    )
    assert "\x1b[" in styled
