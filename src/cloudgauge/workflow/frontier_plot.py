"""Latency against cost as a picture."""

from cloudgauge.report.figure import Figure
from cloudgauge.workflow.choosing_regions_words import quantile_text
from cloudgauge.workflow.frontier_view import Frontier
from cloudgauge.workflow.picture_values import measure_of, provider_of


def plot_frontier(found: Frontier) -> Figure:
    """Draw a frontier.

    Raises:
        MachineError: The extra is not installed.
    """
    from cloudgauge.report.figures.frontier_scatter import (  # noqa: PLC0415  loads the extra
        CostPoint,
        frontier_scatter,
    )

    points = [
        CostPoint(
            label=one.region_id,
            provider=provider_of(one.region_id),
            latency=one.latency,
            cost=float(one.month.all.amount),
            beaten_by=one.beaten.by[0] if one.beaten.by else "",
            is_sure=bool(one.beaten.surely_by),
        )
        for one in found.points
    ]
    measure = measure_of(found.metric)
    name = f"{measure.name} {quantile_text(found.quantile)}"
    return frontier_scatter(points, latency_name=name, currency=found.currency)
