from pathlib import Path

import pytest

from cloudgauge.catalog.price_overlay import (
    overlay_files,
    overlay_of,
    overlays_and_others,
)
from tests.catalog.price_overlays import overlay_text
from tests.catalog.target_files import egress, endpoint, region, write

ROW = egress(regions=["aws/us-east-1"], currency="USD")


def told(text: str) -> list[str]:
    file = overlay_of(text, where="prices-aws.toml")
    assert file.refreshed
    return [str(error) for error in file.errors]


def test_an_overlay_is_a_sheet_of_its_own() -> None:
    file = overlay_of(overlay_text(ROW), where="prices-aws.toml")
    assert file.errors == ()
    assert file.table is not None
    assert len(file.table.egress) == 1
    assert (file.refreshed, file.provider, file.layer) == (
        *(True, None),
        "prices-aws.toml",
    )


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (ROW, "prices-aws.toml: schema_version: is missing"),
        (
            overlay_text(ROW).replace("schema_version = 1", "schema_version = 2"),
            "prices-aws.toml: schema_version: want 1, got 2",
        ),
        (
            overlay_text(ROW, at="1999-01-01T00:00:00Z"),
            "prices-aws.toml: retrieved_at: ",
        ),
        (
            overlay_text(region(), endpoint()),
            "prices-aws.toml: want sources and price rows alone",
        ),
        (
            overlay_text(ROW, provider="gcp"),
            'prices-aws.toml: egress[0].regions[0]: want "gcp/…" in this file, got',
        ),
        ("[[", "prices-aws.toml: is not TOML"),
    ],
)
def test_an_overlay_that_does_not_fit_is_told(text: str, wanted: str) -> None:
    assert told(text)[0].startswith(wanted)


def test_an_overlay_that_is_cut_short_is_told_with_its_name(tmp_path: Path) -> None:
    path = tmp_path / "prices-aws.toml"
    path.write_bytes(b"\xff\xfe")
    (file,) = overlay_files(tmp_path)
    assert [str(error) for error in file.errors] == [f"{path}: is not UTF-8 text"]


def test_files_that_somebody_names_are_parted_and_each_is_read_once(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "prices"
    folder.mkdir()
    inside, beside = folder / "prices-aws.toml", tmp_path / "copy.toml"
    inside.write_text(overlay_text(ROW), encoding="utf-8")
    beside.write_text(overlay_text(ROW, at="2026-10-01T00:00:00Z"), encoding="utf-8")
    broken, gone = tmp_path / "broken.toml", tmp_path / "gone.toml"
    broken.write_text("[[", encoding="utf-8")
    own = write(tmp_path, region(), endpoint())
    again = tmp_path / "prices" / ".." / "prices" / "prices-aws.toml"
    overlays, others = overlays_and_others(folder, (again, beside, own, broken, gone))
    assert [file.where for file in overlays] == [str(beside), str(inside)]
    assert others == (own, broken, gone)
    assert overlays_and_others(None, ()) == ((), ())
