"""Members of a JSON object that is larger than memory, one at a time.

How it works: objects that the caller wants to enter are walked member by member in
Python; each other value is decoded whole by the standard library's scanner, which is
written in C. So a price file of 450 MB costs as much memory as its largest product, and
a twentieth of the events of a reader that tells each token apart.

What must stay true: a number may go on in the next piece, so a value counts only when
something follows it, and nothing is given of a file whose end was not seen.
"""

import codecs
import json
import re
from collections.abc import Collection, Iterable, Iterator
from decimal import Decimal

from cloudgauge.pricefeed.answer import AnswerError

_Path = tuple[str, ...]
_BLANK = re.compile(r"[ \t\n\r]*")
# A product or the terms of one has some kilobytes.
_MEMBER_LIMIT = 16 * 1024 * 1024
_DEPTH_LIMIT = 8


def members(
    pieces: Iterable[bytes], *, enter: Collection[_Path], where: str
) -> Iterator[tuple[_Path, object]]:
    """Yield (path, value) of each member of the outermost object, in order.

    Args:
        pieces: The text, UTF-8, in pieces of any size.
        enter: Paths of the objects whose members are wanted one by one; all others
            come whole, and must not be larger than 16 MiB.
        where: Names the text in messages.

    Raises:
        AnswerError: The text is cut off, or is no JSON object.
    """
    window = _Window(pieces, where)
    yield from _walk(window, (), frozenset(enter))
    if window.peek(may_end=True):
        raise window.broken()


def _walk(
    window: "_Window", path: _Path, enter: frozenset[_Path]
) -> Iterator[tuple[_Path, object]]:
    window.take("{")
    if window.peek() == "}":
        window.take("}")
        return
    while True:
        key = window.value()
        if not isinstance(key, str) or len(path) > _DEPTH_LIMIT:
            raise window.broken()
        window.take(":")
        inner = (*path, key)
        if inner in enter and window.peek() == "{":
            yield from _walk(window, inner, enter)
        else:
            yield inner, window.value()
        if window.peek() == "}":
            window.take("}")
            return
        window.take(",")


class _Window:
    """The part of the text that is in memory, and the place in it."""

    def __init__(self, pieces: Iterable[bytes], where: str) -> None:
        self._pieces = iter(pieces)
        self._where = where
        self._decode = codecs.getincrementaldecoder("utf-8")().decode
        self._scan = json.JSONDecoder(
            parse_float=Decimal, parse_constant=self._refuse
        ).raw_decode
        self._text = ""
        self._at = 0
        self._ended = False

    def peek(self, *, may_end: bool = False) -> str:
        """The next character that is no blank; "" at the end, where that may be."""
        while True:
            blank = _BLANK.match(self._text, self._at)
            self._at = blank.end() if blank else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                if may_end:
                    return ""
                raise self.broken()

    def take(self, character: str) -> None:
        """Step over a character that must come next."""
        if self.peek() != character:
            raise self.broken()
        self._at += 1

    def value(self) -> object:
        """Decode the value that comes next."""
        self.peek()
        while True:
            try:
                value, end = self._scan(self._text, self._at)
            except (ValueError, RecursionError) as exc:
                # Most likely it goes on in a piece that is not here yet.
                if not self._more():
                    raise self.broken() from exc
                continue
            if end < len(self._text) or not self._more():
                self._at = end
                return value

    def broken(self) -> AnswerError:
        """What to raise where the text is not what it should be."""
        what = (
            "the answer is cut off in the middle"
            if self._ended and not self._text[self._at :].strip()
            else "the answer is cut off or is not JSON"
        )
        return AnswerError(f"{self._where}: {what}")

    def _more(self) -> bool:
        """Read on until the rest has doubled; whether there was anything."""
        rest = self._text[self._at :]
        if len(rest) > _MEMBER_LIMIT:
            msg = f"{self._where}: one member of the answer is larger than 16 MiB"
            raise AnswerError(msg)
        fresh: list[str] = []
        # To double it keeps the work linear however small the pieces are.
        wanted = max(len(rest), 1)
        while wanted > 0 and not self._ended:
            piece = next(self._pieces, None)
            self._ended = piece is None
            try:
                text = self._decode(piece or b"", self._ended)
            except UnicodeDecodeError as exc:
                msg = f"{self._where}: the answer is cut off or is not UTF-8"
                raise AnswerError(msg) from exc
            fresh.append(text)
            wanted -= len(text)
        self._text, self._at = rest + "".join(fresh), 0
        return len(self._text) > len(rest)

    @staticmethod
    def _refuse(name: str) -> object:
        msg = f"{name} is no number"
        raise ValueError(msg)
