"""A Document as a fragment of HTML, for notebooks: no script, no style of its own."""

from html import escape

from cloudgauge.report.document import Document, Table
from cloudgauge.report.escape import printable
from cloudgauge.report.render import shown_columns, table_texts
from cloudgauge.report.scale import heading, is_number


def to_html(document: Document) -> str:
    """The whole document as tables, notes last; every text is escaped."""
    parts = [f"<p><b>{_text(document.title)}</b></p>"]
    for table in document.tables:
        if table.title:
            parts.append(f"<p>{_text(table.title)}</p>")
        parts.append(_table(table))
    for title, lines in (
        ("Notes", document.notes),
        ("Provenance", document.provenance),
    ):
        if lines:
            items = "".join(f"<li>{_text(line)}</li>" for line in lines)
            parts.append(f"<p>{title}</p><ul>{items}</ul>")
    return "\n".join(parts)


def _table(table: Table) -> str:
    columns = shown_columns(table)
    aligns = ["right" if is_number(column) else "left" for column in columns]
    heads = [heading(column) for column in columns]
    rows = "\n".join(_row("td", texts, aligns) for texts in table_texts(table))
    head = _row("th", heads, aligns)
    return f"<table><thead>{head}</thead><tbody>\n{rows}\n</tbody></table>"


def _row(tag: str, texts: list[str], aligns: list[str]) -> str:
    cells = "".join(
        f'<{tag} style="text-align:{align}">{_text(text)}</{tag}>'
        for text, align in zip(texts, aligns, strict=True)
    )
    return f"<tr>{cells}</tr>"


def _text(text: str) -> str:
    return escape(printable(text))
