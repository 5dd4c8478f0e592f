from dataclasses import replace
from pathlib import Path

import pytest

from cloudgauge.analysis.metric import Metric
from cloudgauge.errors import NothingUsable
from cloudgauge.model.run import Imported
from cloudgauge.model.sample import Sample
from cloudgauge.workflow.comparing import compare_sets
from cloudgauge.workflow.results import load
from cloudgauge.workflow.vantage_rounds import vantage_rounds
from tests.workflow.two_vantages import (
    ALIBABA,
    AWS,
    AZURE,
    PLAN,
    kept,
    run_from,
    samples_with,
    two_vantages,
)

MEANS = {ALIBABA: 50.0, AWS: 50.0, AZURE: 90.0}


def test_what_a_round_took_is_no_difference_of_imports(tmp_path: Path) -> None:
    imported = Imported(
        source="pings.csv",
        source_sha256="0" * 64,
        measured="ICMP round trip",
        rounds_given=True,
    )
    sets = []
    for at in (1, 2):
        # As long as all of it took, by how many there are: nobody set that.
        span_ns = PLAN.pacing.round_ns + at
        plan = replace(PLAN, pacing=replace(PLAN.pacing, round_ns=span_ns))
        info = replace(
            run_from("here", run=at, plan=plan), simulation=None, imported=imported
        )
        samples = samples_with(MEANS, seed=at, plan=plan)
        sets.append(load(kept(tmp_path, info, samples, plan=plan)))

    found = compare_sets(*sets)

    assert {text for row in found.rows for text in row.also_differs} == set()


def test_answers_without_the_phase_that_was_asked_for_are_nothing_usable(
    tmp_path: Path,
) -> None:
    def by_connect_alone(sample: Sample) -> Sample:
        return replace(sample, timings=replace(sample.timings, tls_ns=None))

    samples = samples_with(MEANS, seed=1, change=by_connect_alone)
    results = load(kept(tmp_path, run_from("here"), samples))
    with pytest.raises(NothingUsable, match="no visit has a tls value"):
        vantage_rounds(results.sets, Metric.TLS)
    assert vantage_rounds(results.sets, Metric.CONNECT)


def test_rounds_know_how_long_was_waited(tmp_path: Path) -> None:
    sets = two_vantages(tmp_path).sets
    assert [one.rounds.limit for one in vantage_rounds(sets, Metric.CONNECT)] == [
        10_000.0,
        10_000.0,
    ]


def test_of_runs_at_one_vantage_the_least_wait_counts(tmp_path: Path) -> None:
    sets = []
    for at, seconds in enumerate((10, 3), start=1):
        probe = replace(PLAN.probe, timeout_ns=seconds * 10**9)
        plan = replace(PLAN, probe=probe)
        info = run_from("here", run=at, plan=plan)
        samples = samples_with(MEANS, seed=at, plan=plan)
        sets.append(kept(tmp_path, info, samples, plan=plan))
    (place,) = vantage_rounds(load(sets).sets, Metric.CONNECT)
    assert place.rounds.limit == 3_000.0
