"""The schema of a target file: what each table may hold, and nothing else."""

from datetime import date
from typing import Annotated

from pydantic import Field, model_validator

from cloudgauge.catalog.keys import (
    Country,
    Degrees,
    HostRule,
    Line,
    Note,
    PlainUrl,
    RegionId,
    SeenConfidence,
    Slug,
    UrlRule,
)
from cloudgauge.catalog.price_rows import (
    AllowanceRow,
    EgressRow,
    Ipv4Row,
    MachineRow,
    TransferRow,
)
from cloudgauge.model.target import Confidence, Partition, Reach, RegionStatus
from cloudgauge.settings.toml_file import Row, Word, Words


class RuleRow(Row):
    """``[rules.NAME]``: how a provider builds names, of hosts or of whole URLs.

    Attributes:
        host: With ``{code}`` where the region's code stands; for endpoints.
        url: The same of a whole URL, host and path; for objects. A rule has one
            of the two.
        says: What the source says of it, one sentence.
        source: Where it says so.
    """

    host: HostRule | None = None
    url: UrlRule | None = None
    says: Line
    source: Line

    @model_validator(mode="after")
    def _of_one_thing(self) -> "RuleRow":
        if (self.host is None) == (self.url is None):
            msg = "want a host or a url, one of the two"
            raise ValueError(msg)
        return self

    @property
    def template(self) -> str:
        """What is built, with ``{code}`` in it."""
        return self.url or self.host or ""


class RegionRow(Row):
    """``[[region]]``: a place where a provider runs machines.

    Attributes:
        uncertainty_km: How far its machines may be from the coordinates; left out
            for a region that is known to be in its city.
    """

    id: RegionId
    name: Line
    city: Line
    country: Country
    latitude: Annotated[Degrees, Field(ge=-90, le=90)]
    longitude: Annotated[Degrees, Field(ge=-180, le=180)]
    uncertainty_km: Annotated[Degrees, Field(gt=0, le=20_000)] | None = None
    partition: Word[Partition]
    status: Word[RegionStatus]
    zones: Annotated[int, Field(ge=0)] | None = None
    on_by_default: bool
    confidence: SeenConfidence
    source: Words[Line]
    checked: date
    note: Note = ""


class EndpointRow(Row):
    """``[[endpoint]]``: a name in or before a region that answers HTTPS.

    Attributes:
        rule: The rule that the host follows; needed where `confidence` is
            ``pattern``, and checked against the host wherever it is given.
        source: May be left out where there is a rule: then that is the source.
    """

    region: RegionId
    service: Slug
    url: PlainUrl
    expect: Words[Annotated[int, Field(ge=100, le=599)]] = ()
    reach: Word[Reach]
    primary: bool = False
    confidence: Word[Confidence]
    rule: Slug | None = None
    source: Words[Line] = ()
    checked: date
    note: Note = ""


class ObjectRow(Row):
    """``[[object]]``: something public in a region that may be downloaded.

    Attributes:
        name: Unique in the region, among its endpoints' services too.
        primary: Whether a run that asks for no object downloads this one.
        rule: The rule that the whole URL follows, needed where `confidence` is
            ``pattern``, and checked against the URL wherever it is given.
        source: May be left out where there is a rule: then that is the source.
        note: What is known of the size; the size that counts is the
            Content-Length of the day.
    """

    region: RegionId
    name: Slug
    url: PlainUrl
    reach: Word[Reach] = Reach.IN_REGION
    primary: bool = False
    confidence: Word[Confidence]
    rule: Slug | None = None
    source: Words[Line] = ()
    checked: date
    note: Note = ""


class TargetFile(Row):
    """A whole file, shipped or a user's own.

    Attributes:
        sources: Short keys for long sources, for use in `source` below.
    """

    sources: dict[Slug, Line] = Field(default_factory=dict)
    rules: dict[Slug, RuleRow] = Field(default_factory=dict)
    region: Words[RegionRow] = ()
    endpoint: Words[EndpointRow] = ()
    object: Words[ObjectRow] = ()
    egress: Words[EgressRow] = ()
    transfer: Words[TransferRow] = ()
    machine: Words[MachineRow] = ()
    ipv4: Words[Ipv4Row] = ()
    allowance: Words[AllowanceRow] = ()
