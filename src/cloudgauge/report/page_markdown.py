"""A Page as Markdown: tables with their intervals, pictures in words."""

from collections.abc import Iterator

from cloudgauge.report.escape import markdown_cell, printable
from cloudgauge.report.page import (
    Code,
    Facts,
    Page,
    PageTable,
    Part,
    Picture,
    Points,
    Words,
)
from cloudgauge.report.render import table_to_markdown


def to_markdown(page: Page) -> str:
    """Write a page as Markdown; of every vantage, one after the other."""
    blocks = [f"# {markdown_cell(page.title)}", markdown_cell(page.lead)]
    blocks += [f"> **{markdown_cell(line)}**" for line in page.warnings]
    for section in page.sections:
        blocks.append(f"## {markdown_cell(section.title)}")
        for part in section.parts:
            blocks += _blocks(part)
    return "\n\n".join(block for block in blocks if block) + "\n"


def _blocks(part: Part) -> Iterator[str]:
    match part:
        case Words():
            yield from (markdown_cell(line) for line in part.lines)
        case Points():
            yield "\n".join(f"* {markdown_cell(line)}" for line in part.lines)
        case Facts():
            yield "\n".join(
                f"* **{markdown_cell(name)}**: {markdown_cell(text)}"
                for name, text in part.pairs
            )
        case Code():
            yield f"{markdown_cell(part.label)}:"
            yield "\n".join(f"    {printable(line)}" for line in part.text.split("\n"))
        case Picture():
            yield f"### {markdown_cell(part.figure.title)}{_whose(part.vantage)}"
            yield markdown_cell(part.figure.summary)
            if part.table is not None:
                yield from _blocks(part.table)
        case PageTable():
            if part.table.title:
                yield f"### {markdown_cell(part.table.title)}{_whose(part.vantage)}"
            yield f"{markdown_cell(part.caption)}:"
            yield table_to_markdown(part.table).rstrip("\n")


def _whose(vantage: str) -> str:
    return f" ({markdown_cell(vantage)})" if vantage else ""
