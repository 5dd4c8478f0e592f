"""Result sets whose names are hostile, and the page that is written of them."""

from dataclasses import replace
from pathlib import Path

from cloudgauge.model.plan import Plan
from cloudgauge.model.run import RunInfo, Vantage
from cloudgauge.model.sample import FailureKind, Sample
from cloudgauge.model.target import Target
from cloudgauge.planning.canonical import plan_hash
from tests.store.synthetic import make_plan
from tests.workflow.two_vantages import kept, run_from, samples_with

MARKUP = '<script>document.title="taken"</script><img src=x onerror=alert(1)>'
# A terminal's escape, and marks that turn what follows around.
MARKS = "\x1b[31mred \u202eleft\u200f"
MARKS_AS_TEXT = "\\x1b[31mred \\u202eleft\\u200f"
_COUNTRIES = ("SG", "DE")
_PLACES = ((1.35, 103.8), (50.1, 8.7), (25.3, 55.3), (-33.9, 151.2), (35.7, 139.7))


def hostile_plan(*, targets: int = 12, rounds: int = 30) -> Plan:
    """A plan of six providers in two areas whose texts are markup and marks."""
    plan = make_plan(targets=targets, rounds=rounds, warm_requests=0)
    made = tuple(_moved(at, target) for at, target in enumerate(plan.targets))
    return replace(plan, question=MARKUP, targets=made)


def _moved(at: int, target: Target) -> Target:
    latitude_deg, longitude_deg = _PLACES[at % len(_PLACES)]
    region = replace(
        target.region,
        city=MARKUP if at % 2 else MARKS,
        country=_COUNTRIES[at % 2],
        latitude_deg=latitude_deg + at / 10,
        longitude_deg=longitude_deg,
    )
    return replace(target, region=region)


def run_at(plan: Plan, name: str, *, run: int) -> RunInfo:
    """A run of a private network from a place with a hostile name."""
    return replace(
        run_from(name, run=run, plan=plan),
        plan_hash=plan_hash(plan),
        vantage=Vantage(name=name, city=MARKUP, latitude_deg=52.5, longitude_deg=13.4),
    )


def keep_hostile(parent: Path, info: RunInfo, plan: Plan, *, step_ms: float) -> Path:
    """A sealed set in which each target is *step_ms* slower than the one before."""
    means = {
        target.target_id: 120 + at * step_ms for at, target in enumerate(plan.targets)
    }
    last = plan.targets[-1].target_id

    def fail(sample: Sample) -> Sample:
        if sample.slot.target_id != last or sample.slot.round_index % 3:
            return sample
        return replace(
            sample, failure=FailureKind.REFUSED, failure_detail=MARKUP, kernel=None
        )

    samples = samples_with(means, seed=1, plan=plan, change=fail)
    return kept(parent, info, samples, plan=plan)


def two_hostile_sets(parent: Path) -> tuple[Path, Path]:
    """What is best from one vantage is worst from the other."""
    plan = hostile_plan()
    return (
        keep_hostile(parent, run_at(plan, "here", run=1), plan, step_ms=5),
        keep_hostile(parent, run_at(plan, "there", run=2), plan, step_ms=-5),
    )
