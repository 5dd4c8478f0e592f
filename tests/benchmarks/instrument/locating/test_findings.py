from benchmarks.instrument.locating.cast import QUICK, Role, cast_of, of_role
from benchmarks.instrument.locating.findings import location_findings
from cloudgauge.analysis.location import Verdict
from cloudgauge.catalog.loader import load_catalog

CAST = cast_of(load_catalog(()).targets, QUICK)
RIGHT = {
    Role.HONEST: Verdict.POSSIBLE,
    Role.MOVED: Verdict.REFUTED,
    Role.ANYCAST: Verdict.ANYCAST,
    Role.HIDDEN: Verdict.POSSIBLE,
}


def verdicts() -> dict[str, Verdict]:
    return {part.target.target_id: RIGHT[part.role] for part in CAST}


def test_right_verdicts_meet_every_goal() -> None:
    nothing = dict.fromkeys(verdicts(), Verdict.POSSIBLE)
    alone = {"singapore": nothing, "frankfurt": verdicts()}
    found = location_findings(CAST, verdicts(), alone)
    assert [row.value for row in found.rows] == [6, 3, 0]
    assert [row.met for row in found.rows] == [True] * 3
    assert found.rows[0].peer == "frankfurt alone"
    assert found.rows[0].peer_value == 6


def test_one_wrong_verdict_misses_the_goal_of_its_role() -> None:
    for number, (role, wrong) in enumerate(
        (
            (Role.MOVED, Verdict.POSSIBLE),
            (Role.ANYCAST, Verdict.REFUTED),
            (Role.HONEST, Verdict.ANYCAST),
        )
    ):
        told = verdicts() | {next(of_role(CAST, role)): wrong}
        rows = location_findings(CAST, told, {}).rows
        assert [row.met for row in rows] == [place != number for place in range(3)]


def test_an_endpoint_without_a_verdict_is_unknown_and_recognised_by_nobody() -> None:
    found = location_findings(CAST, {}, {})
    assert [row.value for row in found.rows] == [0, 0, 0]
    records = found.details[0].records()
    assert sum(int(str(record["unknown"])) for record in records) == len(CAST)
