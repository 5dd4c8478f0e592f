"""Text from strangers, made harmless where it is shown."""

import unicodedata

# Cc control, Cf format (right-to-left marks among them), Cs surrogates, Co
# private use, Cn unassigned, Zl and Zp line ends: none may reach a terminal.
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def printable(text: str) -> str:
    """Write every character that a terminal would obey as its escape."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        character.encode("unicode_escape").decode("ascii")
        if unicodedata.category(character) in _HIDDEN
        else character
        for character in text
    )


def csv_cell(text: str) -> str:
    """Keep a spreadsheet from reading a text as a formula (OWASP: CSV injection)."""
    text = printable(text)
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def markdown_cell(text: str) -> str:
    """Keep a text from being markup or the end of a table's cell."""
    text = printable(text)
    for mark in ("\\", "|", "<", ">", "*", "_", "`", "[", "]"):
        text = text.replace(mark, f"\\{mark}")
    return text
