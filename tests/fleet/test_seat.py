"""What a worker keeps on its machine."""

from pathlib import Path

import pytest

from cloudgauge.errors import ConfigError
from cloudgauge.fleet.seat import KeptShare, seat_of

SHARE = KeptShare(
    campaign="c" * 32,
    pin="{}",
    start_wall_ns=7,
    sharers=2,
    already=((0, 3), (5, 6)),
)


def test_a_worker_is_the_same_when_it_is_started_anew(tmp_path: Path) -> None:
    with seat_of(tmp_path / "new", "tokyo", "fleet") as first:
        first.keep_share(SHARE)
    with seat_of(tmp_path / "new", "tokyo", "fleet") as again:
        assert again.kept.seat == first.kept.seat
        assert again.kept.share == SHARE
        again.keep_share(None)
    with seat_of(tmp_path / "new", "tokyo", "fleet") as later:
        assert later.kept.share is None


def test_a_second_worker_on_this_machine_is_refused_at_once(tmp_path: Path) -> None:
    with (
        seat_of(tmp_path, "tokyo", "fleet"),
        seat_of(tmp_path, "frankfurt", "fleet"),
        pytest.raises(ConfigError, match='has a worker of vantage "tokyo" already'),
        seat_of(tmp_path, "tokyo", "fleet"),
    ):
        pass


def test_a_share_of_another_fleet_is_not_taken_up(tmp_path: Path) -> None:
    with seat_of(tmp_path, "tokyo", "fleet") as first:
        first.keep_share(SHARE)
    with seat_of(tmp_path, "tokyo", "another") as other:
        assert other.kept.share is None
        assert other.kept.seat != first.kept.seat


def test_a_file_that_cannot_be_read_is_begun_anew(tmp_path: Path) -> None:
    (tmp_path / ".fleet-tokyo.json").write_text('{"seat":"cut sh')

    with seat_of(tmp_path, "tokyo", "fleet") as seat:
        assert seat.kept.share is None
        assert len(seat.kept.seat) == 32
