"""A copy of a result set for sharing, without what tells whose machine measured it."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cloudgauge import __version__
from cloudgauge.catalog.loader import load_catalog
from cloudgauge.errors import ConfigError, StoreError
from cloudgauge.model.redaction import Redaction
from cloudgauge.report.document import Cell, Column, Document, Scale, Table
from cloudgauge.settings.toml_file import nearest
from cloudgauge.store.distinct import distinct
from cloudgauge.store.folder import CHECKSUMS, is_merged, sets_at, sha256_of
from cloudgauge.store.manifest import Manifest
from cloudgauge.store.merged import members_in, read_merged
from cloudgauge.store.redact import (
    RedactedSet,
    attached_files,
    write_redacted,
    write_redacted_each,
    write_redacted_merged,
)
from cloudgauge.store.redactable import (
    BY_NAME,
    COORDINATES,
    DEFAULT,
    FILES,
    VANTAGE_NAME,
    Treatment,
)
from cloudgauge.store.redacted_manifest import Wishes, redacted_manifest
from cloudgauge.store.resultset import ResultSet
from cloudgauge.store.verify import verify

_DROP = "--drop"
_KEEP = "--keep"
_RENAME = "--rename-vantage"
_WITHIN = "--coordinates-within"
_MOST_KM = 5_000.0
# An address, or a name of the kind that resolvers know.
_LIKE_A_HOST = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}|.*\.[A-Za-z]{2,}")
_NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class RedactRequest:
    """What is to be copied, and what is to be taken out.

    Attributes:
        path: A set, a merged set, or a folder of sets.
        into: The folder to make.
        now_ns: By the clock of this machine, UTC since 1970.
        drop: Fields to take out beside those that are by default.
        keep: Fields to keep that are taken out by default.
        rename: What vantages are to be called: a name, or ``OLD=NEW`` for each.
        within_km: Coordinates are moved by up to so much; None to leave them.
    """

    path: Path
    into: Path
    now_ns: int
    drop: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    rename: tuple[str, ...] = ()
    within_km: float | None = None


def redact_set(request: RedactRequest) -> Document:
    """Write a sealed copy without what identifies, and say what was taken out.

    Raises:
        ConfigError: A field or a name is wrong, or there is something at the place.
        StoreError: It is no set, alive, or corrupt.
        MachineError: The copy cannot be written.
    """
    fields = _fields(request)
    folders = _folders(request)
    # A run that lies there twice is copied once.
    sets = distinct(_sound(folder) for folder in folders).kept
    names = _new_names(request.rename, {one.manifest.run.vantage.name for one in sets})
    redacted = [
        _redacted(
            result,
            Wishes(
                fields=fields,
                vantage_name=names.get(result.manifest.run.vantage.name),
                within_km=request.within_km,
            ),
            request,
        )
        for result in sets
    ]
    if is_merged(request.path):
        write_redacted_merged(
            redacted,
            request.into,
            allowed=read_merged(request.path).allowed,
            tool_version=__version__,
        )
    elif folders == (request.path,):
        write_redacted(redacted[0], request.into)
    else:
        write_redacted_each(redacted, request.into)
    return _document(request, redacted)


def _fields(request: RedactRequest) -> frozenset[str]:
    drop = _known(request.drop, _DROP)
    keep = _known(request.keep, _KEEP)
    for name in sorted(drop & keep):
        raise ConfigError(_KEEP, f'"{name}" is to be dropped as well')
    for name in sorted(drop):
        if BY_NAME[name].treatment is Treatment.STAYS:
            raise ConfigError(_DROP, f'"{name}" has to stay: {BY_NAME[name].why}')
    if request.within_km is not None and not 0 < request.within_km <= _MOST_KM:
        problem = f"want km in (0, {_MOST_KM:g}], got {request.within_km:g}"
        raise ConfigError(_WITHIN, problem)
    return (DEFAULT | drop) - keep


def _known(names: Iterable[str], option: str) -> frozenset[str]:
    for name in names:
        if name not in BY_NAME:
            can = [n for n, f in BY_NAME.items() if f.treatment is not Treatment.STAYS]
            meant = nearest(name, can)
            hint = f'; did you mean "{meant}"?' if meant else ""
            problem = f'want a field, got "{name}"{hint}; there are {", ".join(can)}'
            raise ConfigError(option, problem)
    return frozenset(names)


def _folders(request: RedactRequest) -> tuple[Path, ...]:
    path, into = request.path, request.into
    if not path.is_dir():
        raise StoreError(str(path), "is no folder")
    if path.resolve() in into.absolute().parents:
        raise ConfigError(str(into), f"lies inside {path}, which is a sealed set")
    if is_merged(path):
        return members_in(path)
    found = sets_at([path])
    for folder in found:
        if is_merged(folder):
            problem = "is a merged set among others; redact it by itself"
            raise ConfigError(str(folder), problem)
    return found


def _sound(folder: Path) -> ResultSet:
    verify(folder)
    return ResultSet.open(folder)


def _new_names(texts: Iterable[str], vantages: set[str]) -> dict[str, str]:
    """The names that are to be changed, and to what."""
    names: dict[str, str] = {}
    for text in texts:
        old, equals, new = text.rpartition("=")
        if not equals and len(vantages) > 1:
            problem = (
                f'want OLD=NEW for each of {", ".join(sorted(vantages))}, got "{text}"'
            )
            raise ConfigError(_RENAME, problem)
        old = old if equals else next(iter(vantages))
        if old not in vantages:
            problem = f'there is no vantage "{old}"; want {", ".join(sorted(vantages))}'
            raise ConfigError(_RENAME, problem)
        names[old] = new
    left = [names.get(name, name) for name in vantages]
    if len(set(left)) < len(left):
        raise ConfigError(_RENAME, "two vantages would have one name")
    return names


def _redacted(result: ResultSet, wishes: Wishes, request: RedactRequest) -> RedactedSet:
    manifest = result.manifest
    _check_name(wishes.vantage_name or manifest.run.vantage.name, request.keep)
    before = manifest.run.redacted
    fields = set(wishes.applied_to(manifest))
    if not fields:
        raise ConfigError(_KEEP, "nothing is left that would be taken out")
    redaction = Redaction(
        redacted_wall_ns=request.now_ns,
        tool_version=__version__,
        # What was taken out before is not there either.
        fields=tuple(sorted(fields | set(before.fields if before else ()))),
        original_sha256=before.original_sha256
        if before
        else sha256_of(result.folder / CHECKSUMS),
    )
    try:
        made = redacted_manifest(manifest, wishes, redaction)
    except ValueError as exc:
        raise ConfigError(_RENAME, str(exc)) from exc
    return RedactedSet(original=result, manifest=made, wishes=wishes)


def _check_name(name: str, keep: Sequence[str]) -> None:
    if _LIKE_A_HOST.fullmatch(name) and VANTAGE_NAME not in keep:
        problem = (
            f'"{name}" looks like the name or address of a host; give another one, or '
            f"say {_KEEP} {VANTAGE_NAME}"
        )
        raise ConfigError(_RENAME, problem)


_COLUMNS = (
    Column(name="field", label="taken out"),
    Column(name="values", label="values", scale=Scale.COUNT),
    Column(name="why", label="why"),
)


def _document(request: RedactRequest, redacted: Sequence[RedactedSet]) -> Document:
    found = [one.wishes.applied_to(one.original.manifest) for one in redacted]
    names = sorted({name for applied in found for name in applied})
    noun = "set" if len(redacted) == 1 else "sets"
    counts = [_counts(one) for one in redacted]
    rows: list[tuple[Cell, ...]] = [
        (name, sum(count.get(name, 0) for count in counts), _why(name))
        for name in names
    ]
    return Document(
        kind="redact",
        title=f"{len(redacted)} {noun} copied to {request.into}, "
        f"without {len(names)} fields",
        tables=(Table(name="fields", title="", columns=_COLUMNS, rows=tuple(rows)),),
        notes=tuple(_notes(request, redacted)),
    )


def _why(name: str) -> str:
    if name in (VANTAGE_NAME, COORDINATES):
        return "asked for"
    return BY_NAME[name].why


def _counts(one: RedactedSet) -> dict[str, int]:
    """How many values there were of each field that was taken out."""
    wishes = one.wishes
    found = dict.fromkeys(wishes.columns, 0)
    found |= {f"bins.{name}": 0 for name in wishes.bin_columns}
    for name, piece in one.original.pieces(sorted(wishes.columns)):
        found[name] += len(piece) - piece.null_count
    for name, piece in one.original.bin_pieces(sorted(wishes.bin_columns)):
        found[f"bins.{name}"] += len(piece) - piece.null_count
    for name in wishes.applied_to(one.original.manifest):
        if name == FILES:
            found[name] = len(attached_files(one.original))
        elif name not in found:
            found[name] = int(_differs(one, name))
    return found


def _differs(one: RedactedSet, name: str) -> bool:
    head, _, key = name.partition(".")
    if name == COORDINATES:
        return one.original.manifest.run.vantage.latitude_deg is not None

    def value(manifest: Manifest) -> object:
        table = manifest.outcome if head == "outcome" else getattr(manifest.run, head)
        return getattr(table, key) if key and table is not None else table

    return value(one.original.manifest) != value(one.manifest)


def _notes(request: RedactRequest, redacted: Sequence[RedactedSet]) -> Iterator[str]:
    for vantage in dict.fromkeys(one.manifest.run.vantage for one in redacted):
        said = [
            word
            for word in (vantage.city, vantage.country, vantage.cloud_region)
            if word is not None
        ]
        if vantage.latitude_deg is not None:
            said.append(f"{vantage.latitude_deg:g}, {vantage.longitude_deg:g}")
        if vantage.asn is not None:
            said.append(f"AS{vantage.asn}")
        more = f" ({'; '.join(said)})" if said else ""
        yield f"its readers see vantage {vantage.name}{more}"
    own = _own_hosts(redacted)
    if own:
        rest = f" and {len(own) - _NAMED} more" if len(own) > _NAMED else ""
        yield (
            "the plan and its targets stay, since its hash names them; these hosts are "
            f"not of the shipped catalogue: {', '.join(own[:_NAMED])}{rest}"
        )
    if "local_port" in request.keep:
        yield (
            "the copy holds a hash of the original: with the ports kept, who guesses "
            "all that was taken out can tell by it that the guess is right"
        )


def _own_hosts(redacted: Sequence[RedactedSet]) -> list[str]:
    catalog = load_catalog()
    shipped = {one.endpoint.host for one in (*catalog.targets, *catalog.objects)}
    rows = [row for one in redacted for row in one.original.rows_used]
    return sorted({row.endpoint.host for row in rows} - shipped)
