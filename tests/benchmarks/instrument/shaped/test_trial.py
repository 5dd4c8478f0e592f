from dataclasses import replace
from itertools import pairwise

import pytest

from benchmarks.instrument.shaped.buckets import bucket_trials
from benchmarks.instrument.shaped.links import link_trials
from benchmarks.instrument.shaped.trial import (
    Trial,
    peer_bits_per_s,
    peer_command,
    plan_settings,
    scenario_of,
    targets_toml,
    trials_as_rows,
    trials_from,
)
from cloudgauge.planning.files import parse_plan, write_plan

LINK = Trial(bits_per_s=50_000_000, rtt_ms=20, seconds=5, streams=(1, 8))
BUCKET = replace(
    LINK, burst_bytes=10_000_000, sustained_bits_per_s=10_000_000, streams=(1,)
)


def test_goodput_leaves_the_heads_out_and_the_peer_has_no_tls() -> None:
    # 1448 of 1500 bytes are left by IP and TCP with time stamps, 16384 of 16406 by TLS.
    assert LINK.peer_goodput_bits_per_s == pytest.approx(50e6 * 1448 / 1500)
    ours = LINK.peer_goodput_bits_per_s * 16384 / 16406
    assert LINK.goodput_bits_per_s == pytest.approx(ours)
    assert BUCKET.goodput_bits_per_s == pytest.approx(ours / 5)


def test_a_bucket_is_empty_once_more_went_out_than_came_in() -> None:
    # It loses 40 Mbit/s: 80 Mbit are gone after two seconds.
    assert BUCKET.emptied_after_s == pytest.approx(2)
    assert LINK.emptied_after_s is None


def test_trials_are_read_back_equal() -> None:
    trials = (LINK, BUCKET)
    assert trials_from(trials_as_rows(trials)) == trials


@pytest.mark.parametrize("quick", [True, False])
def test_every_trial_has_files_and_a_region_of_its_own(*, quick: bool) -> None:
    trials = (*link_trials(quick=quick), *bucket_trials(quick=quick))
    assert len({trial.key for trial in trials}) == len(trials)
    assert all(trial.key.replace("-", "").isalnum() for trial in trials)


def test_the_peer_gets_a_twin_of_the_link() -> None:
    overrides = {one.match: one for one in scenario_of((LINK, BUCKET)).overrides}
    assert len(overrides) == 4
    for trial in (LINK, BUCKET):
        ours = overrides[f"shaped/{trial.key}"]
        twin = overrides[f"shaped/{trial.key}-twin"]
        assert ours.link == twin.link
        assert dict(ours.link)["bits_per_s"] == trial.bits_per_s
    assert LINK.host != LINK.peer_host


def test_the_plan_of_a_trial_downloads_and_nothing_else() -> None:
    settings = plan_settings(LINK)
    assert parse_plan(write_plan(settings), "plan") == settings
    assert settings.probe is None
    assert settings.download is not None
    assert settings.download.streams == (1, 8)
    assert settings.selection.regions == (f"shaped/{LINK.key}",)


def test_the_target_file_has_an_object_for_every_host() -> None:
    text = targets_toml((LINK,))
    for host in (LINK.host, LINK.peer_host):
        assert f'url = "https://{host}/agent"' in text


def test_the_peer_is_as_long_and_leaves_out_as_much() -> None:
    words = peer_command(LINK, 8)
    told = dict(pairwise(words))
    assert told["--client"] == LINK.peer_host
    assert int(told["--time"]) + int(told["--omit"]) == LINK.seconds
    assert told["--parallel"] == "8"
    # Its goodput is that of IPv4.
    assert {"--reverse", "--version4"} <= set(words)


def test_the_peer_s_answer_is_what_it_received_or_nothing() -> None:
    end = {"sum_received": {"bits_per_second": 1e6}, "sum_sent": {}}
    assert peer_bits_per_s({"end": end}) == 1e6
    assert peer_bits_per_s({"error": "unable to connect", "end": {}}) is None
