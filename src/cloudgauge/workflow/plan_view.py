"""A plan as a document: what it sends, how close to its ceilings, how to repeat it."""

from collections.abc import Iterator
from decimal import Decimal

from cloudgauge.model.plan import Plan
from cloudgauge.model.price import EgressPrice
from cloudgauge.model.quantity import NS_PER_S, format_byte_count, format_duration
from cloudgauge.planning.bill import named, shown_sum, visits_bill
from cloudgauge.planning.canonical import plan_hash
from cloudgauge.planning.limits import Forecast, Load, forecast
from cloudgauge.report.document import Cell, Column, Document, Scale, Table
from cloudgauge.workflow.download_view import (
    download_facts,
    download_notes,
    download_tables,
)

_BYTES_NOTE = (
    "bytes are estimated: TLS 1.3, 4 kB of certificates, 500 B of head and of body "
    "an answer; what is really read is counted during the run"
)


def plan_document(plan: Plan, prices: tuple[EgressPrice, ...] = ()) -> Document:
    """Say what a plan sends, and how much of each ceiling it uses.

    Args:
        plan: Which holds the prices of its objects' regions.
        prices: What is known of those of its targets' regions.
    """
    ahead = forecast(plan)
    return Document(
        kind="plan-show",
        title=_title(plan, ahead),
        tables=(
            *((_providers_table(plan, ahead),) if plan.targets else ()),
            *download_tables(plan, ahead),
            _ceilings_table(plan, ahead),
            _facts_table(plan, ahead),
        ),
        notes=(
            "nothing has been sent",
            *download_notes(plan, ahead),
            *_visit_notes(plan, prices),
            _BYTES_NOTE,
        ),
        provenance=(f"plan hash {plan_hash(plan)}",),
    )


def _title(plan: Plan, ahead: Forecast) -> str:
    total = ahead.total
    parts = []
    if plan.targets:
        parts += [_count(len(plan.targets), "target"), _count(total.visits, "visit")]
    if plan.objects:
        objects = _count(len(plan.objects), "object")
        parts += [objects, _count(total.transfers, "transfer")]
    return (
        f"{plan.name}: {', '.join(parts)}, {total.requests:,} requests, {_about(plan)} "
        f"{format_byte_count(total.traffic_bytes)} "
        f"in {format_duration(ahead.duration_ns)}"
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
    fullest = max(providers, key=lambda load: load.mean_per_s, default=None)
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
            *_cost_rows(plan, ahead),
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


def _cost_rows(plan: Plan, ahead: Forecast) -> tuple[tuple[Cell, ...], ...]:
    ceiling = plan.ceilings.cost
    if ceiling is None:
        return ()
    used = sum((money.amount for money in ahead.bill.sums), start=Decimal(0))
    share = float(used / ceiling.amount) if ceiling.amount else None
    row = ("cost", ceiling.currency, float(used), float(ceiling.amount), share)
    return (row,)


def _facts_table(plan: Plan, ahead: Forecast) -> Table:
    facts = (
        ("question", plan.question or None),
        ("rounds", _rounds(plan)),
        *_visit_facts(plan, ahead),
        *download_facts(plan),
        ("sent", f"{_about(plan)} {format_byte_count(ahead.total.up_bytes)}"),
        ("received", f"{_about(plan)} {format_byte_count(ahead.total.down_bytes)}"),
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


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _about(plan: Plan) -> str:
    # Nobody knows beforehand how much of its bytes a transfer takes.
    return "at most" if plan.objects else "about"


def _rounds(plan: Plan) -> str:
    round_ns, span_ns = plan.pacing.round_ns, plan.round_span_ns
    told = f"{plan.pacing.rounds} of {format_duration(span_ns)}"
    if plan.targets and plan.objects:
        rest_ns = span_ns - round_ns
        return (
            f"{told}: visits for {format_duration(round_ns)}, then transfers for "
            f"{format_duration(rest_ns)}"
        )
    return told


def _visit_facts(plan: Plan, ahead: Forecast) -> Iterator[tuple[str, str]]:
    probe = plan.probe
    yield "order", f"every series once a round, shuffled anew from seed {plan.seed}"
    if plan.targets:
        yield "visit", f"a cold request and {probe.warm_requests} warm ones"
        yield "timeout", f"{format_duration(probe.timeout_ns)} for each phase"
        yield "families", ", ".join(family.value for family in probe.families)
        yield "connections", f"{ahead.total.visits:,}, one a visit"


def _visit_notes(plan: Plan, prices: tuple[EgressPrice, ...]) -> Iterator[str]:
    """Who pays for the bytes of visits, and how much."""
    if not plan.targets:
        return
    bill = visits_bill(plan, prices)
    received = format_byte_count(sum(line.down_bytes for line in bill.lines))
    sums = " + ".join(shown_sum(money) for money in bill.sums)
    unknown = f"; unknown for {named(bill.unpriced)}" if bill.unpriced else ""
    yield (
        "what is sent enters the clouds, for which most charge nothing; what visits "
        f"receive, about {received}, is paid by who owns the endpoints: "
        f"{f'about {sums}' if sums else 'no price is known'} if that were you"
        f"{unknown if sums else ''}"
    )


def _is(load: Load, crowd: str) -> bool:
    return load.limit == f"visits_per_s_{crowd}"
