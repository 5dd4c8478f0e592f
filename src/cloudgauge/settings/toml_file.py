"""TOML into checked rows; every mistake names file, key, found and wanted.

pydantic checks, this module turns what it says into `ConfigError`s. It is loaded
only when a file is read, never for ``--help``.
"""

import difflib
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    field_validator,
)
from pydantic import ValidationError as PydanticError

from cloudgauge.errors import ConfigError, ConfigErrors
from cloudgauge.model.quantity import parse_byte_count, parse_duration_ns

# A file from a stranger may be anything: what is larger than this is no plan.
FILE_LIMIT_BYTES = 16 * 1024 * 1024


class Row(BaseModel):
    """A table of a TOML file. Unknown keys and values of another type are refused.

    Strict, so a field that is an enum or a tuple says ``Word[Reach]`` or
    ``Words[str]``: TOML has only strings and lists. The version of a file's schema
    is a field ``schema_version``.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    @field_validator("schema_version", mode="before", check_fields=False)
    @classmethod
    def _whole_number(cls, value: object) -> object:
        # To a Literal of 1, true and 1.0 are equal to it.
        if type(value) is not int:
            msg = f"want a whole number, got {_shown(value)}"
            raise ValueError(msg)
        return value


RowT = TypeVar("RowT", bound=Row)
_T = TypeVar("_T")
Word = Annotated[_T, Field(strict=False)]
Words = Annotated[tuple[_T, ...], Field(strict=False)]


def _duration_ns(value: object) -> int:
    if not isinstance(value, str):
        msg = f'want a duration such as "500ms" or "1m30s", got {value!r}'
        raise ValueError(msg)  # noqa: TRY004  pydantic reports no TypeError
    return parse_duration_ns(value)


def _byte_count(value: object) -> int:
    if not isinstance(value, str):
        msg = f'want a byte count such as "64 KiB" or "5 MB", got {value!r}'
        raise ValueError(msg)  # noqa: TRY004  pydantic reports no TypeError
    return parse_byte_count(value)


def _https(value: str) -> str:
    if not value.startswith("https://"):
        msg = f'want https, got "{value}"'
        raise ValueError(msg)
    return value


DurationNs = Annotated[int, BeforeValidator(_duration_ns)]
ByteCount = Annotated[int, BeforeValidator(_byte_count)]
HttpsUrl = Annotated[str, AfterValidator(_https)]


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The one of *known* that *word* was most likely meant to be, or None."""
    found = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return found[0] if found else None


def read_toml(path: Path, row_type: type[RowT]) -> RowT:
    """Read a TOML file into a row.

    Raises:
        ConfigErrors: All that is wrong with it, in the order of its keys.
        ConfigError: The file cannot be read, is too large or is not TOML.
    """
    return parse_toml(read_text(path), where=str(path), row_type=row_type)


def read_text(path: Path) -> str:
    """Read a text file of bounded size.

    Raises:
        ConfigError: It cannot be read, is too large or is not UTF-8.
    """
    try:
        if path.stat().st_size > FILE_LIMIT_BYTES:
            problem = f"want at most {FILE_LIMIT_BYTES} bytes"
            raise ConfigError(str(path), problem)
        return path.read_text(encoding="utf-8")
    except OSError as exc:
        raise ConfigError(str(path), f"cannot be read: {exc.strerror}") from exc
    except UnicodeDecodeError as exc:
        raise ConfigError(str(path), "is not UTF-8 text") from exc


def parse_toml(text: str, *, where: str, row_type: type[RowT]) -> RowT:
    """Read TOML text into a row; *where* names the file in messages.

    Raises:
        ConfigErrors: All that is wrong with it, in the order of its keys.
        ConfigError: The text is not TOML.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as exc:
        raise ConfigError(where, f"is not TOML: {_lower_first(str(exc))}") from exc
    return check_table(table, where=where, row_type=row_type)


def check_table(table: Mapping[str, Any], *, where: str, row_type: type[RowT]) -> RowT:
    """Check a table that was read already, as `parse_toml` does.

    Raises:
        ConfigErrors: All that is wrong with it.
    """
    try:
        return row_type.model_validate(table)
    except PydanticError as exc:
        errors = tuple(
            ConfigError(f"{where}: {_key(item['loc'])}", _problem(item, row_type))
            for item in exc.errors(include_url=False)
        )
        raise ConfigErrors(errors) from exc


def _key(location: tuple[int | str, ...]) -> str:
    text = ""
    for part in location:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{part}" if text else part
    return text or "(whole file)"


# In the words of TOML, not of Python.
_WANTED = {
    "tuple_type": "a list",
    "model_type": "a table",
    "dict_type": "a table",
    "string_type": "a string",
    "bool_type": "true or false",
    "date_type": "a date such as 2026-11-22",
    "date_from_datetime_parsing": "a date such as 2026-11-22",
}


def _problem(item: Any, row_type: type[BaseModel]) -> str:
    kind, found, location = item["type"], item["input"], item["loc"]
    if kind == "extra_forbidden":
        fields = _fields_at(row_type, location[:-1])
        meant = nearest(str(location[-1]), fields)
        hint = f'; did you mean "{meant}"?' if meant else ""
        return f"unknown key; want one of {', '.join(sorted(fields))}{hint}"
    if kind == "missing":
        return "is missing"
    if kind == "value_error":
        # The key is named already.
        return str(item["ctx"]["error"]).removeprefix(f"{location[-1]} ")
    if kind in {"enum", "literal_error"}:
        wanted = item["ctx"]["expected"].replace("'", '"')
        words = [word.strip('" ') for word in wanted.replace(" or ", ",").split(",")]
        meant = nearest(str(found), words)
        hint = f'; did you mean "{meant}"?' if meant else ""
        return f"want {wanted}, got {_shown(found)}{hint}"
    if kind in _WANTED:
        return f"want {_WANTED[kind]}, got {_shown(found)}"
    return f"{_lower_first(item['msg'])}, got {_shown(found)}"


def _fields_at(row_type: type[BaseModel], location: tuple[int | str, ...]) -> list[str]:
    """The keys that the table at *location* may have."""
    here: type[BaseModel] = row_type
    for part in location:
        if isinstance(part, int) or part not in here.model_fields:
            continue
        inner = _row_in(here.model_fields[part].annotation)
        if inner is None:
            break
        here = inner
    return [field.alias or name for name, field in here.model_fields.items()]


def _row_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in getattr(annotation, "__args__", ()):
        found = _row_in(inner)
        if found is not None:
            return found
    return None


def _shown(value: object) -> str:
    text = f'"{value}"' if isinstance(value, str) else str(value)
    text = text.lower() if isinstance(value, bool) else text
    return text if len(text) <= 80 else f"{text[:77]}…"


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]
