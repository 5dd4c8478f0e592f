from pathlib import Path

import pytest

from cloudgauge.errors import ConfigError
from cloudgauge.settings.vantage_file import choose_vantage, read_vantage

TOKYO = """
name = "tokyo"
city = "Tokyo"
country = "JP"
latitude = 35.68
longitude = 139.76
network_type = "datacenter"
asn = 64500
"""


@pytest.fixture
def tokyo(tmp_path: Path) -> Path:
    path = tmp_path / "vantage.toml"
    path.write_text(TOKYO, encoding="utf-8")
    return path


def test_a_vantage_is_read_with_all_that_it_says(tokyo: Path) -> None:
    vantage = read_vantage(tokyo)
    assert (vantage.name, vantage.latitude_deg, vantage.asn) == ("tokyo", 35.68, 64500)
    assert vantage.cloud_region is None


def test_a_vantage_says_how_well_it_knows_its_place(tokyo: Path) -> None:
    assert read_vantage(tokyo).uncertainty_km is None
    tokyo.write_text(TOKYO + "uncertainty_km = 2.5\n", encoding="utf-8")
    assert read_vantage(tokyo).uncertainty_km == 2.5
    tokyo.write_text(TOKYO + "uncertainty_km = 0\n", encoding="utf-8")
    with pytest.raises(
        ConfigError, match=r"vantage\.toml: uncertainty_km must be in \(0, 20000\]"
    ):
        read_vantage(tokyo)


def test_an_unknown_key_is_refused_with_the_nearest_known_one(tmp_path: Path) -> None:
    path = tmp_path / "vantage.toml"
    path.write_text('name = "a"\nlatitud = 1.0\n', encoding="utf-8")
    with pytest.raises(ConfigError, match=r'latitud: unknown key.*mean "latitude"'):
        read_vantage(path)


def test_half_a_place_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "vantage.toml"
    path.write_text('name = "a"\nlatitude = 1.0\n', encoding="utf-8")
    with pytest.raises(ConfigError, match="longitude_deg go together"):
        read_vantage(path)


def test_the_default_file_counts_when_it_is_there(tokyo: Path) -> None:
    assert choose_vantage(None, None, tokyo).city == "Tokyo"
    assert choose_vantage("tokyo", None, tokyo).city == "Tokyo"


def test_another_name_takes_nothing_from_the_file(tokyo: Path) -> None:
    vantage = choose_vantage("osaka", None, tokyo)
    assert (vantage.name, vantage.city, vantage.latitude_deg) == ("osaka", None, None)


def test_without_file_and_name_the_vantage_is_unnamed(tmp_path: Path) -> None:
    assert choose_vantage(None, None, tmp_path / "none.toml").name == "unnamed"


def test_a_file_that_was_asked_for_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        choose_vantage(None, tmp_path / "none.toml", tmp_path / "other.toml")


def test_a_name_that_cannot_be_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r'--vantage: name must be .*"../x"'):
        choose_vantage("../x", None, tmp_path / "none.toml")
