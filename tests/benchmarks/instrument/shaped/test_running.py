from pathlib import Path

from benchmarks.instrument.shaped.running import line_late_ms
from cloudgauge.world.packet_log import Fate, PacketLog, pack_tail


def write_log(path: Path, packets: list[tuple[int, int, Fate]]) -> None:
    """Packets by when they came, by how much they were late, and their fate."""
    log = PacketLog(path)
    for in_ns, late_ns, fate in packets:
        due_ns = in_ns + 10_000_000
        tail = pack_tail(1, 0, 0, 1, 100, 0, 1, fate, 6)
        log.append(in_ns, due_ns, due_ns + late_ns if fate == 0 else 0, tail)
    log.close()


def test_a_line_is_as_late_as_its_packets_of_that_time(tmp_path: Path) -> None:
    path = tmp_path / "packets.bin"
    packets = [
        (5, 9_000_000, Fate.DELIVERED),
        *((100 + number, 1_000_000, Fate.DELIVERED) for number in range(10)),
        (120, 0, Fate.QUEUE_FULL),
        (205, 3_000_000, Fate.DELIVERED),
    ]
    write_log(path, packets)
    spans = [(100, 200), (200, 300), (300, 400)]
    assert line_late_ms(path, spans) == (1.0, 3.0, None)
