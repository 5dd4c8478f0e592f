"""What a live check asks: more than a run, which takes one target a region."""

from dataclasses import dataclass, replace

from cloudgauge.catalog.index import Catalog
from cloudgauge.errors import ConfigError
from cloudgauge.model.target import Selection, Target
from cloudgauge.workflow.choosing import by_option


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """What a live check asks; at least one of both together.

    Attributes:
        endpoints: Asked as a visit of latency would.
        objects: Asked for their size.
    """

    endpoints: tuple[Target, ...]
    objects: tuple[Target, ...]

    @property
    def everything(self) -> tuple[Target, ...]:
        """Both, in the order of their ids."""
        both = (*self.endpoints, *self.objects)
        return tuple(sorted(both, key=lambda target: target.target_id))


def candidates_of(catalog: Catalog, selection: Selection) -> Candidates:
    """All endpoints and objects of the chosen regions, or those of one service.

    Raises:
        ConfigError: A name of the selection is unknown, or nothing is chosen.
    """
    service = selection.service
    # Who names an object must not be told that no endpoint has that name.
    as_object = service in catalog.object_names
    of_regions = replace(selection, service=None) if as_object else selection
    regions = {one.region.region_id for one in catalog.select(of_regions, by_option)}

    def fits(target: Target) -> bool:
        named = service is None or target.endpoint.service == service
        return named and target.region.region_id in regions

    found = Candidates(
        endpoints=tuple(filter(fits, catalog.targets)),
        objects=tuple(filter(fits, catalog.objects)),
    )
    if not found.everything:
        problem = f"none of the regions that fit ({len(regions)}) has this service"
        raise ConfigError(by_option("service"), problem)
    return found
