"""The schema of a target file: what each table may hold, and nothing else."""

import re
from datetime import date
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from cloudgauge.model.target import (
    Confidence,
    Partition,
    Reach,
    RegionStatus,
    check_slug,
)
from cloudgauge.settings.toml_file import HttpsUrl, Row, Word, Words

_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)


def is_slug(text: str) -> bool:
    """Whether *text* could be a key, such as that of a source."""
    try:
        check_slug("key", text)
    except ValueError:
        return False
    return True


def _slug(value: str) -> str:
    if not is_slug(value):
        msg = f'want lower-case letters, digits and hyphens, got "{value}"'
        raise ValueError(msg)
    return value


def _region_id(value: str) -> str:
    provider, slash, code = value.partition("/")
    if not (slash and is_slug(provider) and is_slug(code)):
        msg = f'want provider/code such as "aws/eu-west-1", got "{value}"'
        raise ValueError(msg)
    return value


def _country(value: str) -> str:
    if not (
        len(value) == 2 and value.isascii() and value.isalpha() and value.isupper()
    ):
        msg = f'want two capital letters of ISO 3166-1, got "{value}"'
        raise ValueError(msg)
    return value


def _line(value: str) -> str:
    if not value.strip() or not value.isprintable():
        msg = f"want one line of text, got {value!a}"
        raise ValueError(msg)
    return value


def _line_or_nothing(value: str) -> str:
    return _line(value) if value else value


def _url(value: str) -> str:
    if not (value.isascii() and value.isprintable()) or " " in value:
        msg = f"want a url of printable ASCII without blanks, got {value!a}"
        raise ValueError(msg)
    try:
        parts = urlsplit(value)
        usable = bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        msg = f'want a url with a host and, if any, a port below 65536, got "{value}"'
        raise ValueError(msg)
    if parts.username is not None or parts.password is not None or "#" in value:
        msg = f'want no user, password or fragment, got "{value}"'
        raise ValueError(msg)
    return value


def _region_confidence(value: Confidence) -> Confidence:
    if value is Confidence.PATTERN:
        msg = 'want "high", "medium" or "low": only a host can follow a pattern'
        raise ValueError(msg)
    return value


def _host_rule(value: str) -> str:
    host = value.replace("{code}", "code")
    if "{code}" not in value or not all(is_slug(part) for part in host.split(".")):
        msg = f'want a host with "{{code}}" in it, got "{value}"'
        raise ValueError(msg)
    return value


Slug = Annotated[str, AfterValidator(_slug)]
RegionId = Annotated[str, AfterValidator(_region_id)]
Line = Annotated[str, AfterValidator(_line)]
Note = Annotated[str, AfterValidator(_line_or_nothing)]
Degrees = Annotated[float, Field(allow_inf_nan=False)]


class RuleRow(Row):
    """``[rules.NAME]``: how a provider builds the names of a service's hosts.

    Attributes:
        host: With ``{code}`` where the region's code stands.
        says: What the source says of it, one sentence.
        source: Where it says so.
    """

    host: Annotated[str, AfterValidator(_host_rule)]
    says: Line
    source: Line


class RegionRow(Row):
    """``[[region]]``: a place where a provider runs machines."""

    id: RegionId
    name: Line
    city: Line
    country: Annotated[str, AfterValidator(_country)]
    latitude: Annotated[Degrees, Field(ge=-90, le=90)]
    longitude: Annotated[Degrees, Field(ge=-180, le=180)]
    partition: Word[Partition]
    status: Word[RegionStatus]
    zones: Annotated[int, Field(ge=0)] | None = None
    on_by_default: bool
    confidence: Annotated[Word[Confidence], AfterValidator(_region_confidence)]
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
    url: Annotated[HttpsUrl, AfterValidator(_url)]
    expect: Words[Annotated[int, Field(ge=100, le=599)]] = ()
    reach: Word[Reach]
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
