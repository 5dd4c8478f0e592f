from pathlib import Path

from benchmarks.instrument.load import (
    LEAST_RTT_MS,
    MOST_RTT_MS,
    MOST_TARGETS,
    Load,
    host_of,
    plan_of,
    rtt_ms,
    scenario_toml,
    targets_of,
    targets_toml,
)
from benchmarks.instrument.own import settings_of
from cloudgauge.catalog.files import user_file
from cloudgauge.catalog.loader import build_catalog
from cloudgauge.planning.design import make_plan
from cloudgauge.planning.files import parse_plan, write_plan
from cloudgauge.planning.schedule import slots
from cloudgauge.world.scenario_file import parse_scenario
from cloudgauge.world.siting import sites_of


def _load() -> Load:
    return Load(targets=20, visits_per_s=40, warm_requests=2, seconds=3)


def test_target_file_holds_the_very_targets_of_the_plan(tmp_path: Path) -> None:
    file = tmp_path / "targets.toml"
    file.write_text(targets_toml(MOST_TARGETS), encoding="utf-8")
    assert build_catalog((user_file(file),)).targets == targets_of(MOST_TARGETS)


def test_plan_file_of_a_run_gives_the_same_slots_as_the_peers_get() -> None:
    settings = parse_plan(write_plan(settings_of(_load())), "plan.toml")
    plan = make_plan(settings, targets_of(20))
    assert list(slots(plan)) == list(slots(plan_of(_load())))


def test_load_is_made_of_whole_rounds_at_the_rate_that_was_asked_for() -> None:
    plan = plan_of(_load())
    assert plan.visit_count == 120
    due_ns = [slot.due_ns for slot in slots(plan)]
    assert due_ns == sorted(due_ns)
    assert max(due_ns) < 3_000_000_000


def test_round_trips_span_the_whole_range_however_few_targets() -> None:
    for count in (10, 50, MOST_TARGETS):
        rtts_ms = [rtt_ms(number) for number in range(count)]
        assert min(rtts_ms) >= LEAST_RTT_MS
        assert max(rtts_ms) <= MOST_RTT_MS
        assert max(rtts_ms) - min(rtts_ms) > 0.85 * (MOST_RTT_MS - LEAST_RTT_MS)


def test_scenario_gives_each_target_its_round_trip() -> None:
    scenario = parse_scenario(scenario_toml(), where="scenario.toml")
    targets = targets_of(MOST_TARGETS)
    sites = sites_of(scenario, targets, scenario.vantages[0])
    rtts_ns = {site.host: site.link.rtt_ns for site in sites}
    for number, target in enumerate(targets):
        host = host_of(target.target_id)
        assert host == target.endpoint.host
        assert rtts_ns[host] == round(rtt_ms(number) * 1000) * 1000
    assert {site.link.loss for site in sites} == {0.0}
