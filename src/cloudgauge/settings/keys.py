"""Keys of the user's, as the tools of their providers keep them in files.

Never stored, never shown: a key is in no message, no file and no ``repr``.
"""

import configparser
from dataclasses import dataclass, field
from pathlib import Path

from cloudgauge.errors import ConfigError

_FILE_LIMIT_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """What signs a request.

    Attributes:
        name: Public part; "" for a key that is one word.
        secret: The rest.
        token: Of a temporary key; "" for none.
    """

    name: str = field(default="", repr=False)
    secret: str = field(repr=False)
    token: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        for part in (self.name, self.secret, self.token):
            # It goes into a header.
            if not (part.isascii() and part.isprintable()) or " " in part:
                msg = "a key must be printable ASCII without blanks"
                raise ValueError(msg)


def section_of(
    path: Path, section: str, fields: tuple[str, ...], where: str
) -> tuple[str, ...]:
    """Read values of one section of a file of sections.

    Args:
        path: The file.
        section: Its name.
        fields: What the values are called.
        where: What messages call the file.

    Returns:
        The values in the order of *fields*; "" for each that is not there, as for
        all of them where there is no such file or section.

    Raises:
        ConfigError: The file cannot be used; nothing of what is in it is said.
    """
    none = tuple("" for _ in fields)
    try:
        if not path.is_file():
            return none
        if path.stat().st_size > _FILE_LIMIT_BYTES:
            raise ConfigError(where, "is too large for a file of keys")
        text = path.read_text(encoding="utf-8")
    except OSError as exc:
        raise ConfigError(where, f"cannot be read: {exc.strerror}") from exc
    except UnicodeDecodeError as exc:
        raise ConfigError(where, "is not UTF-8 text") from exc
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(text)
    except configparser.Error:
        # What the parser says quotes the line: from here nothing leads to it.
        raise ConfigError(where, "is not a file of sections and keys") from None
    if section not in parser:
        return none
    return tuple(parser[section].get(name, "") for name in fields)
