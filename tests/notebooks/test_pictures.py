"""The README's pictures: one of each kind, drawn by a program that lies beside them."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PICTURES = sorted((ROOT / "notebooks" / "pictures").glob("*.svg"))
SCREENSHOT = ROOT / "notebooks" / "pictures" / "report.png"
README = (ROOT / "README.md").read_text(encoding="utf-8")
PROGRAM = ROOT / "notebooks" / "making" / "pictures.py"
MOST_BYTES = 250_000


def test_the_readme_shows_each_picture_that_the_program_draws() -> None:
    shown = re.findall(r"!\[[^]]{20,}\]\(notebooks/pictures/([\w-]+)\.svg\)", README)
    drawn = re.findall(r'^        "([\w-]+)": ', PROGRAM.read_text("utf-8"), re.M)

    assert sorted(shown) == sorted(drawn) == [path.stem for path in PICTURES]


def test_the_readme_shows_the_page_as_a_browser_does() -> None:
    shown = re.findall(r"!\[[^]]{20,}\]\(notebooks/pictures/([\w-]+\.png)\)", README)
    picture = SCREENSHOT.read_bytes()

    assert shown == [SCREENSHOT.name]
    assert picture.startswith(b"\x89PNG\r\n")
    assert len(picture) < MOST_BYTES


@pytest.mark.parametrize("path", PICTURES, ids=lambda path: path.stem)
def test_a_picture_is_small_and_loads_nothing(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert len(text) < MOST_BYTES
    assert "<script" not in text
    assert set(re.findall(r'(?:href|src)="([^"]+)"', text)) == set()
    assert set(re.findall(r"https?://[^\"' )]+", text)) <= {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }
