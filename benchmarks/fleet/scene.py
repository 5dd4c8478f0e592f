"""What a lab's campaign measures: made-up targets all over the globe.

Each vantage is as far from each of them as its place says: no two vantages are alike.
"""

import itertools
import math
import re
from dataclasses import dataclass
from pathlib import Path

from benchmarks.fleet.lab import LabSpec
from benchmarks.instrument.load import JITTER, PROVIDER, targets_toml
from cloudgauge.model.quantity import format_duration
from cloudgauge.model.run import Vantage

# Turning on by this share of a circle from one to the next spreads points evenly.
_GOLDEN = 0.618_033_988_749_895
_NOWHERE = re.compile(r"^latitude = 0\.0\nlongitude = 0\.0$", re.MULTILINE)
VANTAGES = tuple(
    Vantage(
        name=name,
        city=name.title(),
        country=country,
        latitude_deg=latitude_deg,
        longitude_deg=longitude_deg,
    )
    for name, country, latitude_deg, longitude_deg in (
        ("tokyo", "JP", 35.68, 139.69),
        ("berlin", "DE", 52.52, 13.40),
        ("denver", "US", 39.74, -104.99),
        ("mumbai", "IN", 19.08, 72.88),
        ("sydney", "AU", -33.87, 151.21),
        ("lagos", "NG", 6.45, 3.40),
        ("bogota", "CO", 4.71, -74.07),
        ("dubai", "AE", 25.20, 55.27),
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Vantages, targets and the plan of a campaign.

    Attributes:
        vantages: Of `VANTAGES`, the first so many.
        targets: From 1 to 250.
        warm_requests: After the cold one of each visit.
    """

    vantages: int
    targets: int
    rounds: int
    round_ns: int
    warm_requests: int = 1

    @property
    def names(self) -> tuple[str, ...]:
        """Of the vantages, in the order of `VANTAGES`."""
        return tuple(vantage.name for vantage in VANTAGES[: self.vantages])

    @property
    def cells(self) -> int:
        """Cells of each vantage."""
        return self.targets * self.rounds

    @property
    def seconds(self) -> float:
        """From the first round's begin to the last one's end."""
        return self.rounds * self.round_ns / 1e9


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """The files of a scene."""

    plan: Path
    targets: Path
    vantages: tuple[Path, ...]
    lab: LabSpec


def write_scene(scene: Scene, folder: Path) -> Written:
    """Write a scene's files into *folder*, which is there."""
    plan, targets = folder / "plan.toml", folder / "targets.toml"
    plan.write_text(_plan_toml(scene), encoding="utf-8")
    targets.write_text(_targets_toml(scene.targets), encoding="utf-8")
    scenario = folder / "scenario.toml"
    scenario.write_text(_scenario_toml(scene), encoding="utf-8")
    vantages = VANTAGES[: scene.vantages]
    files = []
    for vantage in vantages:
        file = folder / f"{vantage.name}.toml"
        file.write_text(_vantage_toml(vantage), encoding="utf-8")
        files.append(file)
    lab = LabSpec(vantages=vantages, scenario=scenario, target_files=(targets,))
    return Written(plan=plan, targets=targets, vantages=tuple(files), lab=lab)


def _targets_toml(count: int) -> str:
    """The first *count* targets, each in a place of its own."""
    numbers = itertools.count()

    def somewhere(_: re.Match[str]) -> str:
        number = next(numbers)
        latitude_deg = math.degrees(math.asin(1 - (2 * number + 1) / count))
        longitude_deg = number * _GOLDEN % 1 * 360 - 180
        return f"latitude = {latitude_deg:.4f}\nlongitude = {longitude_deg:.4f}"

    return _NOWHERE.sub(somewhere, targets_toml(count))


def _plan_toml(scene: Scene) -> str:
    return f"""\
schema = 1
name = "fleet"
question = "Is any cell of a campaign lost when its machines fail?"
rounds = {scene.rounds}
round = "{format_duration(scene.round_ns)}"
controls = false

[select]
providers = ["{PROVIDER}"]

[[probe]]
kind = "latency"
warm_requests = {scene.warm_requests}

[ceilings]
visits_per_s = 1000.0
visits_per_s_provider = 1000.0
visits_per_s_host = 10.0
"""


def _vantage_toml(vantage: Vantage) -> str:
    return f"""\
name = "{vantage.name}"
city = "{vantage.city}"
country = "{vantage.country}"
latitude = {vantage.latitude_deg}
longitude = {vantage.longitude_deg}
"""


def _scenario_toml(scene: Scene) -> str:
    """One for all vantages, so that what they measure can be merged."""
    vantages = VANTAGES[: scene.vantages]
    head = f'name = "fleet"\nseed = 1\n\n[path]\njitter = "{JITTER}"\nloss = 0.0\n'
    places = (f"\n[[vantage]]\n{_vantage_toml(vantage)}" for vantage in vantages)
    return head + "".join(places)
