from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from cloudgauge.errors import ConfigError, StoreError
from cloudgauge.model.quantity import NS_PER_S
from cloudgauge.model.run import Imported, RunInfo
from cloudgauge.model.sample import Sample
from cloudgauge.stats.verdict import Verdict
from cloudgauge.workflow.comparing import compare
from cloudgauge.workflow.like_with_like import Unlikeness, parse_allowed
from cloudgauge.workflow.question import Question
from cloudgauge.workflow.ranking import rank
from cloudgauge.workflow.results import Results, load
from tests.workflow.two_vantages import (
    ALIBABA,
    AWS,
    AZURE,
    kept,
    run_from,
    samples_with,
)

HOUR_NS = 3_600 * NS_PER_S
MEANS = {ALIBABA: 50.0, AWS: 60.0, AZURE: 90.0}
Change = Callable[[Sample], Sample]


def as_it_is(sample: Sample) -> Sample:
    return sample


def by_the_program(target_id: str) -> Change:
    """As where the kernel gives no round trip."""

    def change(sample: Sample) -> Sample:
        if sample.slot.target_id != target_id or sample.kernel is None:
            return sample
        kernel = replace(sample.kernel, connect_rtt_us=None)
        return replace(sample, kernel=kernel)

    return change


def twice_as_far(sample: Sample) -> Sample:
    rtt_us = sample.kernel and sample.kernel.connect_rtt_us
    if not sample.kernel or not rtt_us:
        return sample
    return replace(sample, kernel=replace(sample.kernel, connect_rtt_us=2 * rtt_us))


def over_older_tls(target_id: str) -> Change:
    def change(sample: Sample) -> Sample:
        connection = sample.connection
        if sample.slot.target_id != target_id or connection is None:
            return sample
        return replace(sample, connection=replace(connection, tls_version="TLSv1.2"))

    return change


def one_set(
    parent: Path,
    *,
    run: int = 1,
    later_ns: int = 0,
    change: Change = as_it_is,
    imported: Imported | None = None,
) -> Path:
    info: RunInfo = run_from("here", run=run)
    info = replace(info, started_wall_ns=info.started_wall_ns + later_ns)
    if imported is not None:
        info = replace(info, simulation=None, imported=imported)
    return kept(parent, info, samples_with(MEANS, seed=run, change=change))


def an_import(measured: str, source: str, *, digit: str = "0") -> Imported:
    return Imported(
        source=source,
        source_sha256=digit * 64,
        measured=measured,
        rounds_given=False,
    )


def asking(metric: str = "connect", allow: str = "") -> Question:
    return Question.of(metric, allow=allow)


def test_a_connect_by_the_programs_clock_is_not_held_against_the_kernels(
    tmp_path: Path,
) -> None:
    found = load(one_set(tmp_path, change=by_the_program(AWS)))
    told = (
        f"--with: connect of {ALIBABA} was read by the kernel's clock, of {AWS} by "
        "the program's clock; if that is meant, say --allow clock"
    )
    with pytest.raises(ConfigError) as caught:
        compare(found, of=ALIBABA, against=AWS)
    assert str(caught.value) == told
    meant = compare(found, of=ALIBABA, against=AWS, question=asking(allow="clock"))
    assert meant.rows[0].also_differs == ("clock: kernel / user",)


def test_sets_whose_connect_is_of_two_clocks_have_no_before_and_after(
    tmp_path: Path,
) -> None:
    before = load(one_set(tmp_path / "b"))
    after = load(one_set(tmp_path / "a", run=2, change=by_the_program(AWS)))
    with pytest.raises(StoreError, match=r"the program's clock; .* say --allow clock$"):
        compare(before, after)
    alone = compare(before, after, of=ALIBABA)
    assert len(alone.rows) == 1


def test_runs_of_two_clocks_that_were_joined_are_not_a_side(tmp_path: Path) -> None:
    paths = [
        one_set(tmp_path / "b"),
        one_set(tmp_path / "a", run=2, change=by_the_program(AWS)),
    ]
    with pytest.raises(ConfigError, match="by the kernel's and the program's clock"):
        compare(load(paths), of=ALIBABA, against=AWS)


@pytest.mark.parametrize("metric", ["tls", "first-byte"])
def test_another_version_of_tls_is_refused_but_of_connect(
    tmp_path: Path, metric: str
) -> None:
    found = load(one_set(tmp_path, change=over_older_tls(AWS)))
    told = f"{ALIBABA} spoke TLSv1.3, {AWS} TLSv1.2, which is in {metric}; .*protocol$"
    with pytest.raises(ConfigError, match=told):
        compare(found, of=ALIBABA, against=AWS, question=asking(metric))
    meant = asking(metric, "protocol")
    rows = compare(found, of=ALIBABA, against=AWS, question=meant).rows
    assert any("TLSv1.2" in text for text in rows[0].also_differs)
    assert compare(found, of=ALIBABA, against=AWS).rows[0].verdict is Verdict.DIFFERS


def test_what_is_not_alike_is_ranked_apart_unless_that_is_meant(
    tmp_path: Path,
) -> None:
    found = load(one_set(tmp_path, change=over_older_tls(AWS)))
    apart = rank(found, question=asking("tls"))
    assert [group.name for group in apart.groups] == [
        "ipv4, object-storage, HTTP/1.1 and TLSv1.2, the program's clock",
        "ipv4, object-storage, HTTP/1.1 and TLSv1.3, the program's clock",
    ]
    together = rank(found, question=asking("tls", "protocol"))
    assert [group.name for group in together.groups] == ["ipv4, object-storage"]


def test_a_connect_of_another_clock_is_ranked_apart(tmp_path: Path) -> None:
    found = load(one_set(tmp_path, change=by_the_program(AWS)))
    apart = rank(found)
    assert [group.name for group in apart.groups] == [
        "ipv4, the kernel's clock",
        "ipv4, the program's clock",
    ]
    assert len(rank(found, question=asking(allow="clock")).groups) == 1


def test_a_night_is_not_held_against_a_day(tmp_path: Path) -> None:
    before = load(one_set(tmp_path / "b"))
    after = load(one_set(tmp_path / "a", run=2, later_ns=10 * HOUR_NS))
    with pytest.raises(StoreError) as caught:
        compare(before, after)
    assert "no hour of the day in common; if that is meant" in str(caught.value)
    meant = compare(before, after, question=asking(allow="hours"))
    assert len(meant.rows) == 3


def test_two_days_at_the_same_hour_are_before_and_after(tmp_path: Path) -> None:
    before = load(one_set(tmp_path / "b"))
    after = load(one_set(tmp_path / "a", run=2, later_ns=25 * HOUR_NS))
    found = compare(before, after)
    assert all("common hours" not in c.name for c in found.rows[0].caveats)


def test_of_sets_that_overlap_only_the_common_hours_are_compared(
    tmp_path: Path,
) -> None:
    before = load(one_set(tmp_path / "b"))
    after = load(
        [
            one_set(tmp_path / "a", run=2, later_ns=25 * HOUR_NS),
            # At other hours everything is twice as far.
            one_set(
                tmp_path / "n",
                run=3,
                later_ns=34 * HOUR_NS,
                change=twice_as_far,
            ),
        ]
    )
    found = compare(before, after, of=AWS)
    (row,) = found.rows
    assert row.verdict is Verdict.EQUIVALENT
    (caveat,) = [one for one in row.caveats if one.name == "common hours"]
    assert caveat.text == (
        "only common hours of the day are compared: 0 of 40 rounds of the baseline "
        "and 40 of 80 of the candidate have no counterpart within 3 h"
    )
    assert caveat.text in found.document().notes
    every = compare(before, after, of=AWS, question=asking(allow="hours"))
    assert every.rows[0].verdict is not Verdict.EQUIVALENT


def test_imports_of_two_tools_at_one_vantage_are_not_mixed(tmp_path: Path) -> None:
    paths = [
        one_set(tmp_path / "p", imported=an_import("ICMP round trip", "ping.log")),
        one_set(
            tmp_path / "c",
            run=2,
            imported=an_import("TCP connect", "probe.csv", digit="1"),
        ),
    ]
    told = (
        r'is an import of "TCP connect", .* is an import of "ICMP round trip": two '
        r"sources at vantage here, which are not mixed; .* say --allow metric$"
    )
    with pytest.raises(StoreError, match=told):
        rank(load(paths))
    with pytest.raises(StoreError, match="which are not mixed"):
        compare(load(paths), of=ALIBABA, against=AWS)
    assert rank(load(paths), question=asking(allow="metric")).groups


def test_imports_that_say_the_same_are_taken_as_one_source_and_named(
    tmp_path: Path,
) -> None:
    found = rank(
        load(
            [
                one_set(tmp_path / "m", imported=an_import("ping", "monday.log")),
                one_set(
                    tmp_path / "t",
                    run=2,
                    later_ns=24 * HOUR_NS,
                    imported=an_import("ping", "tuesday.log", digit="1"),
                ),
            ]
        )
    )
    assert (
        "2 imports from vantage here are taken as one source, since they say to have "
        "measured the same: monday.log, tuesday.log"
    ) in found.document().notes


def imports_of_two_hours(parent: Path, later_ns: int) -> Results:
    def only(*target_ids: str) -> Change:
        return lambda one: one if one.slot.target_id in target_ids else failed(one)

    def failed(sample: Sample) -> Sample:
        kernel = sample.kernel and replace(
            sample.kernel, connect_rtt_us=None, syn_retransmits=1
        )
        return replace(sample, kernel=kernel)

    return load(
        [
            one_set(
                parent / "m",
                change=only(ALIBABA, AZURE),
                imported=an_import("ping", "monday.log"),
            ),
            one_set(
                parent / "t",
                run=2,
                later_ns=later_ns,
                change=only(AWS),
                imported=an_import("ping", "tuesday.log", digit="1"),
            ),
        ]
    )


def test_imports_of_other_hours_are_not_ranked_together(tmp_path: Path) -> None:
    found = imports_of_two_hours(tmp_path, 34 * HOUR_NS)
    told = "no hour of the day in common with all others; .* say --allow hours$"
    with pytest.raises(StoreError, match=told):
        rank(found)
    assert rank(found, question=asking(allow="hours")).groups


def test_words_are_read_with_blanks_and_unknown_ones_refused() -> None:
    assert parse_allowed(" clock, hours ,") == {Unlikeness.CLOCK, Unlikeness.HOURS}
    assert parse_allowed("") == frozenset()
    told = (
        '--allow: want clock, protocol, hours, metric, got "ours"; did you mean "hours"'
    )
    with pytest.raises(ConfigError, match=told):
        parse_allowed("ours")
