from cloudgauge.report.document import Column, Document, Scale, Table
from cloudgauge.report.html import to_html

DOCUMENT = Document(
    kind="made-up",
    title="a <b> & c",
    tables=(
        Table(
            name="first",
            title="One",
            columns=(
                Column(name="name", label="name"),
                Column(name="rtt_ms", label="rtt", scale=Scale.MILLISECONDS),
            ),
            rows=(("<script>alert(1)</script>", 1.5), ("tab\x1b[31m", None)),
        ),
        Table(name="second", title="", columns=(), rows=()),
    ),
    notes=("beware of <this>",),
)


def test_texts_of_strangers_are_no_markup() -> None:
    html = to_html(DOCUMENT)
    assert "<script>" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "a &lt;b&gt; &amp; c" in html
    assert "beware of &lt;this&gt;" in html
    assert "\x1b" not in html


def test_numbers_stand_to_the_right_with_their_unit_above() -> None:
    html = to_html(DOCUMENT)
    assert '<th style="text-align:right">rtt ms</th>' in html
    assert '<td style="text-align:right">1.50</td>' in html
    assert '<td style="text-align:right">-</td>' in html
    assert '<th style="text-align:left">name</th>' in html


def test_what_is_not_there_has_no_heading() -> None:
    html = to_html(DOCUMENT)
    assert "<p>One</p>" in html
    assert "Notes" in html
    assert "Provenance" not in html
    assert html.count("<table>") == 2
