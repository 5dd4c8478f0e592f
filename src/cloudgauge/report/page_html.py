"""A Page as one file of HTML that works offline and asks for nothing.

Every text passes `printable` and Jinja's escaping. The Content-Security-Policy admits
the file's own scripts by their hashes and nothing else: no request can leave the page,
whatever a result set holds. Data of pictures stand in a script element of JSON, equal
parts once (the outline of the land).
"""

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any

from cloudgauge.report.document import Cell, Table
from cloudgauge.report.escape import printable
from cloudgauge.report.extra import missing_extra
from cloudgauge.report.figure import VEGA_LITE
from cloudgauge.report.page import (
    Code,
    Facts,
    Page,
    PageTable,
    Part,
    Picture,
    Points,
    Subject,
    Words,
)
from cloudgauge.report.page_data import shared_data
from cloudgauge.report.render import shown_columns, table_texts
from cloudgauge.report.scale import is_number, unit_of
from cloudgauge.report.themes import THEMES

_TEMPLATES = Path(__file__).parent / "templates"
_KINDS: Mapping[type[Any], str] = {
    Words: "words",
    Points: "points",
    Facts: "facts",
    Code: "code",
    Picture: "picture",
    PageTable: "table",
}


def to_page(page: Page, *, version: str) -> str:
    """Write a page as HTML.

    Args:
        page: What it tells.
        version: Of cloudgauge.

    Raises:
        MachineError: The extra is not installed.
    """
    environment = _environment()
    sections = _sections(page)
    vega = _vega() if any(one.figure.spec for one in page.pictures()) else ""
    script = _read("page.js")
    style = _read("page.css")
    # What is put into elements whose text is not parsed must not be escaped.
    raw = _markup()
    written: str = environment.get_template("page.html.j2").render(
        page=page,
        sections=sections,
        version=version,
        policy=_policy([vega, script] if vega else [script]),
        charts=raw(_charts(sections)),
        vega=raw(vega),
        script=raw(script),
        style=raw(style),
    )
    return written


def _policy(scripts: list[str]) -> str:
    """What the page may do: run these scripts, and look as it does."""
    hashes = " ".join(
        "'sha256-"
        + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        + "'"
        for text in scripts
    )
    # Vega sets styles of what it draws.
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _environment() -> Any:
    try:
        import jinja2  # noqa: PLC0415  an extra: only who writes a page has it
    except ModuleNotFoundError as exc:
        raise missing_extra(exc) from exc
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _finalize(value: object) -> object:
    """Make every text harmless that is not markup of ours."""
    return printable(value) if type(value) is str else value


def _markup() -> Any:
    from markupsafe import Markup  # noqa: PLC0415  Jinja's own

    return Markup


@lru_cache(maxsize=1)
def _vega() -> str:
    """Vega, Vega-Lite and Vega-Embed as one script."""
    try:
        import vl_convert  # noqa: PLC0415  an extra: only who writes a page has it
    except ModuleNotFoundError as exc:
        raise missing_extra(exc) from exc
    script: str = vl_convert.javascript_bundle(
        "window.vegaEmbed = vegaEmbed;", vl_version=VEGA_LITE
    )
    return script.replace("</script", "<\\/script")


def _read(name: str) -> str:
    return (_TEMPLATES / name).read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Head:
    label: str
    unit: str
    is_number: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    attributes: object
    cells: object


@dataclass(frozen=True, slots=True, kw_only=True)
class _Item:
    """A part with what its template needs; `vantage` is None for everyone's."""

    kind: str
    part: Part
    id: str
    vantage: str | None
    title: str = ""
    heads: tuple[_Head, ...] = ()
    rows: tuple[_Row, ...] = ()
    providers: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    table: "_Item | None" = None
    text: object = ""

    @property
    def figure(self) -> Any:
        return self.part.figure if isinstance(self.part, Picture) else None

    @property
    def drawn(self) -> bool:
        return isinstance(self.part, Picture) and self.part.figure.spec is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Section:
    name: str
    title: str
    parts: tuple[_Item, ...]


def _sections(page: Page) -> tuple[_Section, ...]:
    return tuple(
        _Section(
            name=section.name,
            title=section.title,
            parts=tuple(
                _item(part, f"{section.name}-{at}")
                for at, part in enumerate(section.parts)
            ),
        )
        for section in page.sections
    )


def _item(part: Part, place: str) -> _Item:
    kind, vantage = _KINDS[type(part)], part.vantage or None
    if isinstance(part, PageTable):
        return _table_item(part, place)
    if isinstance(part, Code):
        # Lines stay lines; whatever else a terminal would obey is shown.
        text = "\n".join(printable(line) for line in part.text.split("\n"))
        return _Item(
            kind=kind,
            part=part,
            id=place,
            vantage=vantage,
            text=_markup()(escape(text)),
        )
    below = None
    if isinstance(part, Picture) and part.table is not None:
        below = _table_item(part.table, f"{place}-data")
    return _Item(kind=kind, part=part, id=place, vantage=vantage, table=below)


def _table_item(part: PageTable, place: str) -> _Item:
    table = _head_first(part.table, part.head)
    columns = shown_columns(table)
    subjects = part.subjects or (None,) * len(table.rows)
    positions = {column.name: at for at, column in enumerate(table.columns)}
    places = [positions[column.name] for column in columns]
    numeric = [is_number(column) for column in columns]
    rows = tuple(
        _row(texts, [row[at] for at in places], numeric, subject)
        for texts, row, subject in zip(
            table_texts(table), table.rows, subjects, strict=True
        )
    )
    return _Item(
        kind="table",
        part=part,
        id=place,
        vantage=part.vantage or None,
        title=table.title,
        heads=tuple(
            _Head(label=column.label, unit=unit_of(column), is_number=is_number(column))
            for column in columns
        ),
        rows=rows,
        providers=tuple(sorted({one.provider for one in part.subjects})),
        areas=tuple(sorted({area for one in part.subjects for area in one.areas})),
    )


def _head_first(table: Table, head: str) -> Table:
    """The same with the column that names a row in front, where it stays."""
    names = [column.name for column in table.columns]
    order = [names.index(head), *(at for at, name in enumerate(names) if name != head)]
    return Table(
        name=table.name,
        title=table.title,
        columns=tuple(table.columns[at] for at in order),
        rows=tuple(tuple(row[at] for at in order) for row in table.rows),
    )


def _row(
    texts: list[str], cells: list[Cell], numeric: list[bool], subject: Subject | None
) -> _Row:
    raw = _markup()
    written = [f"<th scope=row>{_name(texts[0], subject)}</th>"]
    for text, cell, is_figure in zip(texts[1:], cells[1:], numeric[1:], strict=True):
        classes = " class=n" if is_figure else ""
        written.append(f"<td{classes}{_value(text, cell)}>{escape(text)}")
    return _Row(
        attributes=raw("".join(_attributes(subject))), cells=raw("".join(written))
    )


def _name(text: str, subject: Subject | None) -> str:
    if subject is None or not subject.anchor:
        return escape(text)
    return (
        f"{escape(text)} <button type=button class=back>"
        f'map<span class="hidden"> of {escape(text)}</span></button>'
    )


def _attributes(subject: Subject | None) -> Iterator[str]:
    if subject is None:
        return
    for name, text in (
        ("anchor", subject.anchor),
        ("provider", subject.provider),
        ("areas", " ".join(subject.areas)),
    ):
        if text:
            yield f' data-{name}="{escape(printable(text))}"'


def _value(text: str, cell: Cell) -> str:
    """By what a cell is sorted where its text does not say so."""
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        return ""
    number = f"{cell:.6g}"
    return "" if number == text else f" data-v={number}"


def _charts(sections: tuple[_Section, ...]) -> str:
    specs = {
        item.id: dict(item.figure.spec)
        for section in sections
        for item in section.parts
        if item.drawn
    }
    themes = {name: THEMES[name] for name in ("light", "dark")}
    named, shared = shared_data(specs)
    text = json.dumps(
        {"specs": named, "data": shared, "themes": themes},
        separators=(",", ":"),
        ensure_ascii=True,
        allow_nan=False,
    )
    # Neither the end of the element nor the start of a comment may stand in it.
    return text.replace("<", "\\u003c").replace(">", "\\u003e")
