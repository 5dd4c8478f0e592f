"""Two keys of a target file's rows, edited in place; every other byte stays.

The editor reads lines, not TOML: comments, order and blanks are a maintainer's work.
What it made is therefore parsed again, and refused unless exactly what was asked for
has changed.
"""

import copy
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from cloudgauge.errors import ConfigError
from cloudgauge.model.target import Confidence

_HEADER = re.compile(r"\s*\[\[\s*(\w+)\s*\]\]\s*(?:#.*)?", re.ASCII)
_ANY_HEADER = re.compile(r"\s*\[")
_KEY = r"""(\s*(?:"{0}"|'{0}'|{0})\s*=\s*)"""
_REST = r"(\s*(?:#.*)?)"
_CHECKED = re.compile(_KEY.format("checked") + r"\d{4}-\d\d-\d\d" + _REST, re.ASCII)
_CONFIDENCE = re.compile(
    _KEY.format("confidence") + r"""(["'])\w+\2""" + _REST, re.ASCII
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RowChange:
    """What a row is to say.

    Attributes:
        table: ``endpoint`` or ``object``.
        index: Which of its rows, from 0.
    """

    table: str
    index: int
    checked: date
    confidence: Confidence


def with_changes(text: str, changes: tuple[RowChange, ...], *, where: str) -> str:
    """Give the text of a target file with some rows' ``checked`` and ``confidence``.

    Args:
        text: TOML, its line ends as they are in the file.
        changes: At most one for a row.
        where: How messages name the file.

    Raises:
        ConfigError: A row is not written as lines of a ``[[table]]``, so that it
            cannot be edited alone; nothing was changed.
    """
    wanted = {(change.table, change.index): change for change in changes}
    edited = _edited(text, wanted)
    before = tomllib.loads(text)
    expected = copy.deepcopy(before)
    for change in changes:
        row = expected[change.table][change.index]
        row["checked"], row["confidence"] = change.checked, change.confidence.value
    if tomllib.loads(edited) != expected:
        key = where
        if len(changes) == 1:
            key = f"{where}: {changes[0].table}[{changes[0].index}]"
        problem = (
            'want "checked" and "confidence" on lines of their own under [[table]] '
            "headers; edit this file by hand"
        )
        raise ConfigError(key, problem)
    return edited


def _edited(text: str, wanted: Mapping[tuple[str, int], RowChange]) -> str:
    counts: dict[str, int] = {}
    change: RowChange | None = None
    lines = []
    # Not splitlines(), which knows more line ends than TOML does.
    for line in text.split("\n"):
        header = _HEADER.fullmatch(line)
        if header:
            table = header[1]
            change = wanted.get((table, counts.setdefault(table, 0)))
            counts[table] += 1
        elif _ANY_HEADER.match(line):
            change = None
        lines.append(line if change is None else _edited_line(line, change))
    return "\n".join(lines)


def _edited_line(line: str, change: RowChange) -> str:
    checked = _CHECKED.fullmatch(line)
    if checked:
        return f"{checked[1]}{change.checked.isoformat()}{checked[2]}"
    confidence = _CONFIDENCE.fullmatch(line)
    if confidence:
        key, quote, rest = confidence.groups()
        return f"{key}{quote}{change.confidence.value}{quote}{rest}"
    return line
