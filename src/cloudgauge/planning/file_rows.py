"""The tables of a plan file, each key checked by itself.

A value that the model would refuse is told by its key; what lies between values is
left to those who make settings of the row.
"""

from dataclasses import replace
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    AfterValidator,
    Field,
    PlainValidator,
    ValidationInfo,
    field_validator,
)

from cloudgauge.model.download import DownloadSpec
from cloudgauge.model.plan import Ceilings, ProbeKind, ProbeSpec
from cloudgauge.model.price import Money, parse_money
from cloudgauge.model.target import Family, Partition, Selection
from cloudgauge.planning.settings import PlanSettings
from cloudgauge.settings.toml_file import ByteCount, DurationNs, Row, Word, Words

# What each key is held against, and what it is where it is left out.
_PROBES: dict[ProbeKind, ProbeSpec | DownloadSpec] = {
    ProbeKind.LATENCY: ProbeSpec(),
    ProbeKind.DOWNLOAD: DownloadSpec(),
}
_CEILINGS = Ceilings()
_PLAN = PlanSettings(name="any")
_PLAN_KEYS = ("name", "question", "seed", "rounds", "round", "duration", "jitter")
# Where a field carries its unit, its key does not.
_FIELDS = {
    "body_limit": "body_limit_bytes",
    "duration": "duration_ns",
    "idle": "idle_ns",
    "round": "round_ns",
    "rtt_interval": "rtt_interval_ns",
    "timeout": "timeout_ns",
    "traffic": "traffic_bytes",
    "transfer": "transfer_ns",
}

_Value = TypeVar("_Value")
_Whole = PlanSettings | ProbeSpec | DownloadSpec | Ceilings


def _controls(value: object) -> bool | tuple[str, ...]:
    if isinstance(value, bool):
        return value
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    msg = f"want true, false or a list of target ids, got {value!r}"
    raise ValueError(msg)


def _money(value: object) -> Money:
    if not isinstance(value, str):
        msg = f'want an amount such as "2.50 USD", got {value!r}'
        raise ValueError(msg)  # noqa: TRY004  pydantic reports no TypeError
    return parse_money(value)


def _fits(whole: _Whole, value: _Value, info: ValidationInfo) -> _Value:
    """Refuse what *whole* would not take: so each key is told, and by itself."""
    key = info.field_name or ""
    replace(whole, **_by_field({key: value}))
    return value


def _by_field(by_key: dict[str, Any]) -> dict[str, Any]:
    return {_FIELDS.get(key, key): value for key, value in by_key.items()}


def _one_of_each_kind(probes: "tuple[_ProbeRow, ...]") -> "tuple[_ProbeRow, ...]":
    kinds = [probe.kind for probe in probes]
    for kind in kinds:
        if kinds.count(kind) > 1:
            msg = f'want one of each kind, got {kinds.count(kind)} of "{kind}"'
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
    """Keys of both kinds; one that is left out has the default of its kind."""

    kind: Word[ProbeKind]
    warm_requests: int = 0
    timeout: DurationNs = 0
    families: Words[Word[Family]] = ()
    body_limit: ByteCount = 0
    streams: Words[int] = ()
    transfer: DurationNs = 0
    transfer_bytes: ByteCount = 0
    idle: DurationNs = 0
    rtt_interval: DurationNs = 0

    @field_validator("*")
    @classmethod
    def _check(cls, value: _Value, info: ValidationInfo) -> _Value:
        key, kind = info.field_name or "", info.data.get("kind")
        # Where the kind itself is wrong, that alone is told.
        if kind is None:
            return value
        probe = _PROBES[kind]
        if not hasattr(probe, _FIELDS.get(key, key)):
            other = next(one for one in ProbeKind if one is not kind)
            msg = f'is a key of kind "{other}", and this one is "{kind}"'
            raise ValueError(msg)
        return _fits(probe, value, info)

    def given(self) -> dict[str, Any]:
        """What was said of the probe, by the fields of its kind."""
        keys = self.model_fields_set - {"kind"}
        return _by_field({key: getattr(self, key) for key in keys})


class _CeilingsRow(Row):
    requests: int = _CEILINGS.requests
    traffic: ByteCount = _CEILINGS.traffic_bytes
    duration: DurationNs = _CEILINGS.duration_ns
    visits_per_s: float = _CEILINGS.visits_per_s
    visits_per_s_provider: float = _CEILINGS.visits_per_s_provider
    visits_per_s_host: float = _CEILINGS.visits_per_s_host
    cost: Annotated[Money | None, PlainValidator(_money)] = None

    @field_validator("*")
    @classmethod
    def _check(cls, value: _Value, info: ValidationInfo) -> _Value:
        return _fits(_CEILINGS, value, info)


class PlanRow(Row):
    """A plan file."""

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
        """Make settings of it.

        Raises:
            ValueError: Two values do not go together.
        """
        probes = {probe.kind: probe.given() for probe in self.probe}
        latency = probes.get(ProbeKind.LATENCY, None if probes else {})
        download = probes.get(ProbeKind.DOWNLOAD)
        return PlanSettings(
            **_by_field({key: getattr(self, key) for key in _PLAN_KEYS}),
            controls=self.controls,
            selection=Selection(**dict(self.select)),
            probe=None if latency is None else ProbeSpec(**latency),
            download=None if download is None else DownloadSpec(**download),
            ceilings=Ceilings(**_by_field(dict(self.ceilings))),
        )
