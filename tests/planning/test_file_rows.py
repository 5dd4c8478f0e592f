"""The tables of a plan file that downloads."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudgauge.errors import ConfigError, ConfigErrors
from cloudgauge.model.download import DownloadSpec
from cloudgauge.model.plan import Ceilings, ProbeSpec
from cloudgauge.model.price import Money, parse_money
from cloudgauge.model.quantity import NS_PER_MS, NS_PER_S
from cloudgauge.model.target import Family
from cloudgauge.planning.files import PlanSettings, parse_plan, write_plan

HEAD = 'schema = 1\nname = "a"\n'
DOWNLOAD = HEAD + "[[probe]]\nkind = 'download'\n"

downloads = st.builds(
    DownloadSpec,
    streams=st.lists(st.integers(1, 64), min_size=1, unique=True).map(tuple),
    transfer_ns=st.integers(3 * NS_PER_S, 600 * NS_PER_S),
    transfer_bytes=st.integers(10**6, 10**13),
    timeout_ns=st.integers(NS_PER_MS, 120 * NS_PER_S),
    idle_ns=st.integers(0, 60 * NS_PER_S),
    rtt_interval_ns=st.integers(50 * NS_PER_MS, 10 * NS_PER_S),
    families=st.permutations(list(Family)).map(tuple),
)
sums = st.builds(
    Money,
    amount=st.decimals(0, 10**9, places=9),
    currency=st.from_regex(r"[A-Z]{3}", fullmatch=True),
)


@given(
    download=downloads,
    cost=st.none() | sums,
    probe=st.sampled_from([None, ProbeSpec()]),
)
def test_a_plan_that_downloads_reads_back_equal(
    download: DownloadSpec, cost: Money | None, probe: ProbeSpec | None
) -> None:
    settings = PlanSettings(
        name="a", probe=probe, download=download, ceilings=Ceilings(cost=cost)
    )

    assert parse_plan(write_plan(settings), "a.toml") == settings


def test_every_key_of_a_download_is_read() -> None:
    text = (
        DOWNLOAD
        + """
    streams = [1, 4]
    transfer = "5s"
    transfer_bytes = "20 MB"
    timeout = "2s"
    idle = "1s"
    rtt_interval = "200ms"
    families = ["ipv6"]

    [ceilings]
    cost = "2.50 USD"
    """
    )

    assert parse_plan(text, "a.toml") == PlanSettings(
        name="a",
        probe=None,
        download=DownloadSpec(
            streams=(1, 4),
            transfer_ns=5 * NS_PER_S,
            transfer_bytes=20 * 10**6,
            timeout_ns=2 * NS_PER_S,
            idle_ns=NS_PER_S,
            rtt_interval_ns=200 * NS_PER_MS,
            families=(Family.IPV6,),
        ),
        ceilings=Ceilings(cost=parse_money("2.50 USD")),
    )


def test_a_file_may_have_a_probe_of_each_kind_in_any_order() -> None:
    text = DOWNLOAD + "[[probe]]\nkind = 'latency'\nwarm_requests = 1\n"

    settings = parse_plan(text, "a.toml")

    assert settings.probe == ProbeSpec(warm_requests=1)
    assert settings.download == DownloadSpec()


def test_without_a_probe_latency_is_measured_and_nothing_downloaded() -> None:
    settings = parse_plan(HEAD, "a.toml")

    assert (settings.probe, settings.download) == (ProbeSpec(), None)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            DOWNLOAD + "[[probe]]\nkind = 'latency'\n[[probe]]\nkind = 'download'\n",
            'a.toml: probe: want one of each kind, got 2 of "download"',
        ),
        (
            DOWNLOAD + "warm_requests = 4",
            'a.toml: probe[0].warm_requests: is a key of kind "latency", and this one '
            'is "download"',
        ),
        (
            HEAD + "[[probe]]\nkind = 'latency'\nstreams = [1]",
            'a.toml: probe[0].streams: is a key of kind "download", and this one is '
            '"latency"',
        ),
        (
            DOWNLOAD + "streams = [0]",
            "a.toml: probe[0].streams: must be in [1, 64], got [0]",
        ),
        (
            DOWNLOAD + "streams = []",
            "a.toml: probe[0].streams: must name at least one number, each once",
        ),
        (
            DOWNLOAD + "streams = 8",
            "a.toml: probe[0].streams: want a list, got 8",
        ),
        (
            DOWNLOAD + "transfer = '1s'",
            "a.toml: probe[0].transfer: must be in [3s, 10m], got 1s",
        ),
        (
            DOWNLOAD + "transfer_bytes = '1 kB'",
            "a.toml: probe[0].transfer_bytes: must be at least 1 MB, got 1000",
        ),
        (
            DOWNLOAD + "rtt_interval = '1ms'",
            "a.toml: probe[0].rtt_interval: must be in [50ms, 10s], got 1ms",
        ),
        (
            DOWNLOAD + "stream = [1]",
            "a.toml: probe[0].stream: unknown key; want one of body_limit, families, "
            "idle, kind, rtt_interval, streams, timeout, transfer, transfer_bytes, "
            'warm_requests; did you mean "streams"?',
        ),
        (
            HEAD + "[[probe]]\nstreams = [1]",
            "a.toml: probe[0].kind: is missing",
        ),
        (
            HEAD + "[ceilings]\ncost = '2.50'",
            'a.toml: ceilings.cost: want an amount such as "2.50 USD", got "2.50"',
        ),
        (
            HEAD + "[ceilings]\ncost = 2.5",
            'a.toml: ceilings.cost: want an amount such as "2.50 USD", got 2.5',
        ),
    ],
)
def test_mistake_names_file_key_found_and_wanted(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_plan(text, "a.toml")

    assert str(caught.value) == message


def test_every_mistake_of_both_probes_is_told_at_once() -> None:
    text = DOWNLOAD + "idle = '2m'\n[[probe]]\nkind = 'latency'\ntransfer = '5s'\n"

    with pytest.raises(ConfigErrors) as caught:
        parse_plan(text, "a.toml")

    assert [error.where for error in caught.value.errors] == [
        "a.toml: probe[0].idle",
        "a.toml: probe[1].transfer",
    ]


def test_a_plan_that_measures_nothing_cannot_be_made() -> None:
    with pytest.raises(ValueError, match=r"^a plan measures latency, down"):
        PlanSettings(name="a", probe=None)
