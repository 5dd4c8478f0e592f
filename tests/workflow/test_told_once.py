from cloudgauge.report.document import Cell, Column, Document, Scale, Table
from cloudgauge.workflow.told_once import Wording, told_once


def of(*rows: tuple[Cell, ...], title: str = "") -> Document:
    columns = (
        Column(name="who", label="who"),
        Column(name="rtt_ms", label="rtt", scale=Scale.MILLISECONDS),
        Column(name="rtt_beyond_ms", label="beyond", beyond="rtt_ms"),
        Column(name="kind", label="kind"),
    )
    table = Table(name="made-up", title=title, columns=columns, rows=rows)
    return Document(kind="made-up", title="", tables=(table,), notes=("last",))


def names(document: Document) -> list[str]:
    return [column.name for column in document.tables[0].columns]


def test_what_repeats_is_said_once_and_the_first_column_stays() -> None:
    found = told_once(of(("a", 1.5, None, "x"), ("a", 2.5, None, "x")))
    assert names(found) == ["who", "rtt_ms", "rtt_beyond_ms"]
    assert found.tables[0].rows == (("a", 1.5, None), ("a", 2.5, None))
    assert found.notes == ("the same in every row: kind x", "last")


def test_a_figure_goes_with_what_it_is_beyond() -> None:
    found = told_once(
        of(("a", None, 10_000.0, "x"), ("b", None, 10_000.0, "y"), title="One")
    )
    assert names(found) == ["who", "kind"]
    assert found.notes[0] == 'the same in every row of "One": rtt ms > 10 s'


def test_what_times_out_in_one_row_alone_is_not_the_same() -> None:
    found = told_once(of(("a", None, 10_000.0, "x"), ("b", None, None, "y")))
    assert "rtt_ms" in names(found)


def test_what_was_asked_for_stays() -> None:
    document = of(("a", 1.5, None, "x"), ("b", 2.5, None, "x"))
    assert told_once(document, Wording(answers=frozenset({"kind"}))) == document


def test_one_row_and_none_repeat_nothing() -> None:
    alone = of(("a", 1.5, None, "x"))
    assert told_once(alone) == alone
    assert told_once(of()) == of()


def test_what_programs_alone_need_is_left_out_without_a_word() -> None:
    found = told_once(of(("a", 1.5, None, "x")), Wording(aside=frozenset({"kind"})))
    assert names(found) == ["who", "rtt_ms", "rtt_beyond_ms"]
    assert found.notes == ("last",)
