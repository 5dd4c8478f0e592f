"""The manifest of a copy for sharing: what is taken out, and what takes its place.

What must be there and is not to be known is ``unknown``, and of counts 0, as in sets
that others measured.
"""

import math
import re
from dataclasses import dataclass, replace
from typing import Any

from cloudgauge.model.calibration import Calibration
from cloudgauge.model.redaction import Redaction
from cloudgauge.model.run import Environment, Imported, RunInfo, Vantage
from cloudgauge.store.manifest import Manifest
from cloudgauge.store.redactable import COORDINATES, FILES, VANTAGE_NAME
from cloudgauge.store.schema import BIN_NAMES, NAMES, SCHEMA_VERSION

_UNKNOWN = "unknown"
_OWN_ROOTS = "the user's own"
# As `measure.trust` says where the roots came from.
_USUAL_ROOTS = ("certifi", "system", _UNKNOWN)
_RELEASE = re.compile(r"(\S+)(?: (\d+\.\d+))?")
_KM_PER_DEGREE = 111.2
# What the analysis allows for where a vantage does not say how well it knows its place.
_UNSAID_KM = 50.0
_MOST_KM = 20_000.0
_BINS = "bins."


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What is to be taken out of a set.

    Attributes:
        fields: Names of `redactable.REDACTABLE`, none of which has to stay.
        vantage_name: What the vantage is to be called; None for what it is.
        within_km: Coordinates are moved by up to so much; None to leave them.
    """

    fields: frozenset[str]
    vantage_name: str | None = None
    within_km: float | None = None

    @property
    def columns(self) -> frozenset[str]:
        """Columns of the samples that are to be absent."""
        return self.fields & set(NAMES)

    @property
    def bin_columns(self) -> frozenset[str]:
        """Columns of the bins that are to be absent."""
        return frozenset(name for name in BIN_NAMES if f"{_BINS}{name}" in self.fields)

    @property
    def with_files(self) -> bool:
        """Whether files that others put into the folder go with it."""
        return FILES not in self.fields

    def applied_to(self, manifest: Manifest) -> tuple[str, ...]:
        """The fields that a set like this can have, and that are taken out; sorted."""
        run = manifest.run
        found = {name for name in self.fields if _can_have(name, manifest)}
        if self.vantage_name not in (None, run.vantage.name):
            found.add(VANTAGE_NAME)
        if self.within_km is not None and run.vantage.latitude_deg is not None:
            found.add(COORDINATES)
        return tuple(sorted(found))


def redacted_manifest(
    manifest: Manifest, wishes: Wishes, redaction: Redaction
) -> Manifest:
    """What a copy says of its run.

    Args:
        manifest: Of the original, sealed.
        wishes: What is to be taken out.
        redaction: What is said of that.
    """
    run, fields = manifest.run, wishes.fields
    outcome = manifest.outcome
    if outcome is not None and "outcome.detail" in fields:
        outcome = replace(outcome, detail="")
    made = replace(
        run,
        vantage=_vantage(run.vantage, wishes),
        environment=_environment(run.environment, fields),
        calibration=_calibration(run.calibration, fields),
        imported=_imported(run, fields),
        redacted=redaction,
    )
    # It is sealed by this program, with the columns of its version.
    return replace(manifest, run=made, outcome=outcome, schema_version=SCHEMA_VERSION)


def _can_have(name: str, manifest: Manifest) -> bool:
    head = name.partition(".")[0]
    if head == "bins":
        return bool(manifest.plan.objects or manifest.counts.bins)
    if head == "calibration":
        return manifest.run.calibration is not None
    return head != "imported" or manifest.run.imported is not None


def _vantage(vantage: Vantage, wishes: Wishes) -> Vantage:
    changes: dict[str, Any] = {
        key: None
        for key in ("city", "country", "network_type", "asn", "cloud_region")
        if f"vantage.{key}" in wishes.fields
    }
    if wishes.vantage_name is not None:
        changes["name"] = wishes.vantage_name
    if COORDINATES in wishes.fields:
        for key in ("latitude_deg", "longitude_deg", "uncertainty_km"):
            changes[key] = None
    elif wishes.within_km is not None:
        changes |= _moved(vantage, wishes.within_km)
    return replace(vantage, **changes)


def _moved(vantage: Vantage, within_km: float) -> dict[str, float]:
    """The middle of a cell of a grid whose corners are *within_km* of it."""
    if vantage.latitude_deg is None or vantage.longitude_deg is None:
        return {}
    step = within_km * math.sqrt(2) / _KM_PER_DEGREE
    latitude = min(90.0, max(-90.0, _middle(vantage.latitude_deg, step)))
    # Where a degree of longitude is longest within the cell, so that none is farther.
    nearest = max(0.0, abs(latitude) - step / 2)
    wide = min(360.0, step / max(math.cos(math.radians(nearest)), 1e-6))
    longitude = _middle(vantage.longitude_deg + 180, wide) % 360 - 180
    known_km = vantage.uncertainty_km or _UNSAID_KM
    return {
        "latitude_deg": round(latitude, 4),
        "longitude_deg": round(longitude, 4),
        "uncertainty_km": min(_MOST_KM, math.ceil(known_km + within_km)),
    }


def _middle(degrees: float, step: float) -> float:
    return (math.floor(degrees / step) + 0.5) * step


def _environment(environment: Environment, fields: frozenset[str]) -> Environment:
    changes: dict[str, Any] = {
        key: _UNKNOWN
        for key in ("python", "machine", "event_loop")
        if f"environment.{key}" in fields
    }
    if "environment.cpu_count" in fields:
        changes["cpu_count"] = 0
    if "environment.packages" in fields:
        changes["packages"] = ()
    if "environment.system" in fields:
        changes["system"] = _system(environment.system)
    if "environment.trust_store" in fields:
        changes["trust_store"] = _roots(environment.trust_store)
    return replace(environment, **changes)


def _system(text: str) -> str:
    """System and the first two numbers of its release."""
    match = _RELEASE.match(text)
    return " ".join(filter(None, match.groups())) if match else _UNKNOWN


def _roots(text: str) -> str:
    kind = text.partition(" ")[0]
    return kind if kind in _USUAL_ROOTS else _OWN_ROOTS


def _calibration(
    calibration: Calibration | None, fields: frozenset[str]
) -> Calibration | None:
    if calibration is None or "calibration" in fields:
        return None
    if "calibration.machine" in fields:
        return replace(calibration, machine=_UNKNOWN)
    return calibration


def _imported(run: RunInfo, fields: frozenset[str]) -> Imported | None:
    imported = run.imported
    # A frame has no name that could be taken out.
    if imported is None or not imported.source or "imported.source" not in fields:
        return imported
    return replace(imported, source="a file")
