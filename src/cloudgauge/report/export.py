"""How the cells of an exported row are spelled, as CSV and as JSON lines."""

import json

from cloudgauge.report.escape import csv_cell

_QUOTED = frozenset(',"')


def csv_field(text: str) -> str:
    """A text as a field of a CSV file that spreadsheets take for a text.

    "" is ``""``, since an empty field says that there is nothing.
    """
    cell = csv_cell(text)
    if cell and not _QUOTED.intersection(cell):
        return cell
    doubled = cell.replace('"', '""')
    return f'"{doubled}"'


def json_text(text: str) -> str:
    """A text as JSON, in ASCII."""
    return json.dumps(text, ensure_ascii=True)
