"""What the pictures are drawn with: lines, labels, and a head for light and dark."""

from xml.sax.saxutils import escape, quoteattr

# Okabe and Ito's palette, told apart by colour-blind readers.
GREEN, VERMILION, BLUE, PURPLE = "#009e73", "#d55e00", "#0072b2", "#cc79a7"
GREY = "#888"


def head(width: int, height: int, says: str) -> str:
    """The beginning of a picture that says *says* to who cannot see it."""
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"
 role="img" aria-label={quoteattr(says)}>
<style>
 text {{ font: 13px system-ui, sans-serif; fill: #222 }}
 .grid {{ stroke: {GREY}; stroke-opacity: 0.3 }}
 .goal {{ stroke: {GREY}; stroke-dasharray: 1 3 }}
 .band {{ fill: {GREY}; fill-opacity: 0.18 }}
 @media (prefers-color-scheme: dark) {{ text {{ fill: #ddd }} }}
</style>"""


def line(kind: str, x1: float, y1: float, x2: float, y2: float) -> str:
    """A line of the class *kind*."""
    ends = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
    return f'<line class="{kind}" {ends}/>'


def label(x: float, y: float, text: str, anchor: str) -> str:
    """A text whose *anchor* (start, middle or end) is at a point."""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
