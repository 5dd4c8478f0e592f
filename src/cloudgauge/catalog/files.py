"""Target files as they are found: shipped with the package, or a user's own."""

import functools
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from cloudgauge.catalog.price_rows import TABLES, EgressRow, PriceRow
from cloudgauge.catalog.rows import (
    EndpointRow,
    ObjectRow,
    RegionRow,
    TargetFile,
)
from cloudgauge.errors import ConfigError, ConfigErrors, MachineError
from cloudgauge.settings.toml_file import parse_toml, read_text

SHIPPED_NAMES = ("regions.toml", "endpoints.toml")
# A provider without a public object that is large enough has no file of objects.
OPTIONAL_NAMES = ("objects.toml", "prices.toml")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadFile:
    """One target file, read; either its tables or what is wrong with them.

    Attributes:
        where: How messages name the file.
        provider: The provider whose folder it is in; None for a user's own.
        table: Its content; None if it does not fit the schema.
        errors: Why not; empty if it fits.
        refreshed: Whether it is an overlay that a refresh of prices wrote.
        claimed_ids: Region ids that a file with errors names all the same, so
            that one mistake is not told twice; None if not even that is known.
    """

    where: str
    provider: str | None
    table: TargetFile | None
    errors: tuple[ConfigError, ...] = ()
    refreshed: bool = False
    claimed_ids: frozenset[str] | None = frozenset()

    @property
    def layer(self) -> str:
        """What its prices are a sheet with: files of one layer are read together."""
        if self.refreshed:
            return self.where
        return "own" if self.provider is None else "shipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a row stands."""

    file: ReadFile
    table: str
    index: int

    @property
    def row(self) -> str:
        """File, table and number of the row."""
        return f"{self.file.where}: {self.table}[{self.index}]"

    def key(self, name: str) -> str:
        """File, table and key, as messages name them."""
        return f"{self.row}.{name}"


@functools.cache
def shipped_files() -> tuple[ReadFile, ...]:
    """Read the catalogue that comes with the package, in order of provider.

    Once in a process: targets, prices and the lint all want it.

    Raises:
        MachineError: The installation has no catalogue.
    """
    folders = (folder for folder in _shipped_root().iterdir() if folder.is_dir())
    return tuple(
        _read(
            (folder / name).read_text(encoding="utf-8"),
            where=f"targets/{folder.name}/{name}",
            provider=folder.name,
        )
        for folder in sorted(folders, key=lambda folder: folder.name)
        for name in (*SHIPPED_NAMES, *OPTIONAL_NAMES)
        if name in SHIPPED_NAMES or (folder / name).is_file()
    )


def user_files(paths: tuple[Path, ...]) -> tuple[ReadFile, ...]:
    """Read the files of the user's own; one that was given twice is an error, once."""
    by_identity: dict[object, list[Path]] = {}
    for path in paths:
        by_identity.setdefault(_identity(path), []).append(path)
    return tuple(
        user_file(same[0]) if len(same) == 1 else _given_often(same[0])
        for same in by_identity.values()
    )


def user_file(path: Path) -> ReadFile:
    """Read a file of the user's own."""
    try:
        text = read_text(path)
    except ConfigError as exc:
        return ReadFile(
            where=str(path),
            provider=None,
            table=None,
            errors=(exc,),
            claimed_ids=None,
        )
    return _read(text, where=str(path), provider=None)


def file_of(text: str, *, where: str) -> ReadFile:
    """Check the text of a target file that was read already."""
    return _read(text, where=where, provider=None)


def region_rows(
    files: tuple[ReadFile, ...],
) -> Iterator[tuple[Place, RegionRow, TargetFile]]:
    """Yield every region of every file that fits, with its place."""
    for file in files:
        if file.table is not None:
            for index, row in enumerate(file.table.region):
                yield Place(file=file, table="region", index=index), row, file.table


def endpoint_rows(
    files: tuple[ReadFile, ...],
) -> Iterator[tuple[Place, EndpointRow, TargetFile]]:
    """Yield every endpoint of every file that fits, with its place."""
    for file in files:
        if file.table is not None:
            for index, row in enumerate(file.table.endpoint):
                yield Place(file=file, table="endpoint", index=index), row, file.table


def object_rows(
    files: tuple[ReadFile, ...],
) -> Iterator[tuple[Place, ObjectRow, TargetFile]]:
    """Yield every object of every file that fits, with its place."""
    for file in files:
        if file.table is not None:
            for index, row in enumerate(file.table.object):
                yield Place(file=file, table="object", index=index), row, file.table


def egress_rows(
    files: tuple[ReadFile, ...],
) -> Iterator[tuple[Place, EgressRow, TargetFile]]:
    """Yield every price of traffic of every file that fits, with its place."""
    for file in files:
        if file.table is not None:
            for index, row in enumerate(file.table.egress):
                yield Place(file=file, table="egress", index=index), row, file.table


def price_rows(
    files: tuple[ReadFile, ...],
) -> Iterator[tuple[Place, PriceRow, TargetFile]]:
    """Yield every price row of every kind of every file that fits, with its place."""
    for file in files:
        if file.table is None:
            continue
        for name in TABLES:
            rows: tuple[PriceRow, ...] = getattr(file.table, name)
            for index, row in enumerate(rows):
                yield Place(file=file, table=name, index=index), row, file.table


def _shipped_root() -> Traversable:
    # Beside the package where it is installed; in a checkout the data has a
    # folder of its own, because whoever mends a row should not look in src/.
    installed = resources.files("cloudgauge") / "_targets"
    if installed.is_dir():
        return installed
    checkout = Path(__file__).parents[3] / "targets"
    if checkout.is_dir():
        return checkout
    msg = "this installation of cloudgauge has no catalogue; install it again"
    raise MachineError(msg)


def _identity(path: Path) -> object:
    try:
        found = path.stat()
    except OSError:
        return path
    return found.st_dev, found.st_ino


def _given_often(path: Path) -> ReadFile:
    return ReadFile(
        where=str(path),
        provider=None,
        table=None,
        errors=(ConfigError(str(path), "is given twice"),),
        claimed_ids=None,
    )


def _read(text: str, *, where: str, provider: str | None) -> ReadFile:
    try:
        table = parse_toml(text, where=where, row_type=TargetFile)
    except ConfigErrors as exc:
        return ReadFile(
            where=where,
            provider=provider,
            table=None,
            errors=exc.errors,
            claimed_ids=_claimed_ids(tomllib.loads(text)),
        )
    except ConfigError as exc:
        return ReadFile(
            where=where,
            provider=provider,
            table=None,
            errors=(exc,),
            claimed_ids=None,
        )
    return ReadFile(where=where, provider=provider, table=table)


def _claimed_ids(raw: dict[str, Any]) -> frozenset[str]:
    rows = [("id", row) for row in _rows(raw, "region")]
    rows += [("region", row) for row in _rows(raw, "endpoint")]
    rows += [("region", row) for row in _rows(raw, "object")]
    return frozenset(
        row[key]
        for key, row in rows
        if isinstance(row, dict) and isinstance(row.get(key), str)
    )


def _rows(raw: dict[str, Any], name: str) -> list[Any]:
    rows = raw.get(name)
    return rows if isinstance(rows, list) else []
