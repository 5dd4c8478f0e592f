"""The private network for a user: what it would be, and commands inside it."""

import shutil
import sys
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from cloudgauge.catalog.geography import great_circle_km
from cloudgauge.catalog.loader import load_catalog
from cloudgauge.errors import WorldError
from cloudgauge.model.run import Vantage
from cloudgauge.report.document import Column, Document, Scale, Table
from cloudgauge.store.folder import TRUTH_SUFFIX
from cloudgauge.world.description import Means
from cloudgauge.world.disk import refusal, temporary_folder
from cloudgauge.world.scenario import Scenario
from cloudgauge.world.scenario_file import read_scenario
from cloudgauge.world.session import WorldOutcome, WorldSpec, run_in_world
from cloudgauge.world.site import Fault, Resolution, Site


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldRequest:
    """What a user says of the private network they want.

    Attributes:
        scenario_file: None for the default scenario.
        vantage: Where to stand; None for the scenario's first vantage.
        seed: Of every draw; None for the scenario's.
        target_files: Targets of the user's own, beside the shipped ones.
        means: How it must be made; None for the best that this machine can.
    """

    scenario_file: Path | None = None
    vantage: Vantage | None = None
    seed: int | None = None
    target_files: tuple[Path, ...] = ()
    means: Means | None = None

    def spec(self) -> WorldSpec:
        """The private network that is meant.

        Raises:
            ConfigError: A file is wrong, naming file and key.
        """
        scenario = Scenario()
        if self.scenario_file is not None:
            scenario = read_scenario(self.scenario_file)
        catalog = load_catalog(self.target_files)
        return WorldSpec(
            scenario=scenario,
            targets=catalog.targets,
            objects=catalog.objects,
            asked_vantage=self.vantage,
            seed=self.seed,
            means=self.means,
        )


def describe_world(request: WorldRequest) -> Document:
    """Show what the private network would be, without making it.

    Raises:
        ConfigError: A file is wrong, naming file and key.
    """
    spec = request.spec()
    vantage = spec.vantage
    regions = [target.region for target in (*spec.targets, *spec.objects)]
    places = {
        region.region_id: (region.latitude_deg, region.longitude_deg)
        for region in regions
    }
    sites = [site for site in spec.sites() if site.primary or _is_odd(site)]
    sites.sort(key=lambda site: (site.region_id, site.host))
    table = Table(
        name="sites",
        title="",
        columns=_COLUMNS,
        rows=tuple(_row(site, vantage, places) for site in sites),
    )
    place = f"{vantage.latitude_deg:.2f}, {vantage.longitude_deg:.2f}"
    return Document(
        kind="world",
        title=f"Private network as seen from {vantage.name} ({place})",
        tables=(table,),
        notes=(
            "Each region's primary endpoint, and others that misbehave; round trips "
            "are without the jitter, spikes and losses that chance adds.",
        ),
        provenance=(f'scenario "{spec.scenario.name}", seed {spec.seeded.seed}',),
    )


def run_command(
    command: Sequence[str], request: WorldRequest, *, truth: Path | None = None
) -> int:
    """Run any command inside the private network.

    Args:
        command: Program and arguments.
        request: Which network.
        truth: Folder for the logs of what really happened; None to keep none,
            unless the command writes a result set: then it lies beside that.

    Returns:
        The command's exit code; 128 and the number where a signal ended it.

    Raises:
        WorldError: The network cannot be made here.
        ConfigError: A file is wrong, or there is no such command.
    """
    return _run(command, request, truth, loopback_allowed=False).exit_code


def run_cloudgauge(
    arguments: Sequence[str], request: WorldRequest, *, truth: Path | None = None
) -> WorldOutcome:
    """Run ``cloudgauge`` itself inside the private network.

    Where no network namespace can be made, loopback servers take its place; the
    outcome says why.

    Raises:
        WorldError: Not even that can be made here.
        ConfigError: A file is wrong.
    """
    command = [sys.executable, "-m", "cloudgauge", *arguments]
    return _run(command, request, truth, loopback_allowed=True)


def _run(
    command: Sequence[str],
    request: WorldRequest,
    truth: Path | None,
    *,
    loopback_allowed: bool,
) -> WorldOutcome:
    kept = temporary_folder("truth") if truth is None else nullcontext(truth)
    with kept as folder:
        outcome = run_in_world(
            command,
            spec=request.spec(),
            truth=folder,
            loopback_allowed=loopback_allowed,
        )
        if truth is None and outcome.claim is not None:
            _lay_beside(outcome.claim, folder)
    return outcome


def _lay_beside(result_set: Path, truth: Path) -> None:
    """Keep the truth of a result set in a folder beside it, whole or not at all.

    Raises:
        WorldError: The file system refuses.
    """
    place = result_set.with_name(result_set.name + TRUTH_SUFFIX)
    fresh = place.with_name(f".{place.name}.new")
    # One that was killed over it may have left its own.
    shutil.rmtree(fresh, ignore_errors=True)
    try:
        fresh.mkdir()
        for file in sorted(truth.iterdir()):
            with file.open("rb") as old, (fresh / file.name).open("wb") as new:
                shutil.copyfileobj(old, new)
        fresh.rename(place)
    except OSError as exc:
        shutil.rmtree(fresh, ignore_errors=True)
        msg = f"the truth cannot be kept: {refusal(exc, place)}"
        raise WorldError(msg) from exc


_COLUMNS = (
    Column(name="region", label="region"),
    Column(name="host", label="host"),
    Column(name="distance_km", label="distance, km", scale=Scale.COUNT),
    Column(name="rtt_ms", label="RTT", scale=Scale.MILLISECONDS),
    Column(name="jitter_ms", label="jitter", scale=Scale.MILLISECONDS),
    Column(name="loss", label="loss", scale=Scale.RATIO),
    Column(name="ipv4", label="IPv4"),
    Column(name="ipv6", label="IPv6"),
    Column(name="conduct", label="conduct"),
)


def _row(
    site: Site, vantage: Vantage, places: Mapping[str, tuple[float, float]]
) -> tuple[str | int | float | None, ...]:
    # The specification refuses a vantage without coordinates.
    latitude_deg, longitude_deg = vantage.latitude_deg, vantage.longitude_deg
    km = None
    if latitude_deg is not None and longitude_deg is not None:
        there = places[site.places[0] if site.places else site.region_id]
        km = round(great_circle_km(latitude_deg, longitude_deg, *there))
    resolves = site.conduct.resolution is Resolution.OK
    return (
        site.region_id,
        site.host,
        km,
        site.link.rtt_ns / 1e6,
        site.link.jitter_ns / 1e6,
        site.link.loss,
        " ".join(site.ipv4) if resolves else None,
        " ".join(site.ipv6) if resolves else None,
        _conduct(site),
    )


def _is_odd(site: Site) -> bool:
    return _conduct(site) != "honest"


def _conduct(site: Site) -> str:
    words = []
    conduct = site.conduct
    if conduct.fault is not Fault.NONE:
        share = "" if conduct.fault_share == 1 else f" ({conduct.fault_share:g})"
        words.append(f"{conduct.fault}{share}")
    if conduct.resolution is not Resolution.OK:
        words.append(f"resolve {conduct.resolution}")
    if conduct.status is not None:
        words.append(f"status {conduct.status}")
    if site.link.syn_drops:
        words.append(f"syn-drops {site.link.syn_drops}")
    if len(site.places) > 1:
        words.append(f"anycast, here from {site.places[0]}")
    elif site.places:
        words.append(f"moved to {site.places[0]}")
    return ", ".join(words) or "honest"
