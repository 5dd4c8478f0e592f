"""A calibration as tables: bias, spread and bound of each phase, and the ceilings."""

from collections.abc import Iterable
from datetime import UTC, datetime

from cloudgauge.model.calibration import Calibration, DownloadCeiling, PhaseError
from cloudgauge.model.quantity import NS_PER_MS, NS_PER_S
from cloudgauge.report.document import Cell, Column, Document, Scale, Table

_MEANS = {"tun": "private network", "loopback": "loopback servers"}
_ERROR_COLUMNS = (
    Column(name="phase", label="phase"),
    Column(name="clock", label="clock"),
    Column(name="targets", label="targets", scale=Scale.COUNT),
    Column(name="count", label="n", scale=Scale.COUNT),
    Column(name="bias_ms", label="bias", scale=Scale.MILLISECONDS),
    Column(name="low_ms", label="p2.5", scale=Scale.MILLISECONDS),
    Column(name="high_ms", label="p97.5", scale=Scale.MILLISECONDS),
    Column(name="bound_ms", label="bound", scale=Scale.MILLISECONDS),
)
_DELAY_COLUMN = Column(name="delay_ms", label="delay", scale=Scale.MILLISECONDS)
_CEILING_COLUMNS = (
    Column(name="transport", label="transport"),
    Column(name="streams", label="streams", scale=Scale.COUNT),
    Column(name="mbit_per_s", label="Mbit/s", scale=Scale.COUNT),
    Column(name="bytes_per_s", label="bytes/s", scale=Scale.COUNT),
)
_TRUTHS = {
    "tun": "the delay line's own log of their packets",
    "loopback": "the servers' own log of their answers",
}
_CEILING_NOTE = (
    "a ceiling is the fastest that this machine received from itself, with the server "
    "on the same processors"
)


def calibration_document(calibration: Calibration, *, detailed: bool) -> Document:
    """Show a calibration.

    Args:
        calibration: The one to be shown.
        detailed: Also each delay by itself.
    """
    rows = calibration.errors
    tables = [_errors_table(row for row in rows if row.delay_ns is None)]
    if calibration.ceilings:
        tables.append(_ceilings_table(calibration.ceilings))
    if detailed:
        tables.append(_delays_table(row for row in rows if row.delay_ns is not None))
    limits = (calibration.limits,) if calibration.limits else ()
    ceiling_notes = (_CEILING_NOTE,) if calibration.ceilings else ()
    return Document(
        kind="calibration",
        title=f"Calibration of this machine, {made_text(calibration)}",
        tables=tuple(tables),
        notes=(*limits, _error_note(calibration.means), *ceiling_notes),
        provenance=(
            f"{_MEANS[calibration.means]}, machine {calibration.machine}, "
            f"cloudgauge {calibration.tool_version}",
        ),
    )


def _error_note(means: str) -> str:
    return (
        "errors are reported minus true time of single exchanges, and what is true is "
        f"{_TRUTHS[means]}; bias is the median error, and 19 of 20 errors are no "
        "larger than the bound"
    )


def made_text(calibration: Calibration) -> str:
    """When a calibration was made, to the second."""
    made = datetime.fromtimestamp(calibration.made_wall_ns // NS_PER_S, tz=UTC)
    return f"{made:%Y-%m-%d %H:%M:%S} UTC"


def _errors_table(rows: Iterable[PhaseError]) -> Table:
    return Table(
        name="errors",
        title="",
        columns=_ERROR_COLUMNS,
        rows=tuple((*_load(row), *_figures(row)) for row in rows),
    )


def _delays_table(rows: Iterable[PhaseError]) -> Table:
    place = 3
    columns = (*_ERROR_COLUMNS[:place], _DELAY_COLUMN, *_ERROR_COLUMNS[place:])
    return Table(
        name="delays",
        title="Delay by delay",
        columns=columns,
        rows=tuple((*_load(row), _ms(row.delay_ns), *_figures(row)) for row in rows),
    )


def _load(row: PhaseError) -> tuple[Cell, ...]:
    return row.phase, row.clock.value, row.targets


def _figures(row: PhaseError) -> tuple[Cell, ...]:
    times_ns = (row.median_ns, row.low_ns, row.high_ns, row.bound_ns)
    return row.count, *(_ms(time_ns) for time_ns in times_ns)


def _ms(time_ns: int | None) -> float | None:
    return None if time_ns is None else time_ns / NS_PER_MS


def _ceilings_table(ceilings: Iterable[DownloadCeiling]) -> Table:
    return Table(
        name="ceilings",
        title="Download from this machine itself",
        columns=_CEILING_COLUMNS,
        rows=tuple(
            (
                "TLS" if row.tls else "plain",
                row.streams,
                row.bytes_per_s * 8 // 1_000_000,
                row.bytes_per_s,
            )
            for row in ceilings
        ),
    )
