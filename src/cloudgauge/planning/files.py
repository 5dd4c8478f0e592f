"""Plan files: TOML into settings and back, equal.

Every key may be left out but ``schema`` and ``name``; an unknown one is refused.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    AfterValidator,
    Field,
    PlainValidator,
    ValidationInfo,
    field_validator,
)

from cloudgauge.errors import ConfigError
from cloudgauge.model.plan import Ceilings, ProbeKind, ProbeSpec
from cloudgauge.model.quantity import format_duration
from cloudgauge.model.target import Family, Partition, Selection
from cloudgauge.planning.settings import PlanSettings
from cloudgauge.settings.toml_file import (
    ByteCount,
    DurationNs,
    Row,
    Word,
    Words,
    parse_toml,
)

__all__ = ["PlanSettings", "parse_plan", "write_plan"]

SCHEMA_VERSION = 1
_BYTE_UNITS = {"GB": 10**9, "MB": 10**6, "MiB": 2**20, "kB": 10**3, "KiB": 2**10}

# What each key is held against, and what it is where it is left out.
_PROBE = ProbeSpec()
_CEILINGS = Ceilings()
_PLAN = PlanSettings(name="any")
_PLAN_KEYS = ("name", "question", "seed", "rounds", "round", "duration", "jitter")
# Where a field carries its unit, its key does not.
_FIELDS = {
    "body_limit": "body_limit_bytes",
    "duration": "duration_ns",
    "round": "round_ns",
    "timeout": "timeout_ns",
    "traffic": "traffic_bytes",
}

_Value = TypeVar("_Value")
_Whole = TypeVar("_Whole", PlanSettings, ProbeSpec, Ceilings)


def parse_plan(text: str, where: str) -> PlanSettings:
    """Read a plan file's text; *where* names the file in messages.

    Raises:
        ConfigError: It is no TOML, or a key or value of it is wrong; several
            mistakes are told at once.
    """
    row = parse_toml(text, where=where, row_type=_PlanRow)
    try:
        return row.settings()
    except ValueError as exc:
        # Each value is right by itself: what is left lies between them.
        raise ConfigError(where, str(exc)) from exc


def write_plan(settings: PlanSettings) -> str:
    """Write a plan file; `parse_plan` reads it back equal."""
    return "\n".join(_lines(settings)) + "\n"


def _lines(settings: PlanSettings) -> Iterator[str]:
    yield f"schema = {SCHEMA_VERSION}"
    yield f"name = {_text(settings.name)}"
    yield f"question = {_text(settings.question)}"
    yield f"seed = {settings.seed}"
    if settings.rounds is not None:
        yield f"rounds = {settings.rounds}"
    if settings.round_ns is not None:
        yield f'round = "{format_duration(settings.round_ns)}"'
    if settings.duration_ns is not None:
        yield f'duration = "{format_duration(settings.duration_ns)}"'
    yield f"jitter = {settings.jitter!r}"
    if isinstance(settings.controls, bool):
        yield f"controls = {_flag(settings.controls)}"
    else:
        yield f"controls = {_list(settings.controls)}"
    yield from _selection_lines(settings.selection)
    probe = settings.probe
    yield from ("", "[[probe]]", f"kind = {_text(probe.kind.value)}")
    yield f"warm_requests = {probe.warm_requests}"
    yield f'timeout = "{format_duration(probe.timeout_ns)}"'
    yield f"families = {_list(tuple(family.value for family in probe.families))}"
    yield f'body_limit = "{_byte_count(probe.body_limit_bytes)}"'
    ceilings = settings.ceilings
    yield from ("", "[ceilings]", f"requests = {ceilings.requests}")
    yield f'traffic = "{_byte_count(ceilings.traffic_bytes)}"'
    yield f'duration = "{format_duration(ceilings.duration_ns)}"'
    for key in ("visits_per_s", "visits_per_s_provider", "visits_per_s_host"):
        yield f"{key} = {float(getattr(ceilings, key))!r}"


def _selection_lines(selection: Selection) -> Iterator[str]:
    yield from ("", "[select]")
    lists = {
        "providers": selection.providers,
        "areas": selection.areas,
        "regions": selection.regions,
        "countries": selection.countries,
        "partitions": tuple(partition.value for partition in selection.partitions),
    }
    for key, words in lists.items():
        if words:
            yield f"{key} = {_list(words)}"
    if selection.service is not None:
        yield f"service = {_text(selection.service)}"
    if selection.off_by_default:
        yield "off_by_default = true"


def _text(text: str) -> str:
    # A JSON string is a TOML string, but for DEL, which TOML wants escaped.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _list(words: tuple[str, ...]) -> str:
    return f"[{', '.join(_text(word) for word in words)}]"


def _flag(value: bool) -> str:  # noqa: FBT001  the value is what is written
    return "true" if value else "false"


def _byte_count(count_bytes: int) -> str:
    for unit, size in _BYTE_UNITS.items():
        if count_bytes % size == 0:
            return f"{count_bytes // size} {unit}"
    return f"{count_bytes} B"


def _controls(value: object) -> bool | tuple[str, ...]:
    if isinstance(value, bool):
        return value
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    msg = f"want true, false or a list of target ids, got {value!r}"
    raise ValueError(msg)


def _fits(whole: _Whole, value: _Value, info: ValidationInfo) -> _Value:
    """Refuse what *whole* would not take: so each key is told, and by itself."""
    key = info.field_name or ""
    replace(whole, **_by_field({key: value}))
    return value


def _by_field(by_key: dict[str, Any]) -> dict[str, Any]:
    return {_FIELDS.get(key, key): value for key, value in by_key.items()}


def _one_of_each_kind(probes: "tuple[_ProbeRow, ...]") -> "tuple[_ProbeRow, ...]":
    if len(probes) > 1:
        msg = f"want one of each kind, got {len(probes)}"
        raise ValueError(msg)
    return probes


class _SelectRow(Row):
    providers: Words[str] = ()
    areas: Words[str] = ()
    regions: Words[str] = ()
    countries: Words[str] = ()
    partitions: Words[Word[Partition]] = ()
    service: str | None = None
    off_by_default: bool = False


class _ProbeRow(Row):
    kind: Word[ProbeKind]
    warm_requests: int = _PROBE.warm_requests
    timeout: DurationNs = _PROBE.timeout_ns
    families: Words[Word[Family]] = _PROBE.families
    body_limit: ByteCount = _PROBE.body_limit_bytes

    @field_validator("*")
    @classmethod
    def _check(cls, value: _Value, info: ValidationInfo) -> _Value:
        return _fits(_PROBE, value, info)


class _CeilingsRow(Row):
    requests: int = _CEILINGS.requests
    traffic: ByteCount = _CEILINGS.traffic_bytes
    duration: DurationNs = _CEILINGS.duration_ns
    visits_per_s: float = _CEILINGS.visits_per_s
    visits_per_s_provider: float = _CEILINGS.visits_per_s_provider
    visits_per_s_host: float = _CEILINGS.visits_per_s_host

    @field_validator("*")
    @classmethod
    def _check(cls, value: _Value, info: ValidationInfo) -> _Value:
        return _fits(_CEILINGS, value, info)


class _PlanRow(Row):
    schema_version: Literal[1] = Field(alias="schema")
    name: str
    question: str = _PLAN.question
    seed: int = _PLAN.seed
    rounds: int | None = _PLAN.rounds
    round: DurationNs | None = _PLAN.round_ns
    duration: DurationNs | None = _PLAN.duration_ns
    jitter: float = _PLAN.jitter
    controls: Annotated[bool | tuple[str, ...], PlainValidator(_controls)] = True
    select: _SelectRow = _SelectRow()
    probe: Annotated[Words[_ProbeRow], AfterValidator(_one_of_each_kind)] = ()
    ceilings: _CeilingsRow = _CeilingsRow()

    @field_validator(*_PLAN_KEYS)
    @classmethod
    def _check(cls, value: _Value, info: ValidationInfo) -> _Value:
        return _fits(_PLAN, value, info)

    def settings(self) -> PlanSettings:
        probe = self.probe[0] if self.probe else _ProbeRow(kind=_PROBE.kind)
        return PlanSettings(
            **_by_field({key: getattr(self, key) for key in _PLAN_KEYS}),
            controls=self.controls,
            selection=Selection(**dict(self.select)),
            probe=ProbeSpec(**_by_field(dict(probe))),
            ceilings=Ceilings(**_by_field(dict(self.ceilings))),
        )
