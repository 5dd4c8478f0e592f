import base64
import hashlib
import json
import re
from html import unescape

import pytest

from cloudgauge.report.document import Column, Scale, Table
from cloudgauge.report.figure import Figure
from cloudgauge.report.page import (
    Code,
    Facts,
    Page,
    PageTable,
    Part,
    Picture,
    Points,
    Section,
    Subject,
    Words,
)
from cloudgauge.report.page_data import shared_data
from cloudgauge.report.page_html import to_page
from cloudgauge.report.page_markdown import to_markdown

HOSTILE = '</script><b onclick="x">&\x1b[1m\u202e|`*'
AS_TEXT = "&lt;/script&gt;&lt;b onclick=&#34;x&#34;&gt;&amp;\\x1b[1m\\u202e|`*"
LONG = [{"x": number, "name": f"row {number} </script><!--"} for number in range(60)]


def page_of(*parts: Part, vantages: tuple[str, ...] = ()) -> Page:
    return Page(
        title="A page",
        lead="of a test",
        warnings=("beware",),
        vantages=vantages,
        sections=(Section(name="one", title="One", parts=parts),),
    )


def table_of(*rows: tuple[str, float | None]) -> Table:
    return Table(
        name="rows",
        title="",
        columns=(
            Column(name="name", label="name"),
            Column(name="p50_ms", label="p50", scale=Scale.MILLISECONDS),
        ),
        rows=rows,
    )


def figure_of(**tables: object) -> Figure:
    spec = {"mark": "point", "datasets": tables}
    return Figure(name="f", title="T", caption="C.", summary="In words.", spec=spec)


def test_the_policy_admits_the_scripts_of_the_page_and_nothing_else() -> None:
    text = to_page(page_of(Picture(figure=figure_of(rows=LONG))), version="1")
    (held,) = re.findall(r'Content-Security-Policy" content="([^"]+)"', text)
    policy = unescape(held)
    scripts = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    assert len(scripts) == 2
    hashes = [
        base64.b64encode(hashlib.sha256(one.encode()).digest()).decode()
        for one in scripts
    ]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == " ".join(f"'sha256-{one}'" for one in hashes)
    assert set(rules) == {
        *("default-src", "script-src", "style-src"),
        *("img-src", "base-uri", "form-action"),
    }
    assert not re.search(r"<(?:link|img|iframe|object)\b", text.replace(scripts[0], ""))


def test_every_text_is_text_wherever_it_stands() -> None:
    table = PageTable(
        table=table_of((HOSTILE, 1.0)),
        caption=HOSTILE,
        head="name",
        subjects=(Subject(anchor=HOSTILE, provider=HOSTILE, areas=(HOSTILE,)),),
        vantage=HOSTILE,
    )
    why = Figure(name="f", title=HOSTILE, caption=HOSTILE, summary="", why_not=HOSTILE)
    parts: tuple[Part, ...] = (
        Words(lines=(HOSTILE,)),
        Points(lines=(HOSTILE,)),
        Facts(pairs=((HOSTILE, HOSTILE),)),
        Code(label=HOSTILE, text=f"{HOSTILE}\nsecond", folded=True),
        table,
        Picture(figure=why),
    )
    text = to_page(page_of(*parts, vantages=(HOSTILE, "here")), version="1")
    assert "<b onclick" not in text
    assert "\x1b" not in text
    assert "\u202e" not in text
    # Jinja writes quotes as numbers, html.escape by their names: both are text.
    assert text.replace("&quot;", "&#34;").count(AS_TEXT) > 12


def test_a_picture_that_is_none_needs_no_vega() -> None:
    why = Figure(name="f", title="T", caption="C", summary="S", why_not="Nothing.")
    text = to_page(page_of(Picture(figure=why)), version="1")
    assert '<p class="instead">Nothing.</p>' in text
    assert len(text) < 40_000


def test_data_of_pictures_cannot_end_their_element_and_stand_there_once() -> None:
    parts = (Picture(figure=figure_of(rows=LONG)), Picture(figure=figure_of(land=LONG)))
    text = to_page(page_of(*parts), version="1")
    (held,) = re.findall(
        r'<script type="application/json" id="charts">(.*?)</script>', text, re.DOTALL
    )
    assert "<" not in held
    kept = json.loads(held)
    (key,) = kept["data"]
    assert kept["data"][key] == LONG
    assert kept["specs"]["one-0"]["datasets"] == {"rows": key}
    assert kept["specs"]["one-1"]["datasets"] == {"land": key}
    assert set(kept["themes"]) == {"light", "dark"}


def test_small_tables_and_those_of_one_picture_stay_where_they_are() -> None:
    specs: dict[str, dict[str, dict[str, object]]] = {
        "a": {"datasets": {"small": [1], "own": LONG}},
        "b": {"datasets": {"small": [1]}},
        "c": {},
    }
    named, held = shared_data(specs)
    assert held == {}
    assert named["a"] == specs["a"]
    assert named["c"] == {"datasets": {}}


def test_cells_are_sorted_by_their_value_where_their_text_does_not_say_it() -> None:
    table = PageTable(
        table=table_of(("a", 1234.5678), ("b", None), ("c", 200.0)),
        caption="c",
        head="name",
    )
    text = to_page(page_of(table), version="1")
    assert "<td class=n data-v=1234.57>1235<" in text
    assert "<td class=n>-<" in text
    assert "<td class=n>200<" in text


def test_a_table_of_other_columns_or_subjects_is_refused() -> None:
    with pytest.raises(ValueError, match="head must be one of"):
        PageTable(table=table_of(), caption="", head="region")
    with pytest.raises(ValueError, match="want one subject a row, 0, got 1"):
        PageTable(table=table_of(), caption="", head="name", subjects=(Subject(),))


def test_markdown_has_pictures_in_words_and_whose_they_are() -> None:
    table = PageTable(table=table_of(("a|b", 1.0)), caption="Rows", head="name")
    parts: tuple[Part, ...] = (
        Words(lines=("w",)),
        Points(lines=("p", "q")),
        Facts(pairs=(("k", "v"),)),
        Code(label="do", text="run\nthis"),
        Picture(figure=figure_of(rows=[]), table=table, vantage="here"),
    )
    assert to_markdown(page_of(*parts)) == (
        "# A page\n\nof a test\n\n> **beware**\n\n## One\n\nw\n\n* p\n* q\n\n"
        "* **k**: v\n\ndo:\n\n    run\n    this\n\n### T (here)\n\nIn words.\n\n"
        "Rows:\n\n| name | p50 ms |\n| --- | ---: |\n| a\\|b | 1.00 |\n"
    )
