"""Every region and target that is known, and a choice among them."""

import fnmatch
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from cloudgauge.catalog.geography import AREAS, MAINLAND_CHINA, areas_of
from cloudgauge.errors import ConfigError, ConfigErrors
from cloudgauge.model.target import Region, Selection, Target
from cloudgauge.settings.toml_file import nearest


def _in_a_selection(key: str) -> str:
    return f"selection: {key}" if key else "selection"


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectChoice:
    """What can be downloaded from the regions that a selection means.

    Attributes:
        objects: At most one a region, in the order of their ids; may be none.
        objectless: Ids of the regions that have none, in order.
    """

    objects: tuple[Target, ...]
    objectless: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalog:
    """Regions and targets, each once, in the order of their ids.

    Attributes:
        regions: Each with exactly one primary target.
        targets: All endpoints of all regions.
        objects: All that may be downloaded; an object's name is its service. A
            region that has any has exactly one primary one.
    """

    regions: tuple[Region, ...]
    targets: tuple[Target, ...]
    objects: tuple[Target, ...] = ()
    _region_by_id: dict[str, Region] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        _refuse_disorder("regions", [region.region_id for region in self.regions])
        _refuse_disorder("targets", [target.target_id for target in self.targets])
        region_by_id = {region.region_id: region for region in self.regions}
        primary = [
            target.region.region_id
            for target in self.targets
            if target.endpoint.primary
        ]
        if len(primary) != len(set(primary)) or set(primary) != set(region_by_id):
            msg = "every region must have exactly one primary target"
            raise ValueError(msg)
        self._check_objects(region_by_id)
        object.__setattr__(self, "_region_by_id", region_by_id)

    @property
    def providers(self) -> tuple[str, ...]:
        """Every provider that has a region, in order of name."""
        return tuple(sorted({region.provider for region in self.regions}))

    @property
    def services(self) -> tuple[str, ...]:
        """Every class of service that some region has, in order of name."""
        return tuple(sorted({target.endpoint.service for target in self.targets}))

    @property
    def object_names(self) -> tuple[str, ...]:
        """Every name that some region's object has, in order."""
        return tuple(sorted({item.endpoint.service for item in self.objects}))

    def region(self, region_id: str) -> Region:
        """Look up a region.

        Raises:
            ConfigError: No such region; names the nearest.
        """
        self._refuse_unknown_region(region_id)
        return self._region_by_id[region_id]

    def targets_of(self, region_id: str) -> tuple[Target, ...]:
        """All targets of a region, in the order of their ids.

        Raises:
            ConfigError: No such region; names the nearest.
        """
        self._refuse_unknown_region(region_id)
        return tuple(
            target for target in self.targets if target.region.region_id == region_id
        )

    def objects_of(self, region_id: str) -> tuple[Target, ...]:
        """All that may be downloaded from a region, in the order of their ids.

        Raises:
            ConfigError: No such region; names the nearest.
        """
        self._refuse_unknown_region(region_id)
        return tuple(
            item for item in self.objects if item.region.region_id == region_id
        )

    def select(
        self, selection: Selection, where: Callable[[str], str] = _in_a_selection
    ) -> tuple[Target, ...]:
        """Choose targets; what a selection means is told by `Selection`.

        Args:
            selection: Which.
            where: Says for messages where a field of the selection was written;
                for "", where all of it was.

        Returns:
            At least one target, in the order of their ids.

        Raises:
            ConfigErrors: Names that nothing has, each with the nearest one.
            ConfigError: All names are known, yet nothing is chosen.
        """
        regions = self._chosen_regions(selection, where, self.services)
        chosen = {region.region_id for region in regions}
        targets = tuple(
            target
            for target in self.targets
            if target.region.region_id in chosen and _serves(target, selection)
        )
        if not targets:
            problem = f"none of the regions that fit ({len(chosen)}) has this service"
            raise ConfigError(where(""), problem)
        return targets

    def select_objects(
        self, selection: Selection, where: Callable[[str], str] = _in_a_selection
    ) -> ObjectChoice:
        """Choose what to download: the primary object of each chosen region.

        Args:
            selection: Which regions; its service is the name of an object, where
                another than the primary one is meant.
            where: As for `select`.

        Returns:
            Each chosen region, by its object or among those without.

        Raises:
            ConfigErrors: Names that nothing has, each with the nearest one.
            ConfigError: All names are known, yet no region is chosen.
        """
        regions = self._chosen_regions(selection, where, self.object_names)
        chosen = {region.region_id for region in regions}
        objects = tuple(
            item
            for item in self.objects
            if item.region.region_id in chosen and _serves(item, selection)
        )
        having = {item.region.region_id for item in objects}
        return ObjectChoice(objects=objects, objectless=tuple(sorted(chosen - having)))

    def _check_objects(self, region_by_id: dict[str, Region]) -> None:
        ids = [item.target_id for item in self.objects]
        _refuse_disorder("objects", ids)
        if not {target.target_id for target in self.targets}.isdisjoint(ids):
            msg = "an object must not have the id of a target"
            raise ValueError(msg)
        having = {item.region.region_id for item in self.objects}
        primary = [
            item.region.region_id for item in self.objects if item.endpoint.primary
        ]
        if sorted(primary) != sorted(having) or not having <= set(region_by_id):
            msg = "every region that has objects must have exactly one primary object"
            raise ValueError(msg)

    def _chosen_regions(
        self,
        selection: Selection,
        where: Callable[[str], str],
        services: tuple[str, ...],
    ) -> list[Region]:
        """At least one region, or an error that says why there is none."""
        errors = tuple(self._unknown_names(selection, where, services))
        if errors:
            raise ConfigErrors(errors)
        asked = [region for region in self.regions if _is_asked(region, selection)]
        chosen = [region for region in asked if _may_be_measured(region, selection)]
        if not chosen:
            raise ConfigError(where(""), _why_empty(len(asked)))
        return chosen

    def _refuse_unknown_region(self, region_id: str) -> None:
        if region_id not in self._region_by_id:
            where = "selection: regions"
            raise ConfigError(where, _unknown("region", region_id, self._region_by_id))

    def _unknown_names(
        self,
        selection: Selection,
        where: Callable[[str], str],
        services: tuple[str, ...],
    ) -> Iterable[ConfigError]:
        countries = {region.country for region in self.regions}
        service = () if selection.service is None else (selection.service,)
        for key, word, asked, known in (
            ("providers", "provider", selection.providers, self.providers),
            ("areas", "area", selection.areas, tuple(AREAS)),
            ("countries", "country", selection.countries, countries),
            ("service", "service", service, services),
        ):
            for name in asked:
                if name not in known:
                    yield ConfigError(where(key), _unknown(word, name, known))
        for pattern in selection.regions:
            if not fnmatch.filter(self._region_by_id, pattern):
                problem = _unknown("region", pattern, self._region_by_id)
                yield ConfigError(where("regions"), problem)


def _refuse_disorder(what: str, ids: list[str]) -> None:
    if ids != sorted(set(ids)):
        msg = f"{what} must be unique and in the order of their ids"
        raise ValueError(msg)


def _is_asked(region: Region, selection: Selection) -> bool:
    return (
        (not selection.providers or region.provider in selection.providers)
        and (not selection.areas or not _areas(region).isdisjoint(selection.areas))
        and (not selection.regions or _is_named(region, selection))
        and (not selection.countries or region.country in selection.countries)
        and (not selection.partitions or region.partition in selection.partitions)
    )


def _may_be_measured(region: Region, selection: Selection) -> bool:
    return (
        region.on_by_default
        or selection.off_by_default
        or _is_named(region, selection)
        or region.partition in selection.partitions
        or (MAINLAND_CHINA in selection.areas and MAINLAND_CHINA in _areas(region))
    )


def _is_named(region: Region, selection: Selection) -> bool:
    return any(
        fnmatch.fnmatchcase(region.region_id, pattern) for pattern in selection.regions
    )


def _areas(region: Region) -> frozenset[str]:
    return frozenset(areas_of(region))


def _serves(target: Target, selection: Selection) -> bool:
    if selection.service is None:
        return target.endpoint.primary
    return target.endpoint.service == selection.service


def _unknown(word: str, name: str, known: Iterable[str]) -> str:
    meant = nearest(name, known)
    hint = f'; did you mean "{meant}"?' if meant else ""
    wanted = "" if meant or not known else _one_of(known)
    return f'no {word} "{name}"{hint}{wanted}'


def _one_of(known: Iterable[str]) -> str:
    return f"; want one of {', '.join(sorted(known)[:12])}"


def _why_empty(asked_count: int) -> str:
    if not asked_count:
        return "no region is all of what was asked for"
    return (
        f"every region that fits ({asked_count}) is off by default: "
        "name it, its partition, or ask for all"
    )
