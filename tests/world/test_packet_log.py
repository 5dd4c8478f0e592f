"""The two logs: written in batches, bounded, read back equal."""

import dataclasses
import struct
from itertools import pairwise
from pathlib import Path

import pytest

from cloudgauge.errors import WorldError
from cloudgauge.world import packet_log
from cloudgauge.world.description import Pointer, WorldDescription
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
from cloudgauge.world.site import Conduct, Link, Site

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


_FORMAT = (Path(__file__).parents[2] / "FORMAT.md").read_text(encoding="utf-8")
_TYPES = {"u8": "B", "u16": "H", "u32": "I", "u64": "Q"}


def _table_under(head: str) -> list[list[str]]:
    lines = _FORMAT.split("\n")
    (start,) = [at for at, line in enumerate(lines) if line.startswith(head)]
    rows = lines[start + 2 :]
    cells = [row.strip("|").split("|") for row in rows[: rows.index("")]]
    return [[cell.strip() for cell in row] for row in cells]


def _record_as_specified(what: str) -> tuple[struct.Struct, list[str]]:
    """How somebody who has only the specification would read a record."""
    rows = _table_under(f"| at | type | field of {what} |")
    record = struct.Struct("<" + "".join(_TYPES[kind] for _, kind, *_ in rows))
    for row, following in pairwise(rows):
        assert int(row[0]) + struct.calcsize(_TYPES[row[1]]) == int(following[0])
    return record, [name.strip("`") for _, _, name, *_ in rows]


@pytest.mark.parametrize(
    ("what", "fields", "record"),
    [
        ("a packet", PacketRecord._fields, packet_log.PACKET_STRUCT),
        ("an exchange", ExchangeRecord._fields, packet_log.EXCHANGE_STRUCT),
    ],
)
def test_the_specification_has_the_records_of_the_code(
    what: str, fields: tuple[str, ...], record: struct.Struct
) -> None:
    specified, names = _record_as_specified(what)
    assert names == list(fields)
    assert specified.format == record.format
    assert f"Records of {record.size} bytes" in _FORMAT


def test_a_log_can_be_read_by_its_specification_alone(tmp_path: Path) -> None:
    log = PacketLog(tmp_path / "packets")
    log.append(*_PACKET[:3], pack_tail(*_PACKET[3:]))
    log.close()
    record, names = _record_as_specified("a packet")
    data = (tmp_path / "packets").read_bytes()
    assert data[:16] == b"cgworld\n" + struct.pack("<HHI", 1, record.size, 0)
    read = dict(zip(names, record.unpack(data[16:]), strict=True))
    assert read == _PACKET._asdict()


def test_the_specification_has_every_fate() -> None:
    rows = _table_under("| fate | name |")
    assert [(int(value), name) for value, name, _ in rows] == [
        (fate.value, fate.name) for fate in Fate
    ]


def test_the_specification_has_every_key_of_sites_and_world() -> None:
    _, _, text = _FORMAT.partition("### sites.json and world.json")
    for kind in (Site, Link, Conduct, WorldDescription, Pointer):
        for field in dataclasses.fields(kind):
            assert f"`{field.name}`" in text, (kind, field.name)


def test_a_fate_that_turns_out_to_be_another_changes_nothing_else() -> None:
    tail = pack_tail(*_PACKET[3:])
    changed = packet_log.tail_with(tail, Fate.UNWRITTEN)
    assert changed == pack_tail(*_PACKET._replace(fate=Fate.UNWRITTEN)[3:])
