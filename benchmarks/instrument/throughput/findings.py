"""Downloads over loopback as rows: ours held against curl's, httpx beside both."""

from collections.abc import Sequence

from benchmarks.instrument.report import Detail, Findings, Row
from benchmarks.instrument.throughput.object_host import NoObjectHost
from benchmarks.instrument.throughput.rates import (
    CURL,
    GIB,
    HTTPX,
    LEAST_RATE_OF_CURLS,
    MOST_CPU_OF_CURLS,
    OURS,
    SCHEMES,
    Rate,
)

_NAMES = {"http": "HTTP", "https": "HTTPS"}


def download_findings(rates: Sequence[Rate], *, size_bytes: int) -> Findings:
    """A row for the rate and one for the cost of each scheme, and every client's.

    Args:
        rates: Of every client that was there, over both schemes.
        size_bytes: Of each download.
    """
    known = {(rate.scheme, rate.client): rate for rate in rates}
    rows = [
        row
        for scheme in SCHEMES
        if (ours := known.get((scheme, OURS))) is not None
        for row in _rows(ours, known.get((scheme, CURL)), size_bytes)
    ]
    detail = Detail(
        name="downloads",
        text=(
            f"{size_bytes / GIB:g} GiB from nginx on loopback, the clients in turns; "
            "medians over their turns. CPU is of the client's process, its start "
            f"included. {HTTPX} is a plain `client.stream` that is read to its end:"
        ),
        heads=("scheme", "client", "Gbit/s", "CPU s/GiB", "turns"),
        rows=tuple(
            (
                _NAMES[rate.scheme],
                rate.client,
                rate.gbit_per_s,
                rate.cpu_s_per_gib,
                rate.turns,
            )
            for rate in rates
        ),
    )
    return Findings(rows=tuple(rows), details=(detail,))


def no_download_findings(why: NoObjectHost) -> Findings:
    """What is said where there is no nginx to download from."""
    return Findings(
        rows=(
            Row(
                figure="download over loopback",
                load="",
                value=None,
                unit="",
                note=f"No download over loopback was measured: {why}.",
            ),
        )
    )


def _rows(ours: Rate, curls: Rate | None, size_bytes: int) -> tuple[Row, Row]:
    load = f"{size_bytes / GIB:g} GiB from nginx, {_NAMES[ours.scheme]}"
    peer = CURL if curls else ""
    note = "" if curls else f"{CURL} is not installed here (Debian package {CURL})."
    return (
        Row(
            figure="download over loopback, rate",
            load=load,
            value=ours.gbit_per_s,
            unit="Gbit/s",
            peer=peer,
            peer_value=curls.gbit_per_s if curls else None,
            goal=LEAST_RATE_OF_CURLS,
            goal_is_ratio=True,
            goal_is_least=True,
            note=note,
        ),
        Row(
            figure="download over loopback, CPU",
            load=load,
            value=ours.cpu_s_per_gib,
            unit="s/GiB",
            peer=peer,
            peer_value=curls.cpu_s_per_gib if curls else None,
            goal=MOST_CPU_OF_CURLS,
            goal_is_ratio=True,
            note=note,
        ),
    )
