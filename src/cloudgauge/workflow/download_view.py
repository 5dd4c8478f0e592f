"""What a plan downloads, as tables and sentences: seconds, bytes and money."""

from collections.abc import Iterator

from cloudgauge.model.download import DownloadSpec
from cloudgauge.model.plan import Plan
from cloudgauge.model.quantity import NS_PER_S, format_byte_count, format_duration
from cloudgauge.planning.bill import Bill, named, shown_sum
from cloudgauge.planning.limits import Forecast
from cloudgauge.report.document import Cell, Column, Scale, Table

# What stands in the place of a figure that nobody can have.
NO_TARGET = "no throughput target"


def download_tables(plan: Plan, ahead: Forecast) -> Iterator[Table]:
    """Say what is downloaded from each provider, and where nothing can be."""
    if plan.download is not None:
        yield Table(
            name="downloads",
            title="what is downloaded from each provider, at most",
            columns=(
                Column(name="provider", label="provider"),
                Column(name="objects", label="objects", scale=Scale.COUNT),
                Column(name="transfers", label="transfers", scale=Scale.COUNT),
                Column(name="transfer_s", label="seconds", scale=Scale.PLAIN),
                Column(name="received_bytes", label="received", scale=Scale.BYTES),
                Column(name="cost", label="if it were billed"),
            ),
            rows=tuple(
                _provider_row(plan, plan.download, ahead.bill, provider, objects)
                for provider, objects in ahead.objects_by_provider
            ),
        )
    if plan.objectless:
        yield Table(
            name="objectless",
            title="regions with nothing to download",
            columns=(
                Column(name="region", label="region"),
                Column(name="throughput", label="throughput"),
            ),
            rows=tuple((region_id, NO_TARGET) for region_id in plan.objectless),
        )


def _provider_row(
    plan: Plan, download: DownloadSpec, bill: Bill, provider: str, objects: int
) -> tuple[Cell, ...]:
    lines = tuple(
        line for line in bill.lines if line.region_id.startswith(f"{provider}/")
    )
    ways = len(download.families) * len(download.streams)
    transfers = objects * ways * plan.pacing.rounds
    return (
        provider,
        objects,
        transfers,
        transfers * download.transfer_ns // NS_PER_S,
        sum(line.down_bytes for line in lines),
        _cost(Bill(lines=lines)),
    )


def _cost(bill: Bill) -> str:
    sums = " + ".join(shown_sum(money) for money in bill.sums)
    if not bill.unpriced:
        return sums
    return f"{f'{sums}; ' if sums else ''}no price: {named(bill.unpriced)}"


def download_notes(plan: Plan, ahead: Forecast) -> Iterator[str]:
    """What a reader of the tables must not miss."""
    if plan.download is None:
        return
    yield (
        "a transfer ends with its time or its bytes, whichever is first; who owns an "
        "object pays for it: the sum is what the same bytes out of an account of your "
        "own would cost, at list prices of the dearest tier"
    )
    if ahead.bill.sums:
        sums = " + ".join(shown_sum(money) for money in ahead.bill.sums)
        but = f"; unknown for {named(ahead.bill.unpriced)}"
        yield (
            f"about {sums} if you were billed for it"
            f"{but if ahead.bill.unpriced else ''}"
        )


def download_facts(plan: Plan) -> Iterator[tuple[str, str]]:
    """How a plan downloads."""
    spec = plan.download
    if spec is None:
        return
    streams = " and ".join(str(count) for count in spec.streams)
    yield (
        "transfer",
        f"over {streams} stream{'' if spec.streams == (1,) else 's'}, at most "
        f"{format_duration(spec.transfer_ns)} and "
        f"{format_byte_count(spec.transfer_bytes)} each; one at a time, beside nothing "
        "else",
    )
    yield (
        "round trips",
        f"every {format_duration(spec.rtt_interval_ns)}, for "
        f"{format_duration(spec.idle_ns)} before each transfer and during it",
    )
    yield "transfer timeout", f"{format_duration(spec.timeout_ns)} for each wait"
    yield "transfer families", ", ".join(family.value for family in spec.families)
