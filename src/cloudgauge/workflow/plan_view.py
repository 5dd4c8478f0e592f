"""A plan as a document: what it sends, how close to its ceilings, how to repeat it."""

from cloudgauge.model.plan import Plan
from cloudgauge.model.quantity import NS_PER_S, format_byte_count, format_duration
from cloudgauge.planning.canonical import plan_hash
from cloudgauge.planning.limits import Forecast, Load, forecast
from cloudgauge.report.document import Cell, Column, Document, Scale, Table

_BYTES_NOTE = (
    "bytes are estimated: TLS 1.3, 4 kB of certificates, 500 B of head and of body "
    "an answer; what is really read is counted during the run"
)


def plan_document(plan: Plan) -> Document:
    """Say what a plan sends, and how much of each ceiling it uses."""
    ahead = forecast(plan)
    return Document(
        kind="plan-show",
        title=(
            f"{plan.name}: {len(plan.targets)} targets, {ahead.total.visits:,} visits, "
            f"{ahead.total.requests:,} requests, about "
            f"{format_byte_count(ahead.total.traffic_bytes)} "
            f"in {format_duration(ahead.duration_ns)}"
        ),
        tables=(
            _providers_table(plan, ahead),
            _ceilings_table(plan, ahead),
            _facts_table(plan, ahead),
        ),
        notes=("nothing has been sent", _BYTES_NOTE),
        provenance=(f"plan hash {plan_hash(plan)}",),
    )


def _providers_table(plan: Plan, ahead: Forecast) -> Table:
    loads = {load.name: load for load in ahead.loads if _is(load, "provider")}
    return Table(
        name="providers",
        title="what each provider gets",
        columns=(
            Column(name="provider", label="provider"),
            Column(name="targets", label="targets", scale=Scale.COUNT),
            Column(name="visits", label="visits", scale=Scale.COUNT),
            Column(name="requests", label="requests", scale=Scale.COUNT),
            Column(name="mean_visits_per_s", label="visits/s", scale=Scale.PLAIN),
            Column(name="densest_visits_per_s", label="densest", scale=Scale.PLAIN),
            Column(name="ceiling_visits_per_s", label="ceiling", scale=Scale.PLAIN),
            Column(name="control", label="A/A control"),
        ),
        rows=tuple(
            _provider_row(plan, provider, targets, loads[provider])
            for provider, targets in ahead.targets_by_provider
        ),
    )


def _provider_row(
    plan: Plan, provider: str, targets: int, load: Load
) -> tuple[Cell, ...]:
    controls = [name for name in plan.controls if name.startswith(f"{provider}/")]
    series = (targets + len(controls)) * len(plan.probe.families)
    visits = series * plan.pacing.rounds
    return (
        provider,
        targets,
        visits,
        visits * plan.probe.requests_per_visit,
        round(load.mean_per_s, 3),
        load.densest_per_s,
        load.ceiling_per_s,
        ", ".join(controls) or None,
    )


def _ceilings_table(plan: Plan, ahead: Forecast) -> Table:
    ceilings = plan.ceilings
    totals: tuple[tuple[str, int | float, int | float], ...] = (
        ("requests", ahead.total.requests, ceilings.requests),
        ("traffic_bytes", ahead.total.traffic_bytes, ceilings.traffic_bytes),
        (
            "duration_s",
            ahead.duration_ns / NS_PER_S,
            ceilings.duration_ns / NS_PER_S,
        ),
    )
    providers = [load for load in ahead.loads if _is(load, "provider")]
    fullest = max(providers, key=lambda load: load.mean_per_s)
    loads = [load for load in ahead.loads if load not in providers or load is fullest]
    return Table(
        name="ceilings",
        title="how much of each ceiling it uses",
        columns=(
            Column(name="ceiling", label="ceiling"),
            Column(name="of", label="fullest"),
            Column(name="planned", label="planned", scale=Scale.PLAIN),
            Column(name="allowed", label="allowed", scale=Scale.PLAIN),
            Column(name="share", label="share", scale=Scale.RATIO),
        ),
        rows=(
            *((name, None, used, most, used / most) for name, used, most in totals),
            *(
                (
                    load.limit,
                    load.name or None,
                    round(load.mean_per_s, 3),
                    load.ceiling_per_s,
                    load.mean_per_s / load.ceiling_per_s,
                )
                for load in loads
            ),
        ),
    )


def _facts_table(plan: Plan, ahead: Forecast) -> Table:
    probe, pacing = plan.probe, plan.pacing
    facts = (
        ("question", plan.question or None),
        ("rounds", f"{pacing.rounds} of {format_duration(pacing.round_ns)}"),
        ("order", f"every series once a round, shuffled anew from seed {plan.seed}"),
        ("visit", f"a cold request and {probe.warm_requests} warm ones"),
        ("timeout", f"{format_duration(probe.timeout_ns)} for each phase"),
        ("families", ", ".join(family.value for family in probe.families)),
        ("connections", f"{ahead.total.visits:,}, one a visit"),
        ("sent", f"about {format_byte_count(ahead.total.up_bytes)}"),
        ("received", f"about {format_byte_count(ahead.total.down_bytes)}"),
    )
    return Table(
        name="plan",
        title="how it measures",
        columns=(
            Column(name="fact", label="what"),
            Column(name="value", label=""),
        ),
        rows=facts,
    )


def _is(load: Load, crowd: str) -> bool:
    return load.limit == f"visits_per_s_{crowd}"
