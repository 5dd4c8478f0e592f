import json
import re
from pathlib import Path

import pytest

from cloudgauge.store.folder import CHECKSUMS, DATA_PACKAGE, names_in, sha256_of
from tests.store.synthetic import keep_set, make_plan, make_samples

PLAN = make_plan()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return keep_set(tmp_path, PLAN, make_samples(PLAN))


def test_the_data_package_lists_each_file_with_its_size_and_hash(folder: Path) -> None:
    package = json.loads((folder / DATA_PACKAGE).read_text())
    resources = package["resources"]
    listed = {resource["path"] for resource in resources}
    assert listed == set(names_in(folder)) - {DATA_PACKAGE, CHECKSUMS}
    for resource in resources:
        path = folder / resource["path"]
        assert resource["type"] == "file"
        assert resource["bytes"] == path.stat().st_size
        assert resource["hash"] == f"sha256:{sha256_of(path)}"
        # A resource's name may hold nothing else (Data Package 2).
        assert re.fullmatch(r"[a-z0-9._-]+", resource["name"])
    assert len({resource["name"] for resource in resources}) == len(resources)
    assert package["created"] == "2026-01-15T12:00:00Z"


def test_the_citation_names_the_run(folder: Path) -> None:
    lines = (folder / "CITATION.cff").read_text().split("\n")
    assert lines[0] == "cff-version: 1.2.0"
    assert 'title: "cloudgauge: made-up from lab"' in lines
    assert "date-released: 2026-01-15" in lines
    assert f'    value: "cloudgauge:{"0123456789abcdef" * 2}"' in lines
