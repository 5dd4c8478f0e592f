"""Overlays: dated price sheets of the user's, one for each refresh, never edited."""

import tomllib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from cloudgauge.catalog.files import ReadFile, price_rows
from cloudgauge.catalog.keys import Line, Slug
from cloudgauge.catalog.rows import TargetFile
from cloudgauge.errors import ConfigError, ConfigErrors
from cloudgauge.settings.toml_file import parse_toml, read_text

FOLDER_NAME = "prices"
PATTERN = "prices-*.toml"
SCHEMA_VERSION = 1
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_LATEST = datetime(9000, 1, 1, tzinfo=UTC)


class OverlayFile(TargetFile):
    """A whole overlay: a head, then sources and price rows as in ``prices.toml``.

    Attributes:
        provider: Whose prices these are; of no other is a row.
        retrieved_at: When the provider was asked, UTC.
    """

    schema_version: Literal[1]
    tool_version: Line
    provider: Slug
    retrieved_at: Annotated[AwareDatetime, Field(ge=_EARLIEST, lt=_LATEST)]


def overlay_files(folder: Path) -> tuple[ReadFile, ...]:
    """Read every overlay of a folder, the oldest first; none if there is none.

    What is wrong with a file is in the file, so that all is told at once.
    """
    return overlays_and_others(folder, ())[0]


def overlays_and_others(
    folder: Path | None, files: tuple[Path, ...]
) -> tuple[tuple[ReadFile, ...], tuple[Path, ...]]:
    """Part files that somebody named into overlays and target files of their own.

    Args:
        folder: Of overlays that are read in any case, each once; None for none.
        files: A file that says when it was retrieved is an overlay.
    """
    known = sorted(folder.glob(PATTERN)) if folder else []
    overlays, others = list(known), []
    for path in files:
        if not _says_when_retrieved(path):
            others.append(path)
        elif not any(path.samefile(other) for other in overlays):
            overlays.append(path)
    found = sorted((_read(path) for path in overlays), key=lambda entry: entry[0])
    return tuple(file for _, file in found), tuple(others)


def _says_when_retrieved(path: Path) -> bool:
    try:
        return "retrieved_at" in tomllib.loads(read_text(path))
    except (ConfigError, tomllib.TOMLDecodeError):
        # Whoever reads it as a target file tells what is wrong with it.
        return False


def overlay_of(text: str, *, where: str) -> ReadFile:
    """Check the text of an overlay; *where* names it in messages.

    A writer that checks what it made reads it by this, too.
    """
    return _checked(text, where)[1]


def _read(path: Path) -> tuple[datetime, ReadFile]:
    try:
        text = read_text(path)
    except ConfigError as exc:
        return _LATEST, _unreadable(str(path), (exc,))
    return _checked(text, str(path))


def _checked(text: str, where: str) -> tuple[datetime, ReadFile]:
    try:
        table = parse_toml(text, where=where, row_type=OverlayFile)
    except ConfigErrors as exc:
        return _LATEST, _unreadable(where, exc.errors)
    except ConfigError as exc:
        return _LATEST, _unreadable(where, (exc,))
    file = ReadFile(where=where, provider=None, table=table, refreshed=True)
    errors = tuple(_misfits(file, table))
    if errors:
        return _LATEST, _unreadable(where, errors)
    return table.retrieved_at, file


def _unreadable(where: str, errors: tuple[ConfigError, ...]) -> ReadFile:
    # An overlay names no region that the catalogue does not.
    file = ReadFile(where=where, provider=None, table=None, errors=errors)
    return replace(file, refreshed=True)


def _misfits(file: ReadFile, table: OverlayFile) -> Iterator[ConfigError]:
    """What single keys cannot show."""
    if table.region or table.endpoint or table.object or table.rules:
        problem = "want sources and price rows alone, got regions, endpoints or objects"
        yield ConfigError(file.where, problem)
    for place, row, _ in price_rows((file,)):
        for index, region_id in enumerate(row.regions):
            if not region_id.startswith(f"{table.provider}/"):
                problem = f'want "{table.provider}/…" in this file, got "{region_id}"'
                yield ConfigError(place.key(f"regions[{index}]"), problem)
