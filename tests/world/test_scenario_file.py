"""Scenario files, and what is said of mistakes in them."""

from pathlib import Path

import pytest

from cloudgauge.errors import ConfigError
from cloudgauge.world.scenario import Scenario
from cloudgauge.world.scenario_file import parse_scenario, read_scenario
from cloudgauge.world.site import Fault, Resolution
from cloudgauge.world.siting import sites_of
from tests.world.places import place

_WHOLE = """
schema = 1
name = "a bad day"
seed = 42
guest_ports = [5201, 9000]

[[vantage]]
name = "berlin"
latitude = 52.52
longitude = 13.40
city = "Berlin"
country = "DE"

[geography]
inflation = 1.4
inflation_spread = 0.1
access = "5ms"

[path]
jitter = "1ms"
spike = "40ms"
spike_share = 0.01
loss = 0.002
bandwidth_mbit_per_s = 100.0
burst = "300 MB"
sustained_mbit_per_s = 7.5
queue = "50ms"
object = "30 MB"

[[region]]
match = "lab/x"
rtt = "35ms"
jitter = "3ms"
loss = 0.05
syn_drops = 1
reorder = true
addresses = 2
fault = "throttle"
fault_share = 0.25
retry_after = "30s"
think = "5ms"
body = "4 KiB"
tls = "1.2"
resolve = "ok"
places = ["lab/y"]
object = "6 MB"
"""


def test_every_key_of_a_scenario_has_its_effect() -> None:
    scenario = parse_scenario(_WHOLE, where="day.toml")
    assert (scenario.name, scenario.seed) == ("a bad day", 42)
    assert scenario.vantages[0].city == "Berlin"
    assert scenario.geography.access_ns == 5_000_000
    x, y = sites_of(scenario, [place("x"), place("y")], scenario.vantages[0])
    assert x.link.rtt_ns == 35_000_000
    assert (x.link.jitter_ns, y.link.jitter_ns) == (3_000_000, 1_000_000)
    assert (x.link.loss, y.link.loss) == (0.05, 0.002)
    assert (x.link.bits_per_s, x.link.queue_ns) == (100_000_000, 50_000_000)
    assert (x.link.spike_ns, x.link.spike_share) == (40_000_000, 0.01)
    assert x.link.syn_drops == 1
    assert x.link.reorder
    assert len(x.ipv4) == len(x.ipv6) == 2
    assert x.conduct.fault is Fault.THROTTLE
    assert x.conduct.fault_share == 0.25
    assert x.conduct.retry_after_s == 30
    assert x.conduct.think_ns == 5_000_000
    assert x.conduct.body_bytes == 4096
    assert x.conduct.newest_tls == "1.2"
    assert x.conduct.resolution is Resolution.OK
    assert y.conduct.fault is Fault.NONE
    assert (x.link.burst_bytes, x.link.sustained_bits_per_s) == (300_000_000, 7_500_000)
    assert x.places == ("lab/y",)
    assert scenario.object_bytes == 30_000_000
    assert scenario.overrides[0].object_bytes == 6_000_000
    assert x.guest_ports == y.guest_ports == (5201, 9000)


def test_a_file_that_says_nothing_of_paths_has_clean_ones() -> None:
    scenario = parse_scenario('name = "clean"', where="s.toml")
    assert scenario.link.jitter_ns == 0
    assert scenario.link.loss == 0
    assert scenario.vantages == Scenario().vantages


@pytest.mark.parametrize(
    ("text", "where", "problem"),
    [
        (
            'name = "x"\n[[region]]\nmatch = "lab/*"\nfalt = "stall"',
            "s.toml: region[0].falt",
            'did you mean "fault"?',
        ),
        (
            'name = "x"\n[[region]]\nmatch = "lab/*"\nfault = "stal"',
            "s.toml: region[0].fault",
            'got "stal"; did you mean "stall"?',
        ),
        (
            'name = "x"\n[path]\njitter = 3',
            "s.toml: path.jitter",
            'want a duration such as "500ms" or "1m30s", got 3',
        ),
        (
            'name = "x"\n[path]\nloss = 1.0',
            "s.toml: path.loss",
            "input should be less than 1, got 1.0",
        ),
        ("seed = 3", "s.toml: name", "is missing"),
        ('schema = 2\nname = "x"', "s.toml: schema", "want 1, got 2"),
        ('schema = true\nname = "x"', "s.toml: schema", "want a whole number"),
        (
            'name = "x"\nguest_ports = [0]',
            "s.toml: guest_ports[0]",
            "greater than or equal to 1, got 0",
        ),
        (
            'name = "x"\n[path]\nburst = "1 MB"',
            "s.toml",
            "burst and sustained_mbit_per_s go together: a bucket needs both",
        ),
        (
            'name = "x"\n[path]\nobject = "0 B"',
            "s.toml: path.object",
            'greater than or equal to 1, got "0 B"',
        ),
        (
            'name = "x"\n[geography]\ninflation = 0.5',
            "s.toml",
            "inflation must be in [1, 10], got 0.5",
        ),
        (
            'name = "x"\n[[vantage]]\nname = "far"\nlatitude = 91.0\nlongitude = 0.0',
            "s.toml",
            "latitude_deg must be in [-90, 90], got 91.0",
        ),
    ],
)
def test_a_mistake_is_told_with_its_key(text: str, where: str, problem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_scenario(text, where="s.toml")
    assert caught.value.where == where
    assert problem in caught.value.problem


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.toml: cannot be read: No such file"):
        read_scenario(tmp_path / "none.toml")


def test_a_value_that_no_site_can_have_names_the_region() -> None:
    text = 'name = "x"\n[[region]]\nmatch = "lab/x"\ntls = "1.1"'
    scenario = parse_scenario(text, where="s.toml")
    with pytest.raises(ConfigError, match="region lab/x: tls must be"):
        sites_of(scenario, [place("x")], scenario.vantages[0])
