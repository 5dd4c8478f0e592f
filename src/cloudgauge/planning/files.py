"""Plan files: TOML into settings and back, equal.

Every key may be left out but ``schema`` and ``name``; an unknown one is refused.
"""

import json
from collections.abc import Callable, Iterator
from typing import Annotated, Literal, TypeVar

from pydantic import Field, PlainValidator

from cloudgauge.errors import ConfigError
from cloudgauge.model.plan import Ceilings, ProbeKind, ProbeSpec
from cloudgauge.model.quantity import format_duration
from cloudgauge.model.target import Family, Partition, Selection
from cloudgauge.planning.settings import DEFAULT_SEED, PlanSettings
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

_Made = TypeVar("_Made")


def parse_plan(text: str, where: str) -> PlanSettings:
    """Read a plan file's text; *where* names the file in messages.

    Raises:
        ConfigError: It is no TOML, or a key or value of it is wrong; several
            mistakes are told at once.
    """
    row = parse_toml(text, where=where, row_type=_PlanRow)
    if len(row.probe) > 1:
        key = f"{where}: probe"
        raise ConfigError(key, f"want one of each kind, got {len(row.probe)}")
    probe = row.probe[0] if row.probe else _ProbeRow(kind=ProbeKind.LATENCY)
    spec = _checked(f"{where}: probe[0]", probe.spec)
    ceilings = _checked(f"{where}: ceilings", row.ceilings.ceilings)
    return _checked(where, lambda: row.settings(spec, ceilings))


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


def _checked(where: str, make: Callable[[], _Made]) -> _Made:
    """Let a value check itself, and say where the bad one stands."""
    try:
        return make()
    except ValueError as exc:
        raise ConfigError(where, str(exc)) from exc


def _controls(value: object) -> bool | tuple[str, ...]:
    if isinstance(value, bool):
        return value
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    msg = f"want true, false or a list of target ids, got {value!r}"
    raise ValueError(msg)


_Rate = Annotated[float, Field(allow_inf_nan=False)]


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
    warm_requests: int = ProbeSpec().warm_requests
    timeout: DurationNs = ProbeSpec().timeout_ns
    families: Words[Word[Family]] = ProbeSpec().families
    body_limit: ByteCount = ProbeSpec().body_limit_bytes

    def spec(self) -> ProbeSpec:
        return ProbeSpec(
            kind=self.kind,
            warm_requests=self.warm_requests,
            timeout_ns=self.timeout,
            families=self.families,
            body_limit_bytes=self.body_limit,
        )


class _CeilingsRow(Row):
    requests: int = Ceilings().requests
    traffic: ByteCount = Ceilings().traffic_bytes
    duration: DurationNs = Ceilings().duration_ns
    visits_per_s: _Rate = Ceilings().visits_per_s
    visits_per_s_provider: _Rate = Ceilings().visits_per_s_provider
    visits_per_s_host: _Rate = Ceilings().visits_per_s_host

    def ceilings(self) -> Ceilings:
        return Ceilings(
            requests=self.requests,
            traffic_bytes=self.traffic,
            duration_ns=self.duration,
            visits_per_s=self.visits_per_s,
            visits_per_s_provider=self.visits_per_s_provider,
            visits_per_s_host=self.visits_per_s_host,
        )


class _PlanRow(Row):
    schema_version: Literal[1] = Field(alias="schema")
    name: str
    question: str = ""
    seed: int = DEFAULT_SEED
    rounds: int | None = None
    round: DurationNs | None = None
    duration: DurationNs | None = None
    jitter: float = 0.5
    controls: Annotated[bool | tuple[str, ...], PlainValidator(_controls)] = True
    select: _SelectRow = _SelectRow()
    probe: Words[_ProbeRow] = ()
    ceilings: _CeilingsRow = _CeilingsRow()

    def settings(self, probe: ProbeSpec, ceilings: Ceilings) -> PlanSettings:
        return PlanSettings(
            name=self.name,
            question=self.question,
            seed=self.seed,
            rounds=self.rounds,
            round_ns=self.round,
            duration_ns=self.duration,
            jitter=self.jitter,
            controls=self.controls,
            selection=Selection(**dict(self.select)),
            probe=probe,
            ceilings=ceilings,
        )
