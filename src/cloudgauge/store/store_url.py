"""The URL of a store, or the path of a folder that is one: what it names."""

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from cloudgauge.errors import ConfigError
from cloudgauge.store.remote_services import SERVICES

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,254}", re.ASCII)
_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,254}", re.ASCII)
_REGION = re.compile(r"[a-z0-9][a-z0-9-]{0,62}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreUrl:
    """A place in object storage, taken apart.

    Attributes:
        scheme: One of `SERVICES`.
        bucket: Or container.
        prefix: Parts below it joined by ``/``; "" for the whole bucket.
        region: As the URL names it; "" where it does not.
    """

    scheme: str
    bucket: str
    prefix: str = ""
    region: str = ""

    def __str__(self) -> str:
        path = f"{self.bucket}/{self.prefix}" if self.prefix else self.bucket
        query = f"?region={self.region}" if self.region else ""
        return f"{self.scheme}://{path}{query}"

    def of(self, name: str) -> str:
        """The URL of something below this place."""
        prefix = f"{self.prefix}/{name}" if self.prefix else name
        query = f"?region={self.region}" if self.region else ""
        return f"{self.scheme}://{self.bucket}/{prefix}{query}"


def is_url(text: str) -> bool:
    """Whether this names a store by URL; else it is the path of a folder."""
    return _SCHEME.match(text) is not None


def parse_store(text: str) -> StoreUrl | Path:
    """Take a store's URL apart; a path or a ``file://`` URL is a folder.

    Raises:
        ConfigError: It is no store's URL, or has something secret in it. What is
            secret is not repeated.
    """
    if not is_url(text):
        return Path(text).expanduser()
    try:
        parts = urlsplit(text)
        if parts.username is not None or parts.password is not None:
            where = f"{parts.scheme}://…"
            problem = (
                "has a user or a password in it; keys belong in the environment or "
                "in the file of the provider's own tools"
            )
            raise ConfigError(where, problem)
        plain = f"{parts.scheme}://{parts.netloc}{parts.path}"
        if parts.scheme == "file":
            return _folder(plain, parts.netloc, parts.path, parts.query)
        _check_scheme(plain, parts.scheme)
        return StoreUrl(
            scheme=parts.scheme,
            bucket=_bucket(plain, parts.netloc),
            prefix=_prefix(plain, parts.path, parts.fragment),
            region=_region(plain, parts.query),
        )
    except ValueError as exc:
        where = "the store's URL"
        raise ConfigError(where, f"is no URL: {exc}") from exc


def _check_scheme(where: str, scheme: str) -> None:
    if scheme not in SERVICES:
        known = ", ".join(f"{name}://" for name in SERVICES)
        raise ConfigError(where, f"want a folder, file://, {known}")


def _folder(where: str, host: str, path: str, query: str) -> Path:
    if host not in {"", "localhost"} or query or not path.startswith("/"):
        raise ConfigError(where, "want file:///an/absolute/path")
    return Path(unquote(path))


def _bucket(where: str, netloc: str) -> str:
    if not _BUCKET.fullmatch(netloc):
        raise ConfigError(where, f'want a bucket behind "://", got "{netloc}"')
    return netloc


def _prefix(where: str, path: str, fragment: str) -> str:
    parts = [part for part in path.split("/") if part]
    wrong = [part for part in parts if not _PART.fullmatch(part)]
    if wrong or fragment:
        problem = (
            "want letters, digits, dots, hyphens and underscores between slashes, "
            f'got "{(wrong or ["#"])[0]}"'
        )
        raise ConfigError(where, problem)
    return "/".join(parts)


def _region(where: str, query: str) -> str:
    """Of the query only a region is taken: a signed URL's secrets stand there."""
    if not query:
        return ""
    pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=False)
    named = dict(pairs)
    if list(named) != ["region"] or len(pairs) != 1:
        problem = (
            "want nothing behind the question mark but region=…; keys and signatures "
            "do not belong in a URL"
        )
        raise ConfigError(where, problem)
    if not _REGION.fullmatch(named["region"]):
        raise ConfigError(where, "want a region such as ?region=eu-west-1")
    return named["region"]
