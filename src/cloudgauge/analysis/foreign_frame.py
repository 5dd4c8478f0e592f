"""A DataFrame of somebody else's as a plain table of text."""

import hashlib

import pandas as pd

from cloudgauge.errors import ConfigError
from cloudgauge.store.foreign import ForeignRow, ForeignTable

_NAME = "DataFrame"


def table_of_frame(frame: pd.DataFrame) -> tuple[ForeignTable, str]:
    """Write a frame's columns as text; its index is left out.

    Durations are written in nanoseconds with their unit, times in ISO 8601 with their
    zone if they have one, what is missing as "".

    Returns:
        The table, and the SHA-256 of the frame as CSV, hexadecimal.

    Raises:
        ConfigError: It is no DataFrame, or two columns have one name.
    """
    if not isinstance(frame, pd.DataFrame):
        problem = f"want a file or a pandas DataFrame, got {type(frame).__name__}"
        raise ConfigError(_NAME, problem)
    names = tuple(str(name) for name in frame.columns)
    if len(set(names)) != len(names):
        raise ConfigError(_NAME, "want different names of columns")
    columns = [_texts(frame.iloc[:, at]) for at in range(frame.shape[1])]
    table = ForeignTable(
        name=_NAME,
        columns=names,
        rows=tuple(
            ForeignRow(where=f"row {number}", cells=cells)
            for number, cells in enumerate(zip(*columns, strict=True))
        ),
    )
    content = frame.to_csv(index=False).encode("utf-8", "replace")
    return table, hashlib.sha256(content).hexdigest()


def _texts(series: pd.Series) -> list[str]:
    missing = series.isna()
    return [
        "" if absent else _text(value)
        for value, absent in zip(series, missing, strict=True)
    ]


def _text(value: object) -> str:
    if isinstance(value, pd.Timedelta):
        return f"{value.value} ns"
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    return str(value).strip()
