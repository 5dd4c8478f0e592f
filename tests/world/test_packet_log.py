"""The two logs: written in batches, bounded, read back equal."""

from pathlib import Path

import pytest

from cloudgauge.errors import WorldError
from cloudgauge.world import packet_log
from cloudgauge.world.packet_log import (
    ExchangeLog,
    ExchangeRecord,
    Fate,
    LogWriter,
    PacketLog,
    PacketRecord,
    pack_tail,
    read_exchanges,
    read_packets,
)

_PACKET = PacketRecord(
    in_ns=2**60,
    due_ns=2**60 + 5,
    out_ns=2**60 + 6,
    remote_id=2**32 - 1,
    seq=2**32 - 1,
    ack=1,
    client_port=65_535,
    payload_bytes=1460,
    flags=0x18,
    direction=1,
    fate=Fate.DELIVERED,
    protocol=6,
)
_EXCHANGE = ExchangeRecord(
    received_ns=2**60,
    written_ns=2**60 + 1,
    remote_id=2**32 - 1,
    received_bytes=600,
    sent_bytes=1700,
    client_port=40_000,
    exchange=3,
    kind=1,
    fault=0,
)


def test_packets_are_read_back_equal(tmp_path: Path) -> None:
    log = PacketLog(tmp_path / "packets")
    for seq in range(10_000):
        log.append(*_PACKET[:3], pack_tail(*_PACKET._replace(seq=seq)[3:]))
        if seq == 5_000:
            log.flush()
    log.close()
    records = list(read_packets(tmp_path / "packets"))
    assert [record.seq for record in records] == list(range(10_000))
    assert records[0] == _PACKET._replace(seq=0)


def test_exchanges_are_read_back_equal(tmp_path: Path) -> None:
    log = ExchangeLog(tmp_path / "exchanges")
    log.append(_EXCHANGE)
    log.close()
    assert list(read_exchanges(tmp_path / "exchanges")) == [_EXCHANGE]


def test_half_a_record_at_the_end_is_not_read(tmp_path: Path) -> None:
    log = PacketLog(tmp_path / "packets")
    log.append(*_PACKET[:3], pack_tail(*_PACKET[3:]))
    log.close()
    whole = (tmp_path / "packets").read_bytes()
    (tmp_path / "packets").write_bytes(whole + whole[-20:])
    assert len(list(read_packets(tmp_path / "packets"))) == 1


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    log = ExchangeLog(tmp_path / "exchanges")
    log.close()
    with pytest.raises(WorldError, match="want a log of the private network"):
        list(read_packets(tmp_path / "exchanges"))
    with pytest.raises(WorldError, match="none: cannot be read: No such file"):
        list(read_packets(tmp_path / "none"))


def test_a_log_at_its_bound_stops_and_never_passes_for_a_whole_one(
    tmp_path: Path,
) -> None:
    # A writer of the same record with room for three of them.
    full = PacketRecord(*[0] * 12)._replace(fate=Fate.LOG_FULL)
    record = packet_log.PACKET_STRUCT
    log = LogWriter(
        tmp_path / "packets", record, record.pack(*full), limit_bytes=16 + 3 * 44
    )
    for _ in range(5):
        log.add(record.pack(*_PACKET))
    log.close()
    assert (tmp_path / "packets").stat().st_size == 16 + 3 * 44
    with pytest.raises(WorldError, match="the truth of later packets is missing"):
        list(read_packets(tmp_path / "packets"))
