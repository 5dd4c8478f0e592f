"""What a key of a target file may hold; every message says found and wanted."""

import re
from decimal import Decimal
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field

from cloudgauge.model.target import Confidence, check_slug
from cloudgauge.settings.toml_file import HttpsUrl, Word

_PRICE = re.compile(r"\d{1,6}(?:\.\d{1,12})?", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)


def is_slug(text: str) -> bool:
    """Whether *text* could be a key, such as that of a source."""
    try:
        check_slug("key", text)
    except ValueError:
        return False
    return True


def at_least_one(value: tuple[str, ...]) -> tuple[str, ...]:
    """Refuse a list of regions with nothing in it.

    Raises:
        ValueError: It is empty.
    """
    if not value:
        msg = "want at least one region"
        raise ValueError(msg)
    return value


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


def _no_pattern(value: Confidence) -> Confidence:
    if value is Confidence.PATTERN:
        msg = 'want "high", "medium" or "low": only a host can follow a pattern'
        raise ValueError(msg)
    return value


def _url_rule(value: str) -> str:
    if "{code}" not in value:
        msg = f'want a url with "{{code}}" in it, got "{value}"'
        raise ValueError(msg)
    _url(value.replace("{code}", "code"))
    return value


def _price(value: object) -> Decimal:
    # A TOML number is binary: 0.09 would not be nine cents.
    if not isinstance(value, str) or not _PRICE.fullmatch(value):
        shown = f'"{value}"' if isinstance(value, str) else value
        msg = f'want an exact price as a string such as "0.09", got {shown}'
        raise ValueError(msg)
    return Decimal(value)


def _amount(value: object) -> Decimal:
    # bool is an int, too.
    text = str(value) if type(value) is int else value
    if not isinstance(text, str) or not _PRICE.fullmatch(text) or not Decimal(text):
        shown = f'"{value}"' if isinstance(value, str) else value
        msg = f'want a whole number above 0, or a string such as "3.75", got {shown}'
        raise ValueError(msg)
    return Decimal(text)


def _currency(value: str) -> str:
    if not _CURRENCY.fullmatch(value):
        msg = f'want three capital letters of ISO 4217, got "{value}"'
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
Country = Annotated[str, AfterValidator(_country)]
PlainUrl = Annotated[HttpsUrl, AfterValidator(_url)]
HostRule = Annotated[str, AfterValidator(_host_rule)]
UrlRule = Annotated[HttpsUrl, AfterValidator(_url_rule)]
SeenConfidence = Annotated[Word[Confidence], AfterValidator(_no_pattern)]
Price = Annotated[Decimal, BeforeValidator(_price)]
Amount = Annotated[Decimal, BeforeValidator(_amount)]
Currency = Annotated[str, AfterValidator(_currency)]
