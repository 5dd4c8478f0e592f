"""A Page as one file of HTML that works offline and asks for nothing.

Every text passes `printable` and Jinja's escaping. The Content-Security-Policy admits
the file's own scripts by their hashes and nothing else: no request can leave the page,
whatever a result set holds. Data of pictures stand in a script element of JSON, equal
parts once (the outline of the land).
"""

import base64
import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from cloudgauge.report.escape import printable
from cloudgauge.report.extra import missing_extra
from cloudgauge.report.figure import VEGA_LITE
from cloudgauge.report.page import Page
from cloudgauge.report.page_data import shared_data
from cloudgauge.report.page_items import SectionItems, items_of, markup
from cloudgauge.report.themes import THEMES

_TEMPLATES = Path(__file__).parent / "templates"


def to_page(page: Page, *, version: str) -> str:
    """Write a page as HTML.

    Args:
        page: What it tells.
        version: Of cloudgauge.

    Raises:
        MachineError: The extra is not installed.
    """
    environment = _environment()
    sections = items_of(page)
    vega = _vega() if any(one.figure.spec for one in page.pictures()) else ""
    script = _read("page.js")
    style = _read("page.css")
    # What is put into elements whose text is not parsed must not be escaped.
    raw = markup()
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


def prepare() -> None:
    """Put Vega's scripts together, which takes a second, for `to_page` to find.

    It leaves the interpreter to others meanwhile.

    Raises:
        MachineError: The extra is not installed.
    """
    _vega()


def check_extra() -> None:
    """Find out whether a page can be written.

    Raises:
        MachineError: The extra is not installed.
    """
    _environment()
    _converter()


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


@lru_cache(maxsize=1)
def _vega() -> str:
    """Vega, Vega-Lite and Vega-Embed as one script."""
    script: str = _converter().javascript_bundle(
        "window.vegaEmbed = vegaEmbed;", vl_version=VEGA_LITE
    )
    return script.replace("</script", "<\\/script")


def _converter() -> Any:
    try:
        import vl_convert  # noqa: PLC0415  an extra: only who writes a page has it
    except ModuleNotFoundError as exc:
        raise missing_extra(exc) from exc
    return vl_convert


def _read(name: str) -> str:
    return (_TEMPLATES / name).read_text(encoding="utf-8")


def _charts(sections: tuple[SectionItems, ...]) -> str:
    figures = {
        item.id: item.figure
        for section in sections
        for item in section.parts
        if item.figure is not None
    }
    specs = {name: one.spec for name, one in figures.items() if one.spec is not None}
    aspects = {name: one.aspect for name, one in figures.items() if one.aspect}
    themes = {name: THEMES[name] for name in ("light", "dark")}
    named, shared = shared_data(specs)
    text = json.dumps(
        {"specs": named, "aspects": aspects, "data": shared, "themes": themes},
        separators=(",", ":"),
        ensure_ascii=True,
        allow_nan=False,
    )
    # Neither the end of the element nor the start of a comment may stand in it.
    return text.replace("<", "\\u003c").replace(">", "\\u003e")
