"""Samples of metrics in Prometheus' and OpenMetrics' text, as a table.

A line is ``name{label="value",…} number [time]``. A row of the table is what one
scrape of one target said: the wanted metric and, if asked for, the one that says
whether the probe succeeded, joined by their time and common labels.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from cloudgauge.errors import ConfigError
from cloudgauge.store.foreign import ForeignRow, ForeignTable

TIME = "time"
_NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
_LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\]|\\.)*"'
_LABELS = rf"\{{\s*(?:{_LABEL}\s*(?:,\s*{_LABEL}\s*)*,?\s*)?\}}"
_SELECTOR = re.compile(rf"\s*({_NAME})\s*({_LABELS})?\s*")
_LINE = re.compile(rf"\s*({_NAME})\s*({_LABELS})?\s+(\S+)(?:\s+(\S+))?(?:\s+#.*)?\s*")
_PAIR = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"')
_ESCAPES = {"\\\\": "\\", '\\"': '"', "\\n": "\n"}
_ESCAPE = re.compile(r"\\.")


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricNames:
    """Which metrics are wanted.

    Attributes:
        value: Such as ``probe_http_duration_seconds{phase="connect"}``.
        success: Such as ``probe_success``, 1 or 0; None for none.
        milliseconds: Times are milliseconds, as Prometheus' own text has them; else
            seconds, as OpenMetrics has them.
    """

    value: str
    success: str | None
    milliseconds: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Selector:
    """A metric by its name and some of its labels."""

    text: str
    name: str
    labels: Mapping[str, str]

    def rest(self, name: str, labels: Mapping[str, str]) -> Mapping[str, str] | None:
        """The other labels of a sample that is meant; None for one that is not."""
        if name != self.name or self.labels.items() - labels.items():
            return None
        return {key: text for key, text in labels.items() if key not in self.labels}


_Key = tuple[str, tuple[tuple[str, str], ...]]


def parse_metrics(text: str, name: str, names: MetricNames) -> ForeignTable:
    """Read the samples of the metrics that are wanted; others are passed over.

    Returns:
        Columns are ``time`` (seconds since 1970; "" where a line has none), the
        labels, and the metrics by the text that asked for them.

    Raises:
        ConfigError: A line cannot be read, a sample comes twice, or there is none.
    """
    wanted = [_selector(names.value)]
    if names.success is not None:
        wanted.append(_selector(names.success))
    found: dict[_Key, dict[str, str]] = {}
    lines: dict[_Key, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        at = f"line {number}"
        try:
            key_cells = _sample(line, wanted, milliseconds=names.milliseconds)
        except ValueError as exc:
            where = f"{name}: {at}"
            raise ConfigError(where, str(exc)) from exc
        for key, metric, cell in key_cells:
            if metric in found.setdefault(key, {}):
                problem = f"{metric} was said of this time and target already"
                where = f"{name}: {at}"
                raise ConfigError(where, problem)
            found[key][metric] = cell
            lines.setdefault(key, at)
    if not any(names.value in cells for cells in found.values()):
        raise ConfigError(name, f"has no sample of {names.value}")
    metrics = [selector.text for selector in wanted]
    labels = sorted({label for _, pairs in found for label, _ in pairs} - {TIME})
    rows = tuple(_rows(found, lines, labels, metrics))
    return ForeignTable(name=name, columns=(TIME, *labels, *metrics), rows=rows)


def _rows(
    found: Mapping[_Key, Mapping[str, str]],
    lines: Mapping[_Key, str],
    labels: Iterable[str],
    metrics: Iterable[str],
) -> Iterator[ForeignRow]:
    for (time, pairs), cells in found.items():
        own = dict(pairs)
        texts = (time, *(own.get(x, "") for x in labels))
        values = (cells.get(metric, "") for metric in metrics)
        yield ForeignRow(where=lines[time, pairs], cells=(*texts, *values))


def _sample(
    line: str, wanted: Iterable[_Selector], *, milliseconds: bool
) -> list[tuple[_Key, str, str]]:
    match = _LINE.fullmatch(line)
    if match is None:
        msg = 'is no sample of a metric: want name{label="value"} number [time]'
        raise ValueError(msg)
    labels = _labels(match[2])
    made = []
    for selector in wanted:
        rest = selector.rest(match[1], labels)
        if rest is not None:
            key = (_seconds(match[4], milliseconds), tuple(sorted(rest.items())))
            made.append((key, selector.text, match[3]))
    return made


def _seconds(stamp: str | None, milliseconds: bool) -> str:  # noqa: FBT001  private
    if stamp is None:
        return ""
    try:
        at = Decimal(stamp)
    except InvalidOperation as exc:
        msg = f'its time "{stamp}" is no number'
        raise ValueError(msg) from exc
    return str(at / 1000 if milliseconds else at)


def _selector(text: str) -> _Selector:
    match = _SELECTOR.fullmatch(text)
    if match is None:
        where = "mapping: columns"
        raise ConfigError(where, f'want a metric such as name{{label="x"}}, got {text}')
    return _Selector(text=text, name=match[1], labels=_labels(match[2]))


def _labels(text: str | None) -> dict[str, str]:
    return {
        key: _ESCAPE.sub(lambda found: _ESCAPES.get(found[0], found[0]), value)
        for key, value in _PAIR.findall(text or "")
    }
