"""``WORKLOAD.toml``: what runs in a month, as a user describes it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, PlainValidator

from cloudgauge.settings.toml_file import (
    ByteCount,
    Row,
    Words,
    check_table,
    parse_toml,
    read_text,
)

_MOST_COUNT = 10**6
_MOST_BYTES = 10**18
_MOST_HOURS = 744.0
_Count = Annotated[int, Field(ge=1, le=_MOST_COUNT)]
_Hours = Annotated[float, Field(gt=0, le=_MOST_HOURS)]

EXAMPLE = """\
schema = 1
name = "shop"

[routes]                        # a vendor's way to the Internet, where it has several;
gcp = "standard-tier"           # left out: the one that is taken by default

[[machine]]                     # without "sku": the comparable one of each region,
count = 2                       # 2 vCPU and 8 GiB; "hours" a month, left out: 730

[[egress]]                      # a month's traffic to the Internet
volume = "5 TB"

[[egress]]                      # and to readers whose traffic may have another price
volume = "800 GiB"
to = "mainland-china"

# [[address]]                   # public IPv4; in many regions nobody knows its price
# count = 2

# [[egress]]                    # to other zones of the same region, or to a region
# volume = "300 GB"             # such as "aws/eu-west-1"
# to = "other-zones"
"""


def _skus(value: object) -> dict[str, str]:
    if isinstance(value, str):
        return {"": value}
    if isinstance(value, dict) and all(isinstance(one, str) for one in value.values()):
        return dict(value)
    msg = f'want a machine such as "m7i.large" or one by provider, got {value!r}'
    raise ValueError(msg)


class _EntryRow(Row):
    regions: Words[str] = Field(default=(), alias="in")


class MachineRow(_EntryRow):
    """``[[machine]]``."""

    count: _Count
    hours: _Hours = 730.0
    sku: Annotated[Mapping[str, str], PlainValidator(_skus)] = {}


class AddressRow(_EntryRow):
    """``[[address]]``."""

    count: _Count
    hours: _Hours = 730.0


class EgressRow(_EntryRow):
    """``[[egress]]``; `to` is "internet", "other-zones", a region or an area."""

    volume: Annotated[ByteCount, Field(gt=0, le=_MOST_BYTES)]
    to: str = "internet"


class WorkloadRow(Row):
    """A workload file."""

    schema_version: Literal[1] = Field(alias="schema")
    name: str
    together: Words[str] = ()
    routes: dict[str, str] = {}  # noqa: RUF012  pydantic copies defaults
    machine: Words[MachineRow] = ()
    address: Words[AddressRow] = ()
    egress: Words[EgressRow] = ()


def read_workload(path: Path) -> WorkloadRow:
    """Read a workload file.

    Raises:
        ConfigErrors: All that is wrong with it, each with file and key.
        ConfigError: It cannot be read or is not TOML.
    """
    return parse_toml(read_text(path), where=str(path), row_type=WorkloadRow)


def check_workload(table: Mapping[str, Any]) -> WorkloadRow:
    """The same for a workload written in Python, with the keys of the file.

    Raises:
        ConfigErrors: All that is wrong with it, each with its key.
    """
    return check_table(table, where="workload", row_type=WorkloadRow)
