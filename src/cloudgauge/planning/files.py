"""Plan files: TOML into settings and back, equal.

Every key may be left out but ``schema`` and ``name``; an unknown one is refused.
"""

import json
from collections.abc import Iterator

from cloudgauge.errors import ConfigError
from cloudgauge.model.download import DownloadSpec
from cloudgauge.model.plan import Ceilings, ProbeKind, ProbeSpec
from cloudgauge.model.quantity import format_duration
from cloudgauge.model.target import Family, Selection
from cloudgauge.planning.file_rows import PlanRow
from cloudgauge.planning.settings import PlanSettings
from cloudgauge.settings.toml_file import parse_toml

__all__ = ["PlanSettings", "parse_plan", "write_plan"]

SCHEMA_VERSION = 1
_BYTE_UNITS = {"GB": 10**9, "MB": 10**6, "MiB": 2**20, "kB": 10**3, "KiB": 2**10}


def parse_plan(text: str, where: str) -> PlanSettings:
    """Read a plan file's text; *where* names the file in messages.

    Raises:
        ConfigError: It is no TOML, or a key or value of it is wrong; several
            mistakes are told at once.
    """
    row = parse_toml(text, where=where, row_type=PlanRow)
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
    if settings.probe is not None:
        yield from _latency_lines(settings.probe)
    if settings.download is not None:
        yield from _download_lines(settings.download)
    yield from _ceilings_lines(settings.ceilings)


def _latency_lines(probe: ProbeSpec) -> Iterator[str]:
    yield from ("", "[[probe]]", f"kind = {_text(ProbeKind.LATENCY)}")
    yield f"warm_requests = {probe.warm_requests}"
    yield f'timeout = "{format_duration(probe.timeout_ns)}"'
    yield _families_line(probe.families)
    yield f'body_limit = "{_byte_count(probe.body_limit_bytes)}"'


def _download_lines(download: DownloadSpec) -> Iterator[str]:
    yield from ("", "[[probe]]", f"kind = {_text(ProbeKind.DOWNLOAD)}")
    yield f"streams = {list(download.streams)}"
    yield f'transfer = "{format_duration(download.transfer_ns)}"'
    yield f'transfer_bytes = "{_byte_count(download.transfer_bytes)}"'
    yield f'timeout = "{format_duration(download.timeout_ns)}"'
    yield f'idle = "{format_duration(download.idle_ns)}"'
    yield f'rtt_interval = "{format_duration(download.rtt_interval_ns)}"'
    yield _families_line(download.families)


def _families_line(families: tuple[Family, ...]) -> str:
    return f"families = {_list(tuple(family.value for family in families))}"


def _ceilings_lines(ceilings: Ceilings) -> Iterator[str]:
    yield from ("", "[ceilings]", f"requests = {ceilings.requests}")
    yield f'traffic = "{_byte_count(ceilings.traffic_bytes)}"'
    yield f'duration = "{format_duration(ceilings.duration_ns)}"'
    for key in ("visits_per_s", "visits_per_s_provider", "visits_per_s_host"):
        yield f"{key} = {float(getattr(ceilings, key))!r}"
    if ceilings.cost is not None:
        yield f"cost = {_text(str(ceilings.cost))}"


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
