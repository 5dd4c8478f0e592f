"""Evidence files: one for each live check, dated, written once, read with suspicion."""

import json
import os
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from cloudgauge.catalog.evidence import Evidence, Finding, Network
from cloudgauge.catalog.keys import Country, Line, Note, PlainUrl
from cloudgauge.errors import ConfigError, ConfigErrors, MachineError
from cloudgauge.model.run import Vantage
from cloudgauge.model.sample import FailureKind
from cloudgauge.settings.toml_file import Row, Word, Words, parse_toml, read_text

FOLDER_NAME = "evidence"
_PATTERN = "evidence-*.toml"
_ANSWERED = "answered"
_SCHEMA_VERSION = 1
# Outside these a date cannot be counted with.
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_LATEST = datetime(9000, 1, 1, tzinfo=UTC)
# The clock of another machine need not be ours to the second.
_CLOCKS_APART = timedelta(days=1)


class _FindingRow(Row):
    target: Line
    url: PlainUrl
    checked: date
    outcome: str
    status: Annotated[int, Field(ge=100, le=599)] | None = None
    families: Annotated[int, Field(ge=0, le=2)]
    size_bytes: Annotated[int, Field(ge=0, lt=2**63)] | None = None
    holds: bool | None = None
    note: Note = ""


class _EvidenceFile(Row):
    schema_version: Literal[1]
    tool_version: Line
    checked_at: Annotated[AwareDatetime, Field(ge=_EARLIEST, lt=_LATEST)]
    network: Word[Network]
    vantage: str
    country: Country | None = None
    target: Words[_FindingRow] = ()


def read_evidence(path: Path, *, today: date) -> Evidence:
    """Read one evidence file.

    Args:
        path: Its place.
        today: UTC. What says that it is from later would hide all that comes until
            then.

    Raises:
        ConfigErrors: All that does not fit the schema, in the order of its keys.
        ConfigError: It cannot be read, is too large or is not TOML.
    """
    where = str(path)
    table = parse_toml(read_text(path), where=where, row_type=_EvidenceFile)
    errors = tuple(_misfits(table, where, today))
    if errors:
        raise ConfigErrors(errors)
    return Evidence(
        tool_version=table.tool_version,
        checked_at=table.checked_at,
        network=table.network,
        vantage=table.vantage,
        country=table.country,
        findings=tuple(_finding(row) for row in table.target),
    )


def read_evidence_in(folder: Path, *, today: date) -> tuple[Evidence, ...]:
    """Read every evidence file of a folder, in order of name; none if there is none.

    Raises:
        ConfigError: A file is wrong; names file and key.
    """
    paths = sorted(folder.glob(_PATTERN))
    return tuple(read_evidence(path, today=today) for path in paths)


def make_folder(folder: Path) -> None:
    """Make the folder that evidence goes to, and find out early if it cannot be.

    Raises:
        MachineError: It cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        msg = f"{folder}: evidence cannot be kept there: {exc.strerror}"
        raise MachineError(msg) from exc


def write_evidence(folder: Path, evidence: Evidence) -> Path:
    """Write an evidence file: whole or not at all, and never over another.

    Raises:
        MachineError: It cannot be written.
    """
    stem = f"evidence-{evidence.checked_at:%Y%m%dT%H%M%SZ}"
    make_folder(folder)
    try:
        with tempfile.NamedTemporaryFile(
            "w", dir=folder, prefix=".evidence-", encoding="utf-8"
        ) as fresh:
            fresh.write(evidence_to_toml(evidence))
            fresh.flush()
            os.fsync(fresh.fileno())
            return _linked(Path(fresh.name), folder, stem)
    except OSError as exc:
        msg = f"{folder}: evidence cannot be written: {exc.strerror}"
        raise MachineError(msg) from exc


def evidence_to_toml(evidence: Evidence) -> str:
    """Write evidence as TOML that `read_evidence` reads back equal."""
    lines = [
        "# What a live check found: cloudgauge targets check --live",
        f"schema_version = {_SCHEMA_VERSION}",
        f"tool_version = {_text(evidence.tool_version)}",
        f"checked_at = {evidence.checked_at:%Y-%m-%dT%H:%M:%SZ}",
        f"network = {_text(evidence.network)}",
        f"vantage = {_text(evidence.vantage)}",
    ]
    if evidence.country is not None:
        lines.append(f"country = {_text(evidence.country)}")
    for finding in evidence.findings:
        lines += _finding_lines(finding)
    return "\n".join(lines) + "\n"


def _finding_lines(finding: Finding) -> Iterator[str]:
    yield from ("", "[[target]]", f"target = {_text(finding.target_id)}")
    yield f"url = {_text(finding.url)}"
    yield f"checked = {finding.checked.isoformat()}"
    yield f"outcome = {_text(finding.outcome)}"
    if finding.status is not None:
        yield f"status = {finding.status}"
    yield f"families = {finding.families}"
    if finding.size_bytes is not None:
        yield f"size_bytes = {finding.size_bytes}"
    if finding.holds is not None:
        yield f"holds = {'true' if finding.holds else 'false'}"
    if finding.note:
        yield f"note = {_text(finding.note)}"


def _text(text: str) -> str:
    # A JSON string is a TOML string, but for DEL, which TOML wants escaped.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _linked(fresh: Path, folder: Path, stem: str) -> Path:
    """Give a whole file its name, if nobody has it; a link, unlike a rename, asks."""
    path, attempt = folder / f"{stem}.toml", 1
    while True:
        try:
            path.hardlink_to(fresh)
        except FileExistsError:
            attempt += 1
            path = folder / f"{stem}-{attempt}.toml"
        else:
            return path


def _misfits(table: _EvidenceFile, where: str, today: date) -> Iterator[ConfigError]:
    """What single keys cannot show."""
    if table.checked_at.date() - _CLOCKS_APART > today:
        problem = f"lies in the future, today is {today}; is a clock wrong?"
        yield ConfigError(f"{where}: checked_at", problem)
    offset = table.checked_at.utcoffset()
    if offset != timedelta(0):
        yield ConfigError(f"{where}: checked_at", "want UTC")
    try:
        Vantage(name=table.vantage)
    except ValueError as exc:
        yield ConfigError(f"{where}: vantage", str(exc))
    first: dict[str, int] = {}
    began = table.checked_at.date()
    for index, row in enumerate(table.target):
        key = f"{where}: target[{index}]"
        if first.setdefault(row.target, index) != index:
            problem = f'"{row.target}" stands already at target[{first[row.target]}]'
            yield ConfigError(f"{key}.target", problem)
        if row.checked != began:
            problem = f"want the day of checked_at, {began}, got {row.checked}"
            yield ConfigError(f"{key}.checked", problem)
        if row.outcome != _ANSWERED and row.outcome not in set(FailureKind):
            problem = f'want "{_ANSWERED}" or a kind of failure, got "{row.outcome}"'
            yield ConfigError(f"{key}.outcome", problem)
            continue
        try:
            _finding(row)
        except ValueError as exc:
            yield ConfigError(f"{key}.holds", str(exc))


def _finding(row: _FindingRow) -> Finding:
    answered = row.outcome == _ANSWERED
    return Finding(
        target_id=row.target,
        url=row.url,
        checked=row.checked,
        failure=None if answered else FailureKind(row.outcome),
        status=row.status,
        families=row.families,
        size_bytes=row.size_bytes,
        holds=row.holds,
        note=row.note,
    )
