from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import AfterValidator, Field

from cloudgauge.errors import ConfigError, ConfigErrors
from cloudgauge.settings import toml_file
from cloudgauge.settings.toml_file import (
    ByteCount,
    DurationNs,
    HttpsUrl,
    Row,
    Word,
    Words,
    nearest,
    parse_toml,
    read_text,
    read_toml,
)


def refuse_size(size: int) -> int:
    msg = f"size must be small, got {size}"
    raise ValueError(msg)


class Colour(StrEnum):
    RED = "red"
    GREEN = "green"


class Part(Row):
    url: HttpsUrl
    colour: Word[Colour] = Colour.RED


class Settings(Row):
    name: str
    every: DurationNs = 0
    limit: ByteCount = 0
    count: int = 0
    tags: Words[str] = ()
    part: Words[Part] = ()
    by_name: dict[str, Part] = Field(default_factory=dict)


def told(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        parse_toml(text, where="plan.toml", row_type=Settings)
    return str(caught.value).split("\n")


def test_a_good_file_is_read_into_values(tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    path.write_text(
        'name = "a"\nevery = "1m30s"\nlimit = "64 KiB"\ntags = ["x", "y"]\n'
        '[[part]]\nurl = "https://example.net/"\ncolour = "green"\n'
    )
    settings = read_toml(path, Settings)
    assert settings.every == 90_000_000_000
    assert settings.limit == 65_536
    assert settings.tags == ("x", "y")
    assert settings.part == (Part(url="https://example.net/", colour=Colour.GREEN),)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "plan.toml: name: is missing"),
        (
            'nmae = "a"\nname = "a"',
            "plan.toml: nmae: unknown key; want one of by_name, count, every, limit, "
            'name, part, tags; did you mean "name"?',
        ),
        (
            'name = "a"\nzzzzzz = 1',
            "plan.toml: zzzzzz: unknown key; want one of by_name, count, every, "
            "limit, name, part, tags",
        ),
        ("name = 1", "plan.toml: name: want a string, got 1"),
        (
            'name = "a"\ncount = "1"',
            'plan.toml: count: input should be a valid integer, got "1"',
        ),
        (
            'name = "a"\ncount = true',
            "plan.toml: count: input should be a valid integer, got true",
        ),
        (
            'name = "a"\nevery = 5',
            'plan.toml: every: want a duration such as "500ms" or "1m30s", got 5',
        ),
        (
            'name = "a"\nevery = "5"',
            'plan.toml: every: want a duration such as "500ms" or "1m30s", got "5"',
        ),
        (
            'name = "a"\nlimit = 5',
            'plan.toml: limit: want a byte count such as "64 KiB" or "5 MB", got 5',
        ),
        (
            'name = "a"\nlimit = "5"',
            'plan.toml: limit: want a byte count such as "64 KiB" or "5 MB", got "5"',
        ),
        (
            'name = "a"\n[[part]]\nurl = "http://example.net/"',
            'plan.toml: part[0].url: want https, got "http://example.net/"',
        ),
        (
            'name = "a"\n[[part]]\nurl = "https://example.net/"\ncolour = "rde"',
            'plan.toml: part[0].colour: want "red" or "green", got "rde"; '
            'did you mean "red"?',
        ),
        (
            'name = "a"\n[[part]]\nurl = "https://example.net/"\ncolour = "mauve"',
            'plan.toml: part[0].colour: want "red" or "green", got "mauve"',
        ),
        (
            'name = "a"\n[[part]]\nurl = "https://example.net/"\ncolor = "red"',
            "plan.toml: part[0].color: unknown key; want one of colour, url; "
            'did you mean "colour"?',
        ),
        (
            'name = "a"\n[by_name.x]\nurl = "https://example.net/"\nur = 1',
            "plan.toml: by_name.x.ur: unknown key; want one of colour, url; "
            'did you mean "url"?',
        ),
        (
            'name = "a"\ntags = "x"',
            'plan.toml: tags: want a list, got "x"',
        ),
    ],
)
def test_a_mistake_names_file_key_found_and_wanted(text: str, message: str) -> None:
    assert told(text) == [message]


def test_all_mistakes_are_told_at_once_and_can_be_walked() -> None:
    text = 'every = 1\n[[part]]\nurl = "ftp://a"\n[[part]]\n'
    with pytest.raises(ConfigErrors) as caught:
        parse_toml(text, where="plan.toml", row_type=Settings)
    assert [error.where for error in caught.value.errors] == [
        "plan.toml: name",
        "plan.toml: every",
        "plan.toml: part[0].url",
        "plan.toml: part[1].url",
    ]


def test_a_long_value_is_cut_in_the_message() -> None:
    (message,) = told(f'name = "a"\ncount = "{"x" * 500}"')
    assert message.endswith(f'got "{"x" * 76}…')


def test_text_that_is_no_toml_is_told_with_line_and_column() -> None:
    (message,) = told('name = "a"\nname = ')
    assert message == "plan.toml: is not TOML: invalid value (at end of document)"


def test_a_row_that_is_no_table_is_refused() -> None:
    (message,) = told('name = "a"\npart = [1]')
    assert message == "plan.toml: part[0]: want a table, got 1"


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    path = tmp_path / "none.toml"
    with pytest.raises(ConfigError) as caught:
        read_text(path)
    assert str(caught.value) == f"{path}: cannot be read: No such file or directory"


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    path.write_bytes(b"name = \xff")
    with pytest.raises(ConfigError) as caught:
        read_toml(path, Settings)
    assert str(caught.value) == f"{path}: is not UTF-8 text"


def test_a_file_too_large_to_be_a_setting_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    with path.open("wb") as file:
        file.truncate(toml_file.FILE_LIMIT_BYTES + 1)
    with pytest.raises(ConfigError) as caught:
        read_toml(path, Settings)
    assert str(caught.value) == f"{path}: want at most 16777216 bytes"


def test_the_nearest_name_is_offered_only_when_it_is_near() -> None:
    assert nearest("regon", ["region", "country"]) == "region"
    assert nearest("xyz", ["region", "country"]) is None
    assert nearest("xyz", []) is None


class Versioned(Row):
    schema_version: Literal[1] = Field(alias="schema")
    size: Annotated[int, AfterValidator(refuse_size)] = 1


@pytest.mark.parametrize("found", ["true", "1.0", "false", '"1"'])
def test_a_schema_that_only_equals_its_number_is_refused(found: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_toml(f"schema = {found}", where="a.toml", row_type=Versioned)

    assert str(caught.value) == f"a.toml: schema: want a whole number, got {found}"
    assert parse_toml("schema = 1", where="a.toml", row_type=Versioned).size == 1


def test_a_message_that_begins_with_its_key_says_it_once() -> None:
    with pytest.raises(ConfigError) as caught:
        parse_toml("schema = 1\nsize = 3", where="a.toml", row_type=Versioned)

    assert str(caught.value) == "a.toml: size: must be small, got 3"
