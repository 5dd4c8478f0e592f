"""Quantiles of many sets asked for in words, as a frame and as a table."""

from dataclasses import replace
from pathlib import Path

import pytest

import cloudgauge
from cloudgauge.analysis.engine_query import By, Query
from cloudgauge.analysis.frame import FrameColumn
from cloudgauge.analysis.metric import Metric
from cloudgauge.analysis.quantile_frame import (
    QUANTILE_COLUMNS,
    contract_of,
    quantile_columns,
)
from cloudgauge.analysis.timeouts import TIMEOUTS
from cloudgauge.cli.terminal import draw
from cloudgauge.errors import ConfigError, NothingUsable, StoreError
from cloudgauge.model.plan import ProbeSpec
from cloudgauge.model.run import RunInfo, Simulation
from cloudgauge.model.sample import Sample
from cloudgauge.model.target import Family
from cloudgauge.report.render import to_json
from cloudgauge.workflow.pooled import PooledWish, show_pooled
from cloudgauge.workflow.quantiles import parse_by, parse_shares
from cloudgauge.workflow.results import Results, load
from tests.analysis.engine_sets import as_import, plan_with
from tests.store.several import Run, keep_run
from tests.store.synthetic import keep_set, make_plan

FORMAT = (Path(__file__).parents[2] / "FORMAT.md").read_text(encoding="utf-8")
PLAN = make_plan(targets=3, rounds=8)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    parent = tmp_path_factory.mktemp("sets")
    for digit, vantage in (("a", "here"), ("b", "there"), ("c", "there")):
        keep_run(parent, Run(plan=PLAN, digit=digit, vantage=vantage))
    return load(parent)


def rows_of(columns: tuple[FrameColumn, ...]) -> list[str]:
    return [f"| `{one.name}` | {one.dtype} | {one.meaning} |" for one in columns]


def table_after(text: str) -> list[str]:
    lines = FORMAT[FORMAT.index(text) :].split("\n")
    start = next(at for at, line in enumerate(lines) if line.startswith("| name |"))
    rows = lines[start + 2 :]
    return rows[: rows.index("")]


def test_the_specification_has_the_columns_of_the_frame() -> None:
    text = "`Results.quantiles(...).frame()` has one row a cell"
    assert table_after(text) == rows_of(QUANTILE_COLUMNS)
    text = "columns like these of `p95`"
    assert table_after(text) == rows_of(quantile_columns("p95"))


def test_names_and_types_are_those_of_the_contract(results: Results) -> None:
    for by in ((), tuple(By), (By.REGION, By.HOUR)):
        query = Query(metric=Metric.CONNECT, by=by, shares=(0.5, 0.999))
        frame = results.quantiles(by=list(by), quantiles=[0.999, 0.5]).frame()
        found = [(str(name), str(dtype)) for name, dtype in frame.dtypes.items()]
        assert found == [(one.name, one.dtype) for one in contract_of(query)]
    assert "p99_9_beyond_ms" in frame.columns


def test_a_cell_has_what_its_runs_have_together(results: Results) -> None:
    found = results.quantiles(by="vantage,target").frame()
    table = results.targets()
    table = table[table["replica"] == 0]
    names = ["visits", "samples", "failed", "connect_n", "connect_timed_out"]
    keys = zip(table["vantage"], table["target_id"], strict=True)
    sums: dict[tuple[str, str], list[int]] = {}
    for key, row in zip(keys, table[names].to_numpy().tolist(), strict=True):
        known = sums.setdefault(key, [0] * len(names))
        sums[key] = [one + more for one, more in zip(known, row, strict=True)]
    for one in found.itertuples():
        wanted = sums[str(one.vantage), str(one.target_id)]
        assert [one.visits, one.samples, one.failed, one.n, one.timed_out] == wanted
    # As many cells as vantages have targets, in the order of their names.
    assert list(found["vantage"]) == ["here"] * 3 + ["there"] * 3
    assert list(found["rounds"]) == [8] * 3 + [16] * 3


def test_controls_are_left_out_unless_asked_for(results: Results) -> None:
    without = results.quantiles(by=["vantage"])
    with_them = results.quantiles(by=["vantage", "replica"])
    assert [cell.key for cell in with_them.cells] == [
        ("here", 0),
        ("here", 1),
        ("there", 0),
        ("there", 1),
    ]
    assert [cell.samples for cell in without.cells] == [
        with_them.cells[0].samples,
        with_them.cells[2].samples,
    ]
    assert any("controls are left out" in note for note in without.document().notes)
    notes = with_them.document().notes
    assert not any("controls are left out" in note for note in notes)


def test_timeouts_that_reach_a_quantile_are_told_as_longer(tmp_path: Path) -> None:
    def timed_out(sample: Sample) -> Sample:
        if sample.slot.round_index % 2 and sample.exchange == 0:
            assert sample.kernel is not None
            kernel = replace(sample.kernel, connect_rtt_us=None)
            return replace(sample, failure=TIMEOUTS[0], kernel=kernel)
        return sample

    keep_run(tmp_path, Run(plan=PLAN, seen=timed_out))
    found = load(tmp_path).quantiles(by="target", quantiles=[0.25, 0.9])
    frame = found.frame()
    assert frame["p90_ms"].isna().all()
    assert (frame["p90_beyond_ms"] == 10_000).all()
    assert frame["p25_beyond_ms"].isna().all()
    assert (frame["timed_out"] == 4).all()
    assert "> 10" in draw(found.document(), width=200, styled=False)


def test_it_shows_itself_as_text_and_in_a_notebook(results: Results) -> None:
    found = results.quantiles(by="region")
    assert repr(found).startswith("<Quantiles: connect by region: 3 cells of ")
    assert "aws/place-1" in str(found)
    assert "<table" in found._repr_html_()
    assert isinstance(found, cloudgauge.Quantiles)


def test_what_a_reader_must_know_is_below_the_table(results: Results) -> None:
    rough = results.quantiles(by="provider", metric="tls", exact=False)
    notes = "\n".join(rough.document().notes)
    assert "known to 1 %" in notes
    assert "burst" in notes
    assert "95 % by rounds" in notes


def test_what_is_not_compared_elsewhere_is_named_where_it_is_pooled(
    tmp_path: Path,
) -> None:
    plan = plan_with(warm=2, rounds=3)
    cold = replace(plan, probe=ProbeSpec(warm_requests=0, families=(Family.IPV4,)))

    def blind(sample: Sample) -> Sample:
        assert sample.kernel is not None
        return replace(sample, kernel=replace(sample.kernel, connect_rtt_us=None))

    keep_run(tmp_path, Run(plan=plan, digit="1"))
    keep_run(tmp_path, Run(plan=cold, digit="2", seen=blind))
    sets = load(tmp_path)
    connect = "\n".join(sets.quantiles(by="vantage").document().notes)
    assert "IPv4 and IPv6 are in the same cells" in connect
    assert "1 cell with values by the kernel's clock and by the program's" in connect
    assert list(sets.quantiles(by="vantage").frame()["clock"]) == ["both"]
    first = "\n".join(
        sets.quantiles("first-byte", by="vantage,family").document().notes
    )
    assert "first bytes of warm requests and, where there are none" in first
    alone = "\n".join(sets.quantiles("first-byte", by="run,family").document().notes)
    assert "first bytes of warm" not in alone


def test_a_simulated_set_is_not_pooled_with_a_real_one(tmp_path: Path) -> None:
    def simulated(info: RunInfo) -> RunInfo:
        made = Simulation(means="tun", scenario="x", scenario_hash="0" * 64, seed=1)
        return replace(info, simulation=made)

    keep_run(tmp_path, Run(digit="1"))
    keep_run(tmp_path, Run(digit="2", info=simulated))
    sets = load(tmp_path)
    with pytest.raises(StoreError, match="private network"):
        sets.quantiles()
    assert len(sets.quantiles(by="run").cells) == 2


def test_two_sources_at_a_vantage_are_not_pooled(tmp_path: Path) -> None:
    keep_run(tmp_path, Run(digit="1"))
    keep_run(tmp_path, Run(digit="2"))
    one, other = load(tmp_path).sets
    mixed = Results(sets=(one, as_import(other)))
    with pytest.raises(StoreError, match=r'an import of "a round trip".* ask by run'):
        mixed.quantiles()
    assert len(mixed.quantiles(by="run").cells) == 2


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"metric": "ping"}, "want one of connect"),
        ({"metric": "throughput"}, "rates have no quantiles over samples"),
        ({"by": ["vantge"]}, 'got "vantge"; did you mean "vantage"'),
        ({"by": ["hour", "hour"]}, "want each once, got hour, hour"),
        ({"quantiles": [95]}, "want shares between 0 and 1"),
        ({"quantiles": []}, "want shares between 0 and 1, such as 0.95, got none"),
        ({"engine": "spark"}, "want one of auto, memory, duckdb"),
        ({"memory_bytes": 0}, "want above 0, got 0"),
    ],
)
def test_what_is_none_of_ours_is_refused_by_name(
    results: Results, given: dict[str, object], told: str
) -> None:
    with pytest.raises(ConfigError, match=told):
        results.quantiles(**given)  # type: ignore[arg-type]  # wrong on purpose


def test_sets_without_a_sample_have_no_quantiles(tmp_path: Path) -> None:
    keep_set(tmp_path, PLAN, [])
    with pytest.raises(NothingUsable, match="no sample of latency"):
        load(tmp_path).quantiles()


def test_options_are_read_as_people_write_them() -> None:
    assert parse_by(" vantage, region ,") == ("vantage", "region")
    assert parse_by("") == ()
    assert parse_shares("p50,0.9,p99.9") == pytest.approx((0.5, 0.9, 0.999))
    with pytest.raises(ConfigError, match=r'want quantiles such as .* got "much"'):
        parse_shares("much")


def test_options_of_pooling_want_it() -> None:
    assert PooledWish(by="").is_asked()
    assert not PooledWish().is_asked()
    for name in ("metric", "quantiles", "engine"):
        with pytest.raises(ConfigError, match=f"--{name}: goes with --by"):
            PooledWish(**{name: "x"}).is_asked()


def test_every_engine_shows_the_same_to_the_last_digit(results: Results) -> None:
    folder = results.sets[0].folder.parent
    shown = {
        to_json(
            show_pooled(
                [folder],
                PooledWish(by="region,hour", engine=engine, quantiles="p10,p90"),
            )
        )
        for engine in ("auto", "memory", "duckdb")
    }
    assert len(shown) == 1


def test_many_sets_are_not_all_named_below_the_table(tmp_path: Path) -> None:
    plan = make_plan(targets=1, rounds=1, controls=0)
    for digit in "abcdef":
        keep_run(tmp_path, Run(plan=plan, digit=digit))
    sets = load(tmp_path).sets
    many = Results(sets=tuple(sets) * 4)
    provenance = many.quantiles(by="vantage").document().provenance
    assert len(provenance) == 21
    assert provenance[-1] == "and 4 result sets more"
