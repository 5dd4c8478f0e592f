"""OpenMetrics text, read by the grammar and the rules of its specification 1.0.

https://prometheus.io/docs/specs/om/open_metrics_spec/
"""

import re
from dataclasses import dataclass, field

_METRIC = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
_LABEL = r"[a-zA-Z_][a-zA-Z0-9_]*"
# escaped-char: anything but LF, quote and backslash, or one of three escapes.
_TEXT = r'(?:[^\n"\\]|\\[n"\\])*'
_NUMBER = r"[+-]?(?:\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|Inf|NaN)"
_SAMPLE = re.compile(
    rf'({_METRIC})(?:\{{((?:{_LABEL}="{_TEXT}"(?:,{_LABEL}="{_TEXT}")*)?)\}})? '
    rf"({_NUMBER})(?: ({_NUMBER}))?"
)
_PAIR = re.compile(rf'({_LABEL})="({_TEXT})"')
_TYPES = {"gauge": {""}, "counter": {"_total", "_created"}, "info": {"_info"}}
_TYPES["histogram"] = {"_bucket", "_count", "_sum", "_created"}

Labels = tuple[tuple[str, str], ...]


@dataclass(slots=True)
class Seen:
    """A family, as it was read."""

    kind: str = ""
    unit: str = ""
    about: str = ""
    numbers: dict[tuple[str, Labels], float] = field(default_factory=dict)


def read_exposition(text: str) -> dict[str, Seen]:
    """The families of an exposition; anything that breaks a rule is an assertion."""
    assert text.endswith("# EOF\n")
    families: dict[str, Seen] = {}
    name, last = "", None
    done: set[tuple[str, Labels]] = set()
    for line in text.removesuffix("# EOF\n").splitlines():
        if line.startswith("# "):
            _, what, said, rest = line.split(" ", 3)
            if said != name:
                assert said not in families, f"{said} is interleaved"
                name, last = said, None
                families[name] = Seen()
            here = families[name]
            assert not here.numbers, "what is said of a family comes first"
            attribute = {"TYPE": "kind", "UNIT": "unit", "HELP": "about"}[what]
            assert getattr(here, attribute) == ""
            setattr(here, attribute, rest)
            continue
        match = _SAMPLE.fullmatch(line)
        assert match, line
        metric, number = match[1], float(match[3])
        pairs = tuple((k, unescaped(v)) for k, v in _PAIR.findall(match[2] or ""))
        assert len(dict(pairs)) == len(pairs), "a label comes twice"
        here = families[name]
        assert metric.startswith(name)
        assert metric[len(name) :] in _TYPES[here.kind]
        assert (metric, pairs) not in here.numbers, "a number comes twice"
        here.numbers[metric, pairs] = number
        # The numbers of one set of labels stand together.
        group = (name, tuple(sorted(p for p in pairs if p[0] != "le")))
        if group != last:
            assert group not in done, f"{group} is interleaved"
            done.add(group)
            last = group
    for found, here in families.items():
        _check(found, here)
    return families


def unescaped(text: str) -> str:
    escapes = {"\\n": "\n", '\\"': '"', "\\\\": "\\"}
    return re.sub(r"\\.", lambda match: escapes[match[0]], text)


def _check(name: str, here: Seen) -> None:
    assert here.kind in _TYPES
    assert here.about
    assert not here.unit or name.endswith(f"_{here.unit}")
    if here.kind == "counter":
        assert all(value >= 0 for value in here.numbers.values())
    if here.kind == "histogram":
        _check_histograms(name, here)


def _check_histograms(name: str, here: Seen) -> None:
    buckets: dict[Labels, list[tuple[float, float]]] = {}
    for (metric, labels), value in here.numbers.items():
        if metric == f"{name}_bucket":
            rest = tuple(pair for pair in labels if pair[0] != "le")
            bound = dict(labels)["le"]
            assert bound == "+Inf" or "." in bound or "e" in bound
            buckets.setdefault(rest, []).append((float(bound), value))
    assert buckets
    for labels, found in buckets.items():
        assert found == sorted(found)
        assert [count for _, count in found] == sorted(count for _, count in found)
        assert found[-1][0] == float("inf")
        assert here.numbers[f"{name}_count", labels] == found[-1][1]
        assert here.numbers[f"{name}_sum", labels] >= 0
