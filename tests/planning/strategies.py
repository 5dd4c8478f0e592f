"""Plans of every shape, for properties that hold for all of them."""

from dataclasses import replace

from hypothesis import strategies as st

from cloudgauge.model.plan import Ceilings, Pacing, Plan, ProbeSpec
from cloudgauge.model.target import Family
from cloudgauge.planning.spacing import crowds_of, least_round_ns
from tests.fakes.plans import plan_of, target

_PROVIDERS = ("aws", "azure", "gcp")


def least_round_of(plan: Plan) -> int:
    """The shortest round that keeps all ceilings of a plan."""
    series = plan.series_count
    return max(least_round_ns(crowd, series) for crowd in crowds_of(plan))


@st.composite
def plans(draw: st.DrawFn, *, most_room: float = 3.0) -> Plan:
    """Plans that keep their ceilings, some with hardly any room left."""
    shape = draw(
        st.lists(
            st.tuples(st.sampled_from(_PROVIDERS), st.integers(0, 12)),
            min_size=1,
            max_size=24,
        )
    )
    targets = {
        one.target_id: one
        for index, (provider, host) in enumerate(shape)
        # One in four shares a host with others.
        for one in [
            target(
                provider,
                f"place-{index}",
                host=f"shared-{host}.{provider}.example" if host < 3 else None,
            )
        ]
    }
    rates = st.floats(0.2, 30, allow_nan=False)
    plan = plan_of(
        tuple(targets.values()),
        controls=tuple(draw(st.sets(st.sampled_from(sorted(targets)), max_size=3))),
        probe=ProbeSpec(
            families=draw(
                st.sampled_from(
                    [(Family.IPV4,), (Family.IPV6,), (Family.IPV4, Family.IPV6)]
                )
            )
        ),
        ceilings=Ceilings(
            visits_per_s=draw(rates),
            visits_per_s_provider=draw(rates),
            visits_per_s_host=draw(rates),
        ),
    )
    room = draw(st.floats(1, most_room, allow_nan=False))
    pacing = Pacing(
        rounds=draw(st.integers(1, 4)),
        round_ns=int(least_round_of(plan) * room) + 1,
        jitter=draw(st.floats(0, 0.8, allow_nan=False)),
    )
    return replace(plan, pacing=pacing, seed=draw(st.integers(0, 2**63 - 1)))
