"""Where endpoints are: result sets from several vantages against light."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from cloudgauge.analysis.columns import columns_of
from cloudgauge.analysis.location import Located, locate
from cloudgauge.analysis.sightings import SIGHTED, Sighting, sightings_of
from cloudgauge.catalog.loader import load_catalog
from cloudgauge.errors import ConfigError, ConfigErrors
from cloudgauge.model.target import Region, Target
from cloudgauge.report.document import Document
from cloudgauge.settings.toml_file import nearest
from cloudgauge.store.merged import found_sets
from cloudgauge.store.resultset import ResultSet
from cloudgauge.workflow.choosing import by_option
from cloudgauge.workflow.location_view import Search, location_document


def locate_targets(
    paths: Sequence[Path],
    *,
    providers: tuple[str, ...] = (),
    target_files: tuple[Path, ...] = (),
) -> Document:
    """Judge where each endpoint of result sets can be, by the time that light needs.

    Args:
        paths: Sets, or folders of sets; see `store.merged.found_sets`. Each must be of
            a vantage with coordinates.
        providers: Only endpoints of these; empty for all.
        target_files: The user's own, whose regions an endpoint could be in.

    Raises:
        ConfigError: A vantage has no coordinates, a simulation no round trips of its
            own, or nothing is of the providers.
        StoreError: One of the paths is no set, or is corrupt.
        MachineError: A killed run's set cannot be sealed.
    """
    opened = [ResultSet.open(folder) for folder in found_sets(paths)]
    _refuse_unplaced(opened)
    known = {region.region_id: region for region in load_catalog(target_files).regions}
    # What a set was measured against is what its endpoints claim.
    targets = {
        target.target_id: target for result in opened for target in result.rows_used
    }
    known |= {target.region.region_id: target.region for target in targets.values()}
    chosen = _of_providers(targets, known, providers)
    search = Search(opened=tuple(opened), targets=chosen)
    return location_document(search, _located(search, tuple(known.values())))


def _located(search: Search, regions: tuple[Region, ...]) -> tuple[Located, ...]:
    sightings = [_sightings(result, search.targets) for result in search.opened]
    seen = {one.target_id for found in sightings for one in found}
    claimed = {
        target_id: target.region
        for target_id, target in search.targets.items()
        if target_id in seen
    }
    vantages = [result.manifest.run.vantage for result in search.opened]
    return locate(sightings, vantages, claimed, regions)


def _sightings(
    result: ResultSet, targets: Mapping[str, Target]
) -> tuple[Sighting, ...]:
    found = sightings_of(columns_of(result, SIGHTED))
    return tuple(one for one in found if one.target_id in targets)


def _refuse_unplaced(opened: Sequence[ResultSet]) -> None:
    """Refuse sets whose round trips are from nowhere, all of them at once."""
    errors = []
    for result in opened:
        run = result.manifest.run
        vantage = run.vantage
        if run.simulation is not None and run.simulation.limits:
            problem = f"its round trips say nothing of places: {run.simulation.limits}"
            errors.append(ConfigError(str(result.folder), problem))
            continue
        if vantage.latitude_deg is None:
            problem = (
                f'its vantage "{vantage.name}" has no coordinates; give latitude and '
                "longitude in vantage.toml where it measures, and measure again"
            )
            errors.append(ConfigError(str(result.folder), problem))
    if errors:
        raise ConfigErrors(tuple(errors))


def _of_providers(
    targets: Mapping[str, Target], known: Mapping[str, Region], names: tuple[str, ...]
) -> Mapping[str, Target]:
    """The targets of the providers named, or all where none is.

    Raises:
        ConfigError: No such provider, or none of its endpoints was measured.
    """
    if not names:
        return targets
    providers = {region.provider for region in known.values()}
    where = by_option("providers")
    for name in names:
        if name not in providers:
            meant = nearest(name, providers)
            hint = f'; did you mean "{meant}"?' if meant else ""
            raise ConfigError(where, f'no provider "{name}"{hint}')
    chosen = {
        target_id: target
        for target_id, target in targets.items()
        if target.region.provider in names
    }
    if not chosen:
        problem = f"no endpoint of {' or '.join(names)} is in these sets"
        raise ConfigError(where, problem)
    return chosen
