import dataclasses
from collections.abc import Iterator

from cloudgauge.model.run import Environment, Imported, RunInfo, RunOutcome, Vantage
from cloudgauge.store.manifest import Manifest
from cloudgauge.store.redactable import BY_NAME, DEFAULT, REDACTABLE, Treatment
from cloudgauge.store.schema import BIN_COLUMNS, COLUMNS

# Keys of the manifest that stand for more than one of it, or for a part of one.
_COORDINATES = ("latitude_deg", "longitude_deg", "uncertainty_km")
_TABLES = {
    "vantage": Vantage,
    "environment": Environment,
    "imported": Imported,
    "outcome": RunOutcome,
}


def _names(kind: type) -> list[str]:
    return [field.name for field in dataclasses.fields(kind)]


def _keys() -> Iterator[str]:
    for name in _names(Manifest):
        if name not in ("run", "outcome"):
            yield name
    for name in _names(RunInfo):
        if name == "calibration":
            yield from ("calibration", "calibration.machine")
        elif name not in _TABLES:
            yield f"run.{name}"
    for table, kind in _TABLES.items():
        for name in _names(kind):
            yield f"{table}.{'coordinates' if name in _COORDINATES else name}"


def test_every_column_and_every_key_has_its_treatment() -> None:
    wanted = {column.name for column in COLUMNS}
    wanted |= {f"bins.{column.name}" for column in BIN_COLUMNS}
    wanted |= {*_keys(), "files"}

    assert {one.name for one in REDACTABLE} == wanted
    assert len(BY_NAME) == len(REDACTABLE)
    assert all(one.why for one in REDACTABLE)


def test_what_a_column_must_have_is_never_taken_out() -> None:
    needed = {column.name for column in COLUMNS if not column.nullable}
    needed |= {f"bins.{column.name}" for column in BIN_COLUMNS if not column.nullable}

    assert {BY_NAME[name].treatment for name in needed} == {Treatment.STAYS}


def test_what_goes_by_default_is_what_identifies() -> None:
    assert {
        "calibration.machine",
        "environment.system",
        "environment.trust_store",
        "failure_detail",
        "files",
        "imported.source",
        "local_port",
        "outcome.detail",
        "remote_address",
    } == DEFAULT
