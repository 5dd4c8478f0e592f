import json
import re
import subprocess
import sys
from base64 import b64decode
from pathlib import Path

import pytest

from cloudgauge.errors import ConfigError, MachineError
from cloudgauge.report.extra import missing_extra
from cloudgauge.report.figure import VEGA_LITE_MIME, Figure
from tests.report.figures.drawings import HOSTILE, KINDS, drawings

NOTHING = Figure(
    name="none",
    title=f"<b>{HOSTILE}",
    caption="Nothing answered.",
    summary="Nothing answered.",
    why_not=f"Nothing answered: {HOSTILE}.",
)


def strips() -> Figure:
    return drawings()["strips"]


def test_a_figure_has_a_picture_or_says_why_not() -> None:
    with pytest.raises(ValueError, match="either a specification or why"):
        Figure(name="x", title="", caption="", summary="")


def test_a_theme_is_put_in_when_it_is_shown() -> None:
    spec = strips().themed("dark", width_px=390)
    assert spec["width"] == 390
    assert spec["config"]["background"] == "#0D1117"
    assert spec["description"] == strips().summary
    assert strips().themed()["width"] == "container"


def test_a_map_keeps_its_shape_at_every_width() -> None:
    spec = drawings()["world-map"].themed(width_px=1_000)
    assert spec["height"] == 700


def test_a_region_on_the_map_leads_to_the_same_page_and_nowhere_else() -> None:
    drawn = drawings()["world-map"].svg()
    links = re.findall(r'href="([^"]*)"', drawn)
    assert sorted(links) == sorted(
        f"#region-{one}"
        for one in (
            "alibaba-region-0",
            "aws-region-1",
            "azure-region-2",
            "gcp-region-3",
        )
    )
    assert 'aria-label="alibaba/region-0"' in drawn


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_in_a_picture_is_fetched(kind: str) -> None:
    drawn = drawings()[kind].svg()
    addresses = re.findall(r"(?:https?:)?//[^\s\"'<>]+", drawn)
    assert set(addresses) <= {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }


def test_a_notebook_is_given_a_picture_that_needs_no_browser() -> None:
    bundle = strips()._repr_mimebundle_()
    assert set(bundle) == {
        "text/plain",
        "text/html",
        "image/svg+xml",
        VEGA_LITE_MIME,
    }
    assert bundle["image/svg+xml"].startswith("<svg")
    assert bundle[VEGA_LITE_MIME]["config"]["background"] is None
    assert "data:image/svg+xml;base64," in bundle["text/html"]
    assert bundle["text/plain"].startswith("<Figure: Connect by region>\n")
    assert "5 % of" not in bundle["text/plain"]
    json.dumps(bundle)
    shown = re.search(r'base64,([^"]*)"', bundle["text/html"])
    assert shown
    assert b64decode(shown[1]).decode() == bundle["image/svg+xml"]


def test_a_notebook_is_told_why_there_is_no_picture() -> None:
    bundle = NOTHING._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/html"}
    assert "<script" not in bundle["text/html"]
    assert "&lt;script&gt;" in bundle["text/html"]
    assert "\x1b" not in "".join(bundle.values())


@pytest.mark.parametrize(
    ("ending", "begins"),
    [(".svg", b"<svg"), (".png", b"\x89PNG"), (".pdf", b"%PDF"), (".json", b"{")],
)
def test_a_picture_is_saved_by_its_ending(
    tmp_path: Path, ending: str, begins: bytes
) -> None:
    place = strips().save(tmp_path / f"picture{ending}", width_px=390)
    assert place.read_bytes().startswith(begins)


def test_a_saved_page_needs_no_network(tmp_path: Path) -> None:
    page = strips().save(tmp_path / "picture.html").read_text()
    assert '<script src="http' not in page
    assert "vegaEmbed" in page


def test_another_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r'want a file that ends in .* got ".gif"'):
        strips().save(tmp_path / "picture.gif")


def test_what_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(MachineError, match=r"picture\.json: cannot be written"):
        strips().save(tmp_path / "nowhere" / "picture.json")


def test_nothing_cannot_be_saved(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="Nothing answered"):
        NOTHING.save(tmp_path / "picture.svg")


def test_a_missing_extra_is_named_with_the_cure() -> None:
    error = missing_extra(ModuleNotFoundError("no", name="altair"))
    assert str(error) == (
        "pictures and the page need altair, which is not installed: "
        'pip install "cloudgauge[report]"'
    )


@pytest.mark.parametrize(
    ("module", "does"),
    [
        ("altair", "import cloudgauge.report.figures.strips"),
        (
            "vl_convert",
            "from cloudgauge.report.figure import Figure\n"
            "Figure(name='a', title='', caption='', summary='', spec={}).svg()",
        ),
    ],
)
def test_without_the_extra_there_is_one_clear_sentence(module: str, does: str) -> None:
    program = f"import sys\nsys.modules[{module!r}] = None\n{does}"
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 1
    assert "MachineError: pictures and the page need" in ended.stderr
    assert 'pip install "cloudgauge[report]"' in ended.stderr


def test_values_and_themes_load_no_library_of_pictures() -> None:
    program = (
        "import sys\n"
        "import cloudgauge.report.figure, cloudgauge.report.figures.values\n"
        "import cloudgauge.workflow.plotting\n"
        "assert not {'altair', 'vl_convert', 'pandas'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
