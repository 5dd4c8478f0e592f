"""Evidence into target files: a maintainer's way to keep what live checks found."""

import contextlib
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from cloudgauge.catalog.evidence import Evidence, Network, Witness
from cloudgauge.catalog.evidence_files import read_evidence
from cloudgauge.catalog.files import ReadFile, endpoint_rows, file_of, object_rows
from cloudgauge.catalog.row_text import RowChange, with_changes
from cloudgauge.catalog.rows import EndpointRow, ObjectRow
from cloudgauge.errors import ConfigError, ConfigErrors, MachineError
from cloudgauge.model.target import Confidence
from cloudgauge.report.document import Cell, Column, Document, Table
from cloudgauge.settings.toml_file import FILE_LIMIT_BYTES

_COLUMNS = (
    Column(name="target", label="target"),
    Column(name="confidence", label="confidence"),
    Column(name="confidence_was", label="was"),
    Column(name="checked", label="checked"),
    Column(name="checked_was", label="was"),
    Column(name="outcome", label="outcome"),
    Column(name="vantage", label="checked from"),
    Column(name="file", label="file"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _TargetText:
    """A target file as its bytes have it, line ends and all."""

    path: Path
    text: str
    file: ReadFile

    @property
    def rows(self) -> Iterator[tuple[str, int, str, EndpointRow | ObjectRow]]:
        """Table, index, target id and row of all that has a URL."""
        for place, row, _ in endpoint_rows((self.file,)):
            yield place.table, place.index, f"{row.region}:{row.service}", row
        for place, item, _ in object_rows((self.file,)):
            yield place.table, place.index, f"{item.region}:{item.name}", item


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fold:
    """One row that evidence changes."""

    target_id: str
    row: EndpointRow | ObjectRow
    change: RowChange
    witness: Witness


def fold(
    evidence_files: tuple[Path, ...], into: Path, *, today: date, dry_run: bool
) -> Document:
    """Write what evidence says into the rows of target files.

    Of a row only ``checked`` and ``confidence`` change, and nothing else of the file,
    not a byte. A row is passed over if its URL is not the one that was asked for, if
    somebody has checked it since, or if nothing could be learned of it.

    Args:
        evidence_files: At least one; of several findings of a row the newest counts.
        into: A target file, or a folder of them such as ``targets/``.
        today: UTC; evidence from later is refused.
        dry_run: Say what would change, and write nothing.

    Raises:
        ConfigError: A file is wrong, evidence is of a private network, or a row
            cannot be edited alone; nothing was written.
        MachineError: A file cannot be written.
    """
    known = _newest_by_target(evidence_files, today)
    skipped: Counter[str] = Counter()
    texts = _texts_at(into)
    seen: set[str] = set()
    folds: dict[Path, list[_Fold]] = {}
    for text in texts:
        folds[text.path] = [
            _Fold(target_id=target_id, row=row, change=change, witness=witness)
            for table, index, target_id, row in text.rows
            if (witness := _speaking(known.get(target_id, []), row, skipped))
            and (change := _change(table, index, row, witness))
        ]
        seen.update(target_id for _, _, target_id, _ in text.rows)
    strangers = len(known.keys() - seen)
    edited = {
        text.path: with_changes(
            text.text,
            tuple(one.change for one in folds[text.path]),
            where=str(text.path),
        )
        for text in texts
        if folds[text.path]
    }
    if not dry_run:
        for path, content in edited.items():
            _replace(path, content)
    return _document(folds, skipped, strangers, dry_run=dry_run)


def _newest_by_target(paths: tuple[Path, ...], today: date) -> dict[str, list[Witness]]:
    evidence: list[Evidence] = []
    for path in paths:
        one = read_evidence(path, today=today)
        if one.network is not Network.REAL:
            key = f"{path}: network"
            problem = (
                f'is "{one.network}": only what was found in the real network may be '
                "folded into target files"
            )
            raise ConfigError(key, problem)
        evidence.append(one)
    known: dict[str, list[Witness]] = {}
    for one in sorted(evidence, key=lambda one: one.checked_at, reverse=True):
        for finding in one.findings:
            witness = Witness(evidence=one, finding=finding)
            known.setdefault(finding.target_id, []).append(witness)
    return known


def _texts_at(into: Path) -> tuple[_TargetText, ...]:
    """Read the target files; those that do not fit their schema are refused."""
    paths = sorted(into.rglob("*.toml")) if into.is_dir() else [into]
    if not paths:
        raise ConfigError(str(into), "has no target file (*.toml) in it")
    texts = tuple(
        _TargetText(path=path, text=text, file=file_of(text, where=str(path)))
        for path in paths
        for text in [_exact_text(path)]
    )
    errors = tuple(error for text in texts for error in text.file.errors)
    if errors:
        raise ConfigErrors(errors)
    return texts


def _exact_text(path: Path) -> str:
    # As settings.toml_file.read_text, but for the line ends, which it evens out.
    try:
        if path.stat().st_size > FILE_LIMIT_BYTES:
            raise ConfigError(str(path), f"want at most {FILE_LIMIT_BYTES} bytes")
        return path.read_bytes().decode("utf-8")
    except OSError as exc:
        raise ConfigError(str(path), f"cannot be read: {exc.strerror}") from exc
    except UnicodeDecodeError as exc:
        raise ConfigError(str(path), "is not UTF-8 text") from exc


def _speaking(
    witnesses: list[Witness], row: EndpointRow | ObjectRow, skipped: Counter[str]
) -> Witness | None:
    """The newest finding that may be folded into a row; counts why there is none."""
    reason = ""
    for witness in witnesses:
        finding = witness.finding
        if finding.url != row.url:
            reason = "asked for another URL than the row has now"
        elif finding.checked < row.checked:
            reason = "older than what the row says"
        elif finding.holds is None:
            reason = "nothing could be told from there"
        else:
            return witness
    if reason:
        skipped[reason] += 1
    return None


def _change(
    table: str, index: int, row: EndpointRow | ObjectRow, witness: Witness
) -> RowChange | None:
    """What a row is to say; None if it says so already."""
    finding = witness.finding
    confidence = Confidence.HIGH if finding.holds else Confidence.LOW
    if (row.checked, row.confidence) == (finding.checked, confidence):
        return None
    return RowChange(
        table=table, index=index, checked=finding.checked, confidence=confidence
    )


def _replace(path: Path, content: str) -> None:
    """Put a file in the place of another, whole or not at all, with its rights."""
    place = path.resolve()
    fresh = place.with_name(f".{place.name}.new")
    try:
        fresh.write_bytes(content.encode("utf-8"))
        shutil.copymode(place, fresh)
        fresh.replace(place)
    except OSError as exc:
        with contextlib.suppress(OSError):
            fresh.unlink(missing_ok=True)
        msg = f"{path}: cannot be written: {exc.strerror}"
        raise MachineError(msg) from exc


def _document(
    folds: dict[Path, list[_Fold]],
    skipped: Counter[str],
    strangers: int,
    *,
    dry_run: bool,
) -> Document:
    rows = tuple(_row(path, one) for path in folds for one in folds[path])
    files = sum(bool(ones) for ones in folds.values())
    verb = "would change" if dry_run else "changed"
    if strangers:
        skipped["of no row in these files"] = strangers
    notes = (
        f"left out, {reason}: {_count(count, 'finding')}"
        for reason, count in skipped.most_common()
    )
    return Document(
        kind="targets-fold",
        title=f"{verb} {_count(len(rows), 'row')} in {_count(files, 'file')}",
        tables=(Table(name="rows", title="", columns=_COLUMNS, rows=rows),),
        notes=tuple(notes),
    )


def _row(path: Path, one: _Fold) -> tuple[Cell, ...]:
    return (
        one.target_id,
        one.change.confidence.value,
        one.row.confidence.value,
        one.change.checked.isoformat(),
        one.row.checked.isoformat(),
        one.witness.finding.outcome,
        one.witness.evidence.place,
        str(path),
    )


def _count(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
