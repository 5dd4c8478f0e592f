"""How fast regions sent, and what that did to round trips, as a table."""

from collections.abc import Iterator, Sequence

from cloudgauge.analysis.throughput import TransferSummary
from cloudgauge.report.document import Cell, Column, Scale, Table
from cloudgauge.workflow.doubts import words_text
from cloudgauge.workflow.set_figures import SetFigures

NO_TARGET = "no throughput target"
THROUGHPUT_NOTES = (
    "rate: bodies a second once a transfer has settled, the median over tests; low and "
    "high: the tests' own; a test counts once, however many bins it has",
    "added: what a round trip of a small request on a connection of its own took "
    "longer during a transfer than before it; round trips a minute: of such requests "
    "during a transfer, one after the other",
)
_BITS_PER_MBIT = 1e6

# What is most asked for comes first: where there is no room, the last are left out.
_COLUMNS = (
    Column(name="target", label="target"),
    Column(name="streams", label="streams", scale=Scale.COUNT),
    Column(name="rate_mbit_per_s", label="rate", scale=Scale.MEGABITS_PER_S),
    # Says where there is no throughput target, so it is never left out.
    Column(name="settled", label="settled"),
    Column(name="rate_low_mbit_per_s", label="low", scale=Scale.MEGABITS_PER_S),
    Column(name="rate_high_mbit_per_s", label="high", scale=Scale.MEGABITS_PER_S),
    Column(name="idle_p50_ms", label="idle p50", scale=Scale.MILLISECONDS),
    Column(name="added_p50_ms", label="added p50", scale=Scale.MILLISECONDS),
    Column(name="added_p95_ms", label="added p95", scale=Scale.MILLISECONDS),
    Column(
        name="round_trips_per_minute", label="round trips a minute", scale=Scale.COUNT
    ),
    Column(name="tests", label="tests", scale=Scale.COUNT),
    Column(name="failures", label="failures"),
    Column(name="caveats", label="caveats"),
    Column(name="body_bytes", label="moved", scale=Scale.BYTES),
    Column(name="family", label="family"),
    Column(name="city", label="city"),
    Column(name="vantage", label="vantage"),
)


def throughput_tables(opened: Sequence[SetFigures]) -> tuple[Table, ...]:
    """The table of transfers, fastest first; none where no throughput was asked for.

    A region without an object has its row: that there is no throughput target is an
    answer, and no number is one for it.
    """
    rows = [row for item in opened for row in _rows(item)]
    if not rows:
        return ()
    rows.sort(key=lambda row: row[0])
    table = Table(
        name="throughput",
        title="Throughput",
        columns=_COLUMNS,
        rows=tuple(row for _, row in rows),
    )
    return (table,)


def _rows(
    item: SetFigures,
) -> Iterator[tuple[tuple[bool, float, str, int], tuple[Cell, ...]]]:
    for transfers in item.transfers:
        rate = transfers.rate
        at = rate.low if rate.point is None else rate.point
        order = (at is None, -(at or 0.0), transfers.target_id, transfers.streams)
        yield order, _row(item, transfers)
    blank = len(_COLUMNS) - 5
    for region_id in item.result.manifest.plan.objectless:
        row: tuple[Cell, ...] = (
            *(region_id, None, None, NO_TARGET),
            *(None,) * blank,
            item.run.vantage.name,
        )
        yield (True, float("inf"), region_id, 0), row


def _row(item: SetFigures, transfers: TransferSummary) -> tuple[Cell, ...]:
    rate, load = transfers.rate, transfers.under_load
    trips = load.per_minute
    return (
        transfers.target_id,
        transfers.streams,
        _mbit(rate.point),
        _settled(transfers),
        _mbit(rate.low),
        _mbit(rate.high),
        load.idle_p50_ms,
        load.added_p50_ms,
        load.added_p95_ms,
        None if trips is None else round(trips),
        transfers.tests,
        words_text(transfers.failures) or None,
        ", ".join(dict.fromkeys(caveat.name for caveat in transfers.caveats)) or None,
        transfers.body_bytes,
        transfers.family,
        item.targets[transfers.target_id].region.city,
        item.run.vantage.name,
    )


def _settled(transfers: TransferSummary) -> str:
    ended = transfers.tests - sum(failure.count for failure in transfers.failures)
    if not ended:
        return "failed"
    if transfers.rate.point is None:
        return "not settled"
    return f"{transfers.settled} of {ended}"


def _mbit(bytes_per_s: float | None) -> float | None:
    return None if bytes_per_s is None else bytes_per_s * 8 / _BITS_PER_MBIT
