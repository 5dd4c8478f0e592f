"""A picture with its words: shown in a notebook, put into a page, saved as a file."""

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from cloudgauge.errors import ConfigError, MachineError
from cloudgauge.report.escape import printable
from cloudgauge.report.extra import missing_extra
from cloudgauge.report.themes import THEMES, Theme

Spec = Mapping[str, Any]

VEGA_LITE_MIME = "application/vnd.vegalite.v6+json"
VEGA_LITE = "6.4"
"""The version that specifications are of, and that draws them."""

# What vl-convert puts before an address without a host, as of a row of the page.
_BASE = "https://vega.github.io/vega-datasets/"
_WIDTH_PX = 720
_SCALE = 2.0
_SUFFIXES = (".svg", ".png", ".pdf", ".html", ".json")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Figure:
    """A picture, or why there is none.

    Attributes:
        name: Key: lower case, hyphens.
        title: A few words.
        caption: What is drawn, of how many, with which intervals; whole sentences.
        summary: The same in words, for readers who do not see it.
        spec: A Vega-Lite specification without a theme, as wide as what it is put
            into; None where there is nothing to draw.
        why_not: Shown in place of the picture; "" if there is one.
        aspect: Height of the inside over its width; None: the specification says it.
    """

    name: str
    title: str
    caption: str
    summary: str
    spec: Spec | None = None
    why_not: str = ""
    aspect: float | None = None

    def __post_init__(self) -> None:
        if (self.spec is None) == (not self.why_not):
            msg = f"{self.name}: want either a specification or why there is none"
            raise ValueError(msg)

    def themed(self, theme: Theme = "either", *, width_px: int | None = None) -> Spec:
        """The specification with a theme, and the summary for who does not see it.

        Args:
            theme: ``either`` can be read on white and on black.
            width_px: None: as wide as what it is put into.

        Raises:
            ConfigError: There is nothing to draw.
        """
        if self.spec is None:
            raise ConfigError(self.name, self.why_not)
        sized: dict[str, Any] = {}
        if width_px is not None:
            sized["width"] = width_px
            if self.aspect is not None:
                sized["height"] = round(width_px * self.aspect)
        words = {"description": printable(self.summary)}
        return {**self.spec, **sized, **words, "config": THEMES[theme]}

    def svg(self, theme: Theme = "either", *, width_px: int = _WIDTH_PX) -> str:
        """The picture as SVG: text stays text, no script.

        Raises:
            ConfigError: There is nothing to draw.
            MachineError: The extra is not installed.
        """
        spec = self.themed(theme, width_px=width_px)
        drawn: str = _vl_convert().vegalite_to_svg(spec, vl_version=VEGA_LITE)
        return drawn.replace(f'xlink:href="{_BASE}#', 'xlink:href="#')

    def png(
        self, theme: Theme = "light", *, width_px: int = _WIDTH_PX, scale: float = 2.0
    ) -> bytes:
        """The picture as PNG, *scale* dots a pixel.

        Raises:
            ConfigError: There is nothing to draw.
            MachineError: The extra is not installed.
        """
        spec = self.themed(theme, width_px=width_px)
        drawn: bytes = _vl_convert().vegalite_to_png(
            spec, vl_version=VEGA_LITE, scale=scale
        )
        return drawn

    def save(
        self, path: str | Path, *, theme: Theme = "light", width_px: int = _WIDTH_PX
    ) -> Path:
        """Write the picture to a file, by its ending; no browser and no network.

        Args:
            path: Ending in .svg, .png, .pdf, .html or .json.
            theme: Of a .json file too.
            width_px: Of .html and .json no matter: they fill what they are put into.

        Returns:
            The path.

        Raises:
            ConfigError: There is nothing to draw, or the ending is another.
            MachineError: The extra is not installed, or the file cannot be written.
        """
        place = Path(path)
        drawn = self._drawn(place.suffix.lower(), theme, width_px)
        try:
            place.write_bytes(drawn)
        except OSError as exc:
            msg = f"{place}: cannot be written: {exc.strerror}"
            raise MachineError(msg) from exc
        return place

    def _drawn(self, suffix: str, theme: Theme, width_px: int) -> bytes:
        match suffix:
            case ".svg":
                return self.svg(theme, width_px=width_px).encode()
            case ".png":
                return self.png(theme, width_px=width_px, scale=_SCALE)
            case ".pdf":
                spec = self.themed(theme, width_px=width_px)
                pdf: bytes = _vl_convert().vegalite_to_pdf(spec, vl_version=VEGA_LITE)
                return pdf
            case ".html":
                html: str = _vl_convert().vegalite_to_html(
                    self.themed(theme), vl_version=VEGA_LITE, bundle=True
                )
                return html.encode()
            case ".json":
                return json.dumps(self.themed(theme), indent=1).encode()
        problem = f'want a file that ends in {", ".join(_SUFFIXES)}, got "{suffix}"'
        raise ConfigError(self.name, problem)

    def __repr__(self) -> str:
        return f"<Figure: {printable(self.title)}>"

    def _repr_html_(self) -> str:
        """The picture between its title and its caption."""
        return self._framed(None if self.spec is None else self.svg())

    def _framed(self, drawn: str | None) -> str:
        return (
            f"<figure><p><b>{_text(self.title)}</b></p>{self._shown(drawn)}"
            f"<figcaption>{_text(self.caption)}</figcaption></figure>"
        )

    def _shown(self, drawn: str | None) -> str:
        if drawn is None:
            return f"<p>{_text(self.why_not)}</p>"
        # As an image: names inside it cannot meet those of other pictures beside it.
        data = b64encode(drawn.encode()).decode("ascii")
        return (
            f'<img src="data:image/svg+xml;base64,{data}" alt="{_text(self.summary)}" '
            'style="max-width:100%">'
        )

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> dict[str, Any]:
        """For every front end of notebooks, without network or browser."""
        del include, exclude  # the front end takes what it can
        # Drawn once: it takes longer than all else in most cells.
        drawn = None if self.spec is None else self.svg()
        bundle: dict[str, Any] = {
            "text/plain": f"{self!r}\n{printable(self.summary)}",
            "text/html": self._framed(drawn),
        }
        if drawn is not None:
            title = {"text": printable(self.title), "anchor": "start"}
            bundle[VEGA_LITE_MIME] = {**self.themed(), "title": title}
            bundle["image/svg+xml"] = drawn
        return bundle


def _text(text: str) -> str:
    return escape(printable(text))


def _vl_convert() -> Any:
    # A second of start and 100 MB: only who draws waits for it.
    try:
        import vl_convert  # noqa: PLC0415  see above
    except ModuleNotFoundError as exc:
        raise missing_extra(exc) from exc
    return vl_convert
