"""The catalogue as its user knows it."""

from datetime import date
from pathlib import Path

import pytest

from cloudgauge.catalog.evidence import Evidence, Network
from cloudgauge.catalog.evidence_files import write_evidence
from cloudgauge.catalog.loader import load_catalog
from cloudgauge.errors import ConfigError
from cloudgauge.model.target import Confidence, Target
from cloudgauge.workflow.choosing import EvidenceShelf, known_catalog
from tests.catalog.evidence_values import disappointed, evidence_of, found
from tests.catalog.target_files import endpoint, region, write

DAY = date(2021, 6, 1)


def mine(folder: Path) -> Path:
    old = "2020-01-01"
    return write(folder, region(checked=old), endpoint(checked=old))


def known(file: Path, shelf: EvidenceShelf | None) -> Target:
    (target,) = known_catalog((file,), shelf).targets_of("acme/rotterdam-1")
    return target


def test_without_evidence_it_is_what_the_files_have(tmp_path: Path) -> None:
    file = mine(tmp_path)
    shelf = EvidenceShelf(folder=tmp_path / "none", inside_world=False, today=DAY)
    as_written = load_catalog((file,))
    assert known_catalog((file,)) == as_written
    assert known_catalog((file,), shelf) == as_written


@pytest.mark.parametrize("inside", [False, True])
def test_only_evidence_of_the_network_we_are_in_counts(
    tmp_path: Path, *, inside: bool
) -> None:
    file = mine(tmp_path)
    (target,) = (known(file, None),)
    checks: list[Evidence] = [
        evidence_of(found(target, day=DAY), network=Network.REAL),
        evidence_of(disappointed(target, DAY), network=Network.PRIVATE, hour=13),
    ]
    for check in checks:
        write_evidence(tmp_path / "evidence", check)
    shelf = EvidenceShelf(folder=tmp_path / "evidence", inside_world=inside, today=DAY)
    provenance = known(file, shelf).endpoint.provenance
    assert provenance.checked == DAY
    assert provenance.confidence is (Confidence.LOW if inside else Confidence.HIGH)
    assert shelf.evidence() == (checks[inside],)


def test_a_clock_that_is_wrong_is_told(tmp_path: Path) -> None:
    target = known(mine(tmp_path), None)
    write_evidence(tmp_path, evidence_of(found(target, day=date(2031, 1, 1))))
    shelf = EvidenceShelf(folder=tmp_path, inside_world=False, today=DAY)
    with pytest.raises(ConfigError, match=r"is a clock wrong\?"):
        known_catalog((), shelf)
