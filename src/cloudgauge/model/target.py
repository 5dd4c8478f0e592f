"""What can be probed: regions of clouds, their endpoints, and a choice of them."""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from urllib.parse import SplitResult, urlsplit

from cloudgauge.model.later import later

PROVIDER_NAMES = {
    "alibaba": "Alibaba Cloud",
    "aws": "AWS",
    "azure": "Azure",
    "gcp": "Google Cloud",
    "huawei": "Huawei Cloud",
    "tencent": "Tencent Cloud",
}
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?", re.ASCII)
_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)


class Partition(StrEnum):
    """Which accounts and which laws a region belongs to."""

    PUBLIC = "public"
    CHINA = "china"
    GOVERNMENT = "government"
    SOVEREIGN = "sovereign"


class RegionStatus(StrEnum):
    """Whether a region takes customers. Closed regions are in no catalogue."""

    OPEN = "open"
    OPT_IN = "opt-in"
    RESTRICTED = "restricted"
    SEPARATE = "separate"
    DISRUPTED = "disrupted"
    CLOSING = "closing"


class Reach(StrEnum):
    """Where a connection to an endpoint ends."""

    IN_REGION = "in-region"
    EDGE = "edge"
    UNKNOWN = "unknown"


class Confidence(StrEnum):
    """How well a row of the catalogue is known.

    ``pattern``: the name follows a documented rule; this very name was not seen.
    """

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    PATTERN = "pattern"


class Family(StrEnum):
    """The IP version of a series. The two are never mixed."""

    IPV4 = "ipv4"
    IPV6 = "ipv6"


def check_slug(what: str, text: str) -> None:
    """Refuse a name that is not lower-case letters, digits and inner hyphens.

    Raises:
        ValueError: Naming *what* and the text.
    """
    if not _SLUG.fullmatch(text):
        msg = f'{what} must be lower-case letters, digits and hyphens, got "{text}"'
        raise ValueError(msg)


def _has_port(parts: SplitResult) -> bool:
    """Whether the port is absent or one that can be connected to."""
    try:
        return parts.port != 0
    except ValueError:
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where a row of the catalogue comes from.

    Attributes:
        sources: At least one; documents or code where the row can be checked.
        checked: When it was last held against its sources.
        confidence: How well it is known.
    """

    sources: tuple[str, ...]
    checked: date
    confidence: Confidence

    def __post_init__(self) -> None:
        if not self.sources or not all(self.sources):
            msg = "sources must name at least one source, none of them empty"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A place where a provider runs machines.

    Attributes:
        provider: One of `PROVIDER_NAMES`, or a name of the user's own.
        code: The provider's own identifier, unique within the provider.
        name: The provider's name for it.
        country: ISO 3166-1 alpha-2.
        latitude_deg: In [-90, 90], north positive; of the city where the
            provider gives no better.
        longitude_deg: In [-180, 180], east positive.
        zones: Availability zones; 0 for none, None for unknown.
        on_by_default: Whether a run that names no region measures it.
        note: What a reader should know; "" for nothing.
        uncertainty_km: How far its machines may be from its coordinates, above 0.
    """

    provider: str
    code: str
    name: str
    city: str
    country: str
    latitude_deg: float
    longitude_deg: float
    partition: Partition
    status: RegionStatus
    zones: int | None
    on_by_default: bool
    provenance: Provenance
    note: str = ""
    # The extent of a region and the error of a city's coordinates together.
    uncertainty_km: float = later(60.0)

    def __post_init__(self) -> None:
        check_slug("provider", self.provider)
        check_slug("code", self.code)
        if not _COUNTRY.fullmatch(self.country):
            msg = f'country must be two capital letters, got "{self.country}"'
            raise ValueError(msg)
        if not -90 <= self.latitude_deg <= 90:
            msg = f"latitude_deg must be in [-90, 90], got {self.latitude_deg}"
            raise ValueError(msg)
        if not -180 <= self.longitude_deg <= 180:
            msg = f"longitude_deg must be in [-180, 180], got {self.longitude_deg}"
            raise ValueError(msg)
        if not 0 < self.uncertainty_km <= 20_000:
            msg = f"uncertainty_km must be in (0, 20000], got {self.uncertainty_km}"
            raise ValueError(msg)
        if self.zones is not None and self.zones < 0:
            msg = f"zones must be >= 0, got {self.zones}"
            raise ValueError(msg)

    @property
    def region_id(self) -> str:
        """``provider/code``, unique over all catalogues."""
        return f"{self.provider}/{self.code}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A name in or before a region that answers HTTPS.

    Attributes:
        service: The class of the service, such as ``object-storage``; only equal
            classes are compared by anything but the connect time.
        url: ``https``, no user, no query string with a secret, no fragment.
        expect: HTTP statuses that count as its answer; empty: any below 500.
        primary: Whether this is the region's one default endpoint.
        note: What a reader should know; "" for nothing.
    """

    service: str
    url: str
    expect: tuple[int, ...]
    reach: Reach
    primary: bool
    provenance: Provenance
    note: str = ""

    def __post_init__(self) -> None:
        check_slug("service", self.service)
        parts = urlsplit(self.url)
        if parts.scheme != "https" or not parts.hostname or not _has_port(parts):
            msg = f'url must be https with a host and a sane port, got "{self.url}"'
            raise ValueError(msg)
        if parts.username or parts.password or parts.fragment:
            msg = f'url must have no user, password or fragment, got "{self.url}"'
            raise ValueError(msg)
        if any(not 100 <= status <= 599 for status in self.expect):
            msg = f"expect must hold HTTP statuses, got {list(self.expect)}"
            raise ValueError(msg)

    @property
    def host(self) -> str:
        """The name that is resolved and verified, lower case."""
        return self._parts.hostname or ""

    @property
    def port(self) -> int:
        """The TCP port, 443 unless the URL says otherwise."""
        return self._parts.port or 443

    @property
    def path(self) -> str:
        """Path and query as they are sent."""
        query = f"?{self._parts.query}" if self._parts.query else ""
        return (self._parts.path or "/") + query

    @property
    def _parts(self) -> SplitResult:
        return urlsplit(self.url)

    def expects(self, status: int) -> bool:
        """Whether *status* is an answer of this endpoint and not of something else."""
        return status in self.expect if self.expect else status < 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """An endpoint that may be probed, and the region it stands for."""

    region: Region
    endpoint: Endpoint

    @property
    def target_id(self) -> str:
        """``provider/code:service``, unique within a catalogue."""
        return f"{self.region.region_id}:{self.endpoint.service}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which targets of a catalogue are meant. Empty fields choose nothing away.

    A region that is off by default is chosen only when it is named in `regions`,
    when its partition is named, when its area can hold no other (``mainland-china``)
    or when `off_by_default` is set.

    Attributes:
        providers: Provider names.
        areas: Names of areas, such as ``south-east-asia``.
        regions: Region ids; ``*`` and ``?`` match as in file names.
        countries: ISO 3166-1 alpha-2.
        partitions: Partitions; naming one includes what is off by default there.
        service: Class of the endpoint; None for each region's primary one.
        off_by_default: Also take regions that are off by default.
    """

    providers: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    partitions: tuple[Partition, ...] = ()
    service: str | None = None
    off_by_default: bool = False
