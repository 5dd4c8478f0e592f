"""A sample or a bin as the row that journal and Parquet files keep of it."""

from cloudgauge.model.run import RunInfo
from cloudgauge.model.sample import KernelView, Sample
from cloudgauge.model.transfer import Bin
from cloudgauge.store.schema import DETAIL_LIMIT_CHARS, Row


def row_of(sample: Sample, run: RunInfo) -> Row:
    """A sample's values in the order of `schema.COLUMNS`."""
    slot, timings, path = sample.slot, sample.timings, sample.connection
    return (
        run.run_id,
        slot.target_id,
        slot.replica,
        slot.family.value,
        slot.kind.value,
        slot.seq,
        slot.round_index,
        sample.exchange,
        slot.due_ns,
        sample.sent_ns,
        # The same clock twice would be the dearest column of all: what is kept is
        # where the two clocks differ.
        sample.wall_ns - run.started_wall_ns - sample.sent_ns,
        timings.resolve_ns,
        timings.connect_ns,
        timings.tls_ns,
        timings.first_byte_ns,
        timings.body_ns,
        *_kernel_cells(sample.kernel),
        path.remote_address,
        path.local_port,
        path.tls_version,
        path.http_version,
        sample.status,
        sample.body_bytes,
        None if sample.clock is None else sample.clock.value,
        sample.wall_stepped,
        sample.loop_lag_ns,
        None if sample.failure is None else sample.failure.value,
        _detail_cell(sample.failure_detail),
        slot.streams,
        None if sample.part is None else sample.part.value,
    )


def bin_row_of(found: Bin, run: RunInfo) -> Row:
    """A bin's values in the order of `schema.BIN_COLUMNS`."""
    slot = found.slot
    return (
        run.run_id,
        slot.target_id,
        slot.family.value,
        slot.streams,
        slot.seq,
        slot.round_index,
        found.index,
        found.began_ns,
        found.length_ns,
        found.body_bytes,
        found.wire_bytes,
        found.requests,
        found.rtt_us,
        found.receive_rtt_us,
        found.receive_space_bytes,
        found.window_bytes,
        found.unread_bytes,
        found.drain_ns,
        found.cpu_ns,
        found.object_bytes,
        None if found.ending is None else found.ending.value,
    )


def _kernel_cells(kernel: KernelView | None) -> Row:
    if kernel is None:
        return (None,) * 6
    return (
        kernel.connect_rtt_us,
        kernel.rtt_us,
        kernel.rttvar_us,
        kernel.min_rtt_us,
        kernel.syn_retransmits,
        kernel.retransmits,
    )


def _detail_cell(detail: str) -> str | None:
    if not detail:
        return None
    # The operating system's messages may hold bytes that are no text.
    text = detail.encode("utf-8", "replace").decode("utf-8")
    return text[:DETAIL_LIMIT_CHARS]
