"""Values to and from what JSON can hold, checked field by field.

An enum is its value, a date ISO 8601, a decimal number its digits as text, a tuple
a list, a value a table of its fields; a field that came later is left out while it
has its default. What is read may come from a stranger: every type is checked, and
nothing but the fields of the wanted value is made of it.
"""

import dataclasses
import json
import types
import typing
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import Enum
from functools import cache
from typing import Any, TypeVar

from cloudgauge.errors import ConfigError
from cloudgauge.settings.toml_file import nearest

_Made = TypeVar("_Made")
# What a column of 64 bits holds. Longer ones come from nobody who measures.
_WHOLE_LIMIT = 2**63
_WANTED: dict[Any, str] = {
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
}


def canonical_json(plain: Mapping[str, Any]) -> str:
    """Write JSON in its one spelling: ASCII, keys sorted, no blanks, no NaN."""
    return json.dumps(
        plain, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False
    )


def parse_json_table(text: str, where: str) -> dict[str, Any]:
    """Read a JSON object; *where* names its origin in messages.

    Raises:
        ConfigError: The text is no JSON, has NaN or infinity, or is no object.
    """
    try:
        table = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as exc:
        raise ConfigError(where, f"is not JSON: {exc}") from exc
    if not isinstance(table, dict):
        raise ConfigError(where, "want a JSON object")
    return table


def to_plain(value: Any) -> Any:
    """Turn a value, with all that is in it, into what JSON can hold."""
    if dataclasses.is_dataclass(value):
        return {
            field.name: to_plain(getattr(value, field.name))
            for field in dataclasses.fields(value)
            if not _is_left_out(field, value)
        }
    if isinstance(value, tuple):
        return [to_plain(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal):
        return _digits(value)
    return value.isoformat() if isinstance(value, date) else value


def _digits(value: Decimal) -> str:
    """Equal numbers have one spelling: no exponent, no zeros at the end."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _is_left_out(field: dataclasses.Field[Any], value: Any) -> bool:
    """Whether a field that older versions did not have is as if it were not there."""
    is_later = field.metadata.get("later", False)
    return bool(is_later and getattr(value, field.name) == field.default)


def from_plain(kind: type[_Made], plain: object, where: str) -> _Made:
    """Make a value of a dataclass *kind* from what `to_plain` gave.

    A field that has a default may be absent, so that what an older version wrote
    can be read.

    Raises:
        ConfigError: A field is missing, unknown, of another type, or the value
            refuses it; the message says where it stands.
    """
    made: _Made = _read(kind, plain, where)
    return made


def _read(hint: Any, plain: object, where: str) -> Any:
    if dataclasses.is_dataclass(hint):
        return _read_value(hint, plain, where)
    if isinstance(hint, types.UnionType):
        (inner,) = [arm for arm in typing.get_args(hint) if arm is not type(None)]
        return None if plain is None else _read(inner, plain, where)
    if typing.get_origin(hint) is tuple:
        if not isinstance(plain, list):
            raise ConfigError(where, f"want a list, got {_shown(plain)}")
        inner = typing.get_args(hint)[0]
        return tuple(_read(inner, p, f"{where}[{i}]") for i, p in enumerate(plain))
    return _read_scalar(hint, plain, where)


def _read_value(kind: Any, plain: object, where: str) -> Any:
    if not isinstance(plain, dict):
        raise ConfigError(where, f"want an object, got {_shown(plain)}")
    hints = _hints(kind)
    for key in plain:
        if key not in hints:
            meant = nearest(key, hints)
            hint = f'; did you mean "{meant}"?' if meant else ""
            problem = f"unknown key; want one of {', '.join(sorted(hints))}{hint}"
            raise ConfigError(_below(where, key), problem)
    for field in dataclasses.fields(kind):
        if field.name not in plain and field.default is dataclasses.MISSING:
            raise ConfigError(_below(where, field.name), "is missing")
    values = {key: _read(hints[key], plain[key], _below(where, key)) for key in plain}
    try:
        return kind(**values)
    except ValueError as exc:
        raise ConfigError(where, str(exc)) from exc


def _read_scalar(hint: Any, plain: object, where: str) -> Any:
    # By type(), since JSON's true is an int to isinstance.
    if type(plain) is hint or (hint is float and type(plain) is int):
        if hint is int:
            return _as_whole(plain, where)
        return _as_float(plain, where) if hint is float else plain
    if hint in _WANTED or not isinstance(plain, str):
        wanted = _WANTED.get(hint, "text")
        raise ConfigError(where, f"want {wanted}, got {_shown(plain)}")
    try:
        return date.fromisoformat(plain) if hint is date else hint(plain)
    except (ValueError, InvalidOperation) as exc:
        names = {date: "a date", Decimal: "the digits of a number"}
        words = names.get(hint) or " or ".join(f'"{word}"' for word in hint)
        raise ConfigError(where, f"want {words}, got {_shown(plain)}") from exc


def _as_whole(plain: Any, where: str) -> int:
    if not -_WHOLE_LIMIT <= plain < _WHOLE_LIMIT:
        raise ConfigError(where, "want a whole number in [-2^63, 2^63)")
    whole: int = plain
    return whole


def _as_float(plain: Any, where: str) -> float:
    try:
        return float(plain)
    except OverflowError as exc:
        raise ConfigError(where, "want a number that a float can hold") from exc


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _refuse_constant(name: str) -> None:
    msg = f"{name} is not a number"
    raise ValueError(msg)


def _below(where: str, key: str) -> str:
    # The first key stands after the file's name, the others after their table.
    return f"{where}.{key}" if ": " in where else f"{where}: {key}"


def _shown(plain: object) -> str:
    text = json.dumps(plain, ensure_ascii=True)
    return text if len(text) <= 80 else f"{text[:77]}..."
