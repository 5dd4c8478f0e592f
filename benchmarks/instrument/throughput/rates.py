"""Downloads of one object by several clients in turn: their rates, and what they cost.

The clients take turns, so that a machine that is busy for a while is so for all; the
median of each one's turns is its figure. Processor time is of the whole process, its
start included.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from benchmarks.instrument.throughput.object_host import ObjectHost, object_host

GIB = 1024**3
SCHEMES = ("http", "https")
OURS, CURL, HTTPX = "cloudgauge", "curl", "httpx"
CLIENTS = (OURS, CURL, HTTPX)
LEAST_RATE_OF_CURLS = 0.9
MOST_CPU_OF_CURLS = 1.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One download.

    Attributes:
        seconds: From connecting to the end of the body, as the client tells it.
        cpu_s: User and system time of its process.
    """

    client: str
    scheme: str
    body_bytes: int
    seconds: float
    cpu_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """What a client's turns come to.

    Attributes:
        gbit_per_s: Median of the turns.
        cpu_s_per_gib: Likewise.
        turns: How many.
    """

    client: str
    scheme: str
    gbit_per_s: float
    cpu_s_per_gib: float
    turns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Ours against curl's, over one scheme.

    Attributes:
        rate_ratio: Above 1 we are faster.
        cpu_ratio: Below 1 we are cheaper.
    """

    scheme: str
    rate_ratio: float
    cpu_ratio: float

    @property
    def is_met(self) -> bool:
        """Whether both goals are."""
        is_fast = self.rate_ratio >= LEAST_RATE_OF_CURLS
        return is_fast and self.cpu_ratio <= MOST_CPU_OF_CURLS


def measure_rates(
    *,
    size_bytes: int = 4 * GIB,
    repeats: int = 5,
    note: Callable[[Turn], None] = lambda _turn: None,
) -> tuple[Rate, ...]:
    """Have every client download *repeats* times over each scheme.

    Args:
        size_bytes: Of the object.
        repeats: Turns of each client over each scheme.
        note: Takes each turn as it ends.

    Raises:
        NoObjectHost: There is no nginx, or it does not start.
    """
    turns = []
    with object_host(size_bytes) as host:
        for index in range(repeats):
            # Each is first as often as it is last.
            order = CLIENTS if index % 2 == 0 else CLIENTS[::-1]
            for scheme in SCHEMES:
                for client in order:
                    turns.append(turn := _take_turn(client, scheme, host))
                    note(turn)
    return tuple(summarise(turns))


def summarise(turns: Iterable[Turn]) -> list[Rate]:
    """The median of each client's turns over each scheme, in the order they came."""
    groups: dict[tuple[str, str], list[Turn]] = {}
    for turn in turns:
        groups.setdefault((turn.scheme, turn.client), []).append(turn)
    return [
        Rate(
            client=client,
            scheme=scheme,
            gbit_per_s=statistics.median(
                turn.body_bytes * 8 / turn.seconds / 1e9 for turn in group
            ),
            cpu_s_per_gib=statistics.median(
                turn.cpu_s * GIB / turn.body_bytes for turn in group
            ),
            turns=len(group),
        )
        for (scheme, client), group in groups.items()
    ]


def standings(rates: Iterable[Rate]) -> tuple[Standing, ...]:
    """Ours beside curl's over each scheme that both were measured over."""
    known = {(rate.scheme, rate.client): rate for rate in rates}
    return tuple(
        Standing(
            scheme=scheme,
            rate_ratio=ours.gbit_per_s / curls.gbit_per_s,
            cpu_ratio=ours.cpu_s_per_gib / curls.cpu_s_per_gib,
        )
        for scheme in SCHEMES
        if (ours := known.get((scheme, OURS))) and (curls := known.get((scheme, CURL)))
    )


def _take_turn(client: str, scheme: str, host: ObjectHost) -> Turn:
    command = _command(client, host.url(scheme), host)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        told = process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        msg = f"{client} over {scheme} ended with {process.returncode}"
        raise RuntimeError(msg)
    answer = json.loads(told)
    if answer["body_bytes"] != host.size_bytes:
        msg = f"{client} over {scheme} read {answer['body_bytes']} bytes"
        raise RuntimeError(msg)
    return Turn(
        client=client,
        scheme=scheme,
        body_bytes=answer["body_bytes"],
        seconds=answer["seconds"],
        cpu_s=used.ru_utime + used.ru_stime,
    )


def _command(client: str, url: str, host: ObjectHost) -> list[str]:
    if client == CURL:
        told = '{"body_bytes": %{size_download}, "seconds": %{time_total}}'
        program = shutil.which(CURL) or CURL
        options = ["--silent", "--show-error", "--fail", "--output", os.devnull]
        checked = ["--cacert", str(host.ca_file), "--write-out", told]
        # Not ::1, where nobody listens.
        return [program, "--ipv4", *options, *checked, url]
    module = "benchmarks.instrument.throughput.client"
    size = str(host.size_bytes)
    return [sys.executable, "-m", module, client, url, size, str(host.ca_file)]
