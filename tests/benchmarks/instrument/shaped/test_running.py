from pathlib import Path

import pytest

from benchmarks.instrument.shaped.running import line_bits_per_s
from cloudgauge.model.quantity import NS_PER_MS, NS_PER_S
from cloudgauge.world.packet_log import Direction, PacketLog, pack_tail

_EVERY_NS = 10 * NS_PER_MS


def write_log(path: Path, bursts: list[tuple[float, float]]) -> None:
    """A packet of 1,000 bytes every 10 ms from second to second, and its ACK."""
    log = PacketLog(path)
    for begun_s, ended_s in bursts:
        for at_ns in range(
            round(begun_s * NS_PER_S), round(ended_s * NS_PER_S), _EVERY_NS
        ):
            for direction, size in ((Direction.TO_CLIENT, 948), (Direction.TO_SITE, 0)):
                tail = pack_tail(1, 0, 0, 1, size, 0, direction, 0, 6)
                log.append(at_ns, at_ns, at_ns, tail)
    log.close()


def test_the_line_s_best_two_seconds_count(tmp_path: Path) -> None:
    path = tmp_path / "packets.bin"
    write_log(path, [(1.0, 4.0), (10.0, 11.0)])
    spans = [(0, 5 * NS_PER_S), (9 * NS_PER_S, 12 * NS_PER_S), (20 * NS_PER_S,) * 2]
    whole, half, nothing = line_bits_per_s(path, spans)
    # 1,000 bytes every 10 ms are 800 kbit/s.
    assert whole == pytest.approx(800_000)
    assert half == pytest.approx(400_000)
    assert nothing is None
