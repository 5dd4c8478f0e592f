from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudgauge.errors import ConfigError, ConfigErrors
from cloudgauge.model.plan import Ceilings, ProbeSpec
from cloudgauge.model.quantity import NS_PER_MS, NS_PER_S
from cloudgauge.model.target import Family, Partition, Selection
from cloudgauge.planning.files import PlanSettings, parse_plan, write_plan

HEAD = 'schema = 1\nname = "a"\n'

names = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?", fullmatch=True)
words = st.lists(st.text(max_size=12), max_size=3).map(tuple)
spans_ns = st.integers(1, 10**15)
times: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.just({}),
    st.fixed_dictionaries({"rounds": st.integers(1, 10**6)}),
    st.fixed_dictionaries({"round_ns": spans_ns, "rounds": st.integers(1, 99)}),
    st.fixed_dictionaries({"duration_ns": spans_ns, "rounds": st.integers(1, 99)}),
    st.fixed_dictionaries(
        {"duration_ns": st.integers(10**9, 10**15), "round_ns": st.integers(1, 10**9)}
    ),
)
selections = st.builds(
    Selection,
    providers=words,
    areas=words,
    regions=words,
    countries=words,
    partitions=st.lists(st.sampled_from(Partition), max_size=2).map(tuple),
    service=st.none() | st.text(max_size=9),
    off_by_default=st.booleans(),
)
probes = st.builds(
    ProbeSpec,
    warm_requests=st.integers(0, 100),
    timeout_ns=st.integers(NS_PER_MS, 120 * NS_PER_S),
    families=st.permutations(list(Family)).map(tuple),
    body_limit_bytes=st.integers(1, 10**12),
)
rates = st.floats(0.001, 1000, allow_nan=False)
ceilings = st.builds(
    Ceilings,
    requests=st.integers(1, 10**9),
    traffic_bytes=st.integers(1, 10**15),
    duration_ns=spans_ns,
    visits_per_s=rates,
    visits_per_s_provider=rates,
    visits_per_s_host=rates,
)


@st.composite
def all_settings(draw: st.DrawFn) -> PlanSettings:
    return PlanSettings(
        name=draw(names),
        question=draw(st.text(max_size=60).filter(str.isprintable)),
        seed=draw(st.integers(0, 2**63 - 1)),
        jitter=draw(st.floats(0, 0.8, allow_nan=False)),
        controls=draw(st.booleans() | words),
        selection=draw(selections),
        probe=draw(probes),
        ceilings=draw(ceilings),
        **draw(times),
    )


@given(settings_=all_settings())
@settings(max_examples=100)
def test_plan_file_reads_back_equal(settings_: PlanSettings) -> None:
    assert parse_plan(write_plan(settings_), "a.toml") == settings_


def test_two_keys_are_enough() -> None:
    assert parse_plan(HEAD, "a.toml") == PlanSettings(name="a")


def test_every_key_is_read() -> None:
    text = """
    schema = 1
    name = "gulf"
    question = "which?"
    seed = 9
    rounds = 5
    round = "1m30s"
    jitter = 0
    controls = ["aws/me-central-1:object-storage"]

    [select]
    providers = ["aws"]
    areas = ["gulf"]
    regions = ["aws/*"]
    countries = ["AE"]
    partitions = ["public", "china"]
    service = "object-storage"
    off_by_default = true

    [[probe]]
    kind = "latency"
    warm_requests = 2
    timeout = "500ms"
    families = ["ipv6"]
    body_limit = "1 KiB"

    [ceilings]
    requests = 100
    traffic = "1 MB"
    duration = "1h"
    visits_per_s = 5
    visits_per_s_provider = 2.5
    visits_per_s_host = 0.5
    """

    assert parse_plan(text, "gulf.toml") == PlanSettings(
        name="gulf",
        question="which?",
        seed=9,
        rounds=5,
        round_ns=90 * NS_PER_S,
        jitter=0.0,
        controls=("aws/me-central-1:object-storage",),
        selection=Selection(
            providers=("aws",),
            areas=("gulf",),
            regions=("aws/*",),
            countries=("AE",),
            partitions=(Partition.PUBLIC, Partition.CHINA),
            service="object-storage",
            off_by_default=True,
        ),
        probe=ProbeSpec(
            warm_requests=2,
            timeout_ns=500 * NS_PER_MS,
            families=(Family.IPV6,),
            body_limit_bytes=1024,
        ),
        ceilings=Ceilings(
            requests=100,
            traffic_bytes=10**6,
            duration_ns=3600 * NS_PER_S,
            visits_per_s=5.0,
            visits_per_s_provider=2.5,
            visits_per_s_host=0.5,
        ),
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "a.toml: schema: is missing\na.toml: name: is missing"),
        ("schema = 2\nname = 'a'", "a.toml: schema: want 1, got 2"),
        (
            "schema = 1\nname = 'A b'",
            'a.toml: name: must be lower-case letters, digits and hyphens, got "A b"',
        ),
        (
            f"schema = 1\nname = '{'a' * 65}'",
            "a.toml: name: must have at most 64 characters",
        ),
        (
            HEAD + r'question = "two\nlines"',
            "a.toml: question: must be one line of at most 300 characters",
        ),
        (
            HEAD + f"question = '{'w' * 301}'",
            "a.toml: question: must be one line of at most 300 characters",
        ),
        (HEAD + "seed = -1", "a.toml: seed: must be in [0, 2^63), got -1"),
        (HEAD + "seed = 0.5", "a.toml: seed: input should be a valid integer, got 0.5"),
        (HEAD + "jitter = 0.9", "a.toml: jitter: must be in [0, 0.8], got 0.9"),
        (
            HEAD + "rounds = 0",
            "a.toml: rounds: rounds, round and duration must be above 0",
        ),
        (
            HEAD + "rounds = 1\nround = '1s'\nduration = '1s'",
            "a.toml: give at most two of rounds, round and duration; they make the "
            "third",
        ),
        (
            HEAD + "round = '2s'\nduration = '1s'",
            "a.toml: duration must be at least one round",
        ),
        (
            HEAD + "round = 3",
            'a.toml: round: want a duration such as "500ms" or "1m30s", got 3',
        ),
        (
            HEAD + "controls = 'aws'",
            "a.toml: controls: want true, false or a list of target ids, got 'aws'",
        ),
        (
            HEAD + "controls = [1]",
            "a.toml: controls: want true, false or a list of target ids, got [1]",
        ),
        (
            HEAD + "jiter = 3",
            "a.toml: jiter: unknown key; want one of ceilings, controls, duration, "
            "jitter, name, probe, question, round, rounds, schema, seed, select; "
            'did you mean "jitter"?',
        ),
        (
            HEAD + "[select]\nprovider = ['aws']",
            "a.toml: select.provider: unknown key; want one of areas, countries, "
            "off_by_default, partitions, providers, regions, service; "
            'did you mean "providers"?',
        ),
        (
            HEAD + "[select]\npartitions = ['chian']",
            'a.toml: select.partitions[0]: want "public", "china", "government" or '
            '"sovereign", got "chian"; did you mean "china"?',
        ),
        (
            HEAD + "[[probe]]\nkind = 'latancy'",
            'a.toml: probe[0].kind: want "latency" or "download", got "latancy"; '
            'did you mean "latency"?',
        ),
        (
            HEAD + "[[probe]]\nkind = 'latency'\n[[probe]]\nkind = 'latency'",
            "a.toml: probe: want one of each kind, got 2",
        ),
        (
            HEAD + "[[probe]]\nkind = 'latency'\ntimeout = '0s'",
            "a.toml: probe[0].timeout: must be in [1ms, 2m], got 0 ns",
        ),
        (
            HEAD + "[[probe]]\nkind = 'latency'\nfamilies = ['ipv4', 'ipv4']",
            "a.toml: probe[0].families: must name ipv4, ipv6 or both, each once",
        ),
        (
            HEAD + "[[probe]]\nkind = 'latency'\nbody_limit = 5",
            'a.toml: probe[0].body_limit: want a byte count such as "64 KiB" or '
            '"5 MB", got 5',
        ),
        (
            HEAD + "[ceilings]\nrequests = 0",
            "a.toml: ceilings.requests: must be above 0, got 0",
        ),
        (
            HEAD + "[ceilings]\nvisits_per_s = nan",
            "a.toml: ceilings.visits_per_s: must be in [1e-06, 1e+06], got nan",
        ),
        (
            HEAD + "[ceilings]\nvisits_per_s = inf",
            "a.toml: ceilings.visits_per_s: must be in [1e-06, 1e+06], got inf",
        ),
        (
            HEAD + "[ceilings]\ntraffic = '0B'",
            "a.toml: ceilings.traffic: traffic_bytes must be above 0, got 0",
        ),
        (
            "schema = true\nname = 'a'",
            "a.toml: schema: want a whole number, got true",
        ),
        (
            "schema = 1.0\nname = 'a'",
            "a.toml: schema: want a whole number, got 1.0",
        ),
        ("schema", "a.toml: is not TOML: expected"),
    ],
)
def test_mistake_names_file_key_found_and_wanted(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_plan(text, "a.toml")

    assert message in str(caught.value)


def test_every_mistake_of_a_file_is_told_at_once() -> None:
    text = """
    schema = true
    name = "A b"
    seed = -1
    rounds = 0
    jiter = 0.5

    [select]
    provider = ["aws"]

    [[probe]]
    kind = "latency"
    warm_requests = -1
    timeout = "1h"
    body_limit = 5

    [ceilings]
    requests = 0
    duration = "0s"
    visits_per_s = inf
    """

    with pytest.raises(ConfigErrors) as caught:
        parse_plan(text, "a.toml")

    assert [error.where.removeprefix("a.toml: ") for error in caught.value.errors] == [
        "schema",
        "name",
        "seed",
        "rounds",
        "select.provider",
        "probe[0].warm_requests",
        "probe[0].timeout",
        "probe[0].body_limit",
        "ceilings.requests",
        "ceilings.duration",
        "ceilings.visits_per_s",
        "jiter",
    ]
