from dataclasses import replace
from typing import Any

import pytest

from cloudgauge.model.transfer import BIN_NS, Bin, Ending
from tests.model.test_download import TRANSFER

FIRST = Bin(
    slot=TRANSFER,
    index=0,
    began_ns=5_000_000_000,
    length_ns=BIN_NS,
    body_bytes=1_250_000,
    wire_bytes=1_262_000,
    requests=8,
    rtt_us=20_000,
    receive_rtt_us=20_400,
    receive_space_bytes=14_600,
    window_bytes=64_000,
    unread_bytes=0,
    drain_ns=900_000,
    cpu_ns=800_000,
    object_bytes=40_000_000,
)


def test_only_a_last_bin_says_why_the_transfer_ended() -> None:
    assert FIRST.ending is None
    assert replace(FIRST, index=99, ending=Ending.TIME).ending is Ending.TIME


@pytest.mark.parametrize(
    "change", [{"index": -1}, {"length_ns": 0}, {"body_bytes": -1}]
)
def test_a_bin_that_cannot_be_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"^index and body_bytes must be >= 0 and len"):
        replace(FIRST, **change)
