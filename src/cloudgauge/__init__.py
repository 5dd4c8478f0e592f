"""Which cloud region serves your users best, and how sure can you be."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cloudgauge.workflow.choosing_regions import choose
    from cloudgauge.workflow.choosing_regions_prices import Prices
    from cloudgauge.workflow.choosing_regions_view import Choices
    from cloudgauge.workflow.choosing_regions_wish import Residency, Wish
    from cloudgauge.workflow.comparing import compare
    from cloudgauge.workflow.comparison_view import Comparisons
    from cloudgauge.workflow.costing import PriceShelf, cost
    from cloudgauge.workflow.costing_view import Costs
    from cloudgauge.workflow.frontier import frontier
    from cloudgauge.workflow.frontier_view import Frontier
    from cloudgauge.workflow.importing import import_samples
    from cloudgauge.workflow.long_term import LongTerm, load_long_term
    from cloudgauge.workflow.quantiles import Quantiles
    from cloudgauge.workflow.question import Question
    from cloudgauge.workflow.ranking import rank
    from cloudgauge.workflow.ranking_view import Rankings
    from cloudgauge.workflow.results import Results, load

__version__ = "0.1.0"

# Where the public names stand. They are imported when they are first used, so that
# importing the package, or asking for help, loads no library.
_HOMES = {
    "Choices": "cloudgauge.workflow.choosing_regions_view",
    "Comparisons": "cloudgauge.workflow.comparison_view",
    "Costs": "cloudgauge.workflow.costing_view",
    "Frontier": "cloudgauge.workflow.frontier_view",
    "LongTerm": "cloudgauge.workflow.long_term",
    "PriceShelf": "cloudgauge.workflow.costing",
    "Prices": "cloudgauge.workflow.choosing_regions_prices",
    "Quantiles": "cloudgauge.workflow.quantiles",
    "Question": "cloudgauge.workflow.question",
    "Rankings": "cloudgauge.workflow.ranking_view",
    "Residency": "cloudgauge.workflow.choosing_regions_wish",
    "Results": "cloudgauge.workflow.results",
    "Wish": "cloudgauge.workflow.choosing_regions_wish",
    "choose": "cloudgauge.workflow.choosing_regions",
    "compare": "cloudgauge.workflow.comparing",
    "cost": "cloudgauge.workflow.costing",
    "frontier": "cloudgauge.workflow.frontier",
    "import_samples": "cloudgauge.workflow.importing",
    "load": "cloudgauge.workflow.results",
    "load_long_term": "cloudgauge.workflow.long_term",
    "rank": "cloudgauge.workflow.ranking",
}
__all__ = [
    "Choices",
    "Comparisons",
    "Costs",
    "Frontier",
    "LongTerm",
    "PriceShelf",
    "Prices",
    "Quantiles",
    "Question",
    "Rankings",
    "Residency",
    "Results",
    "Wish",
    "__version__",
    "choose",
    "compare",
    "cost",
    "frontier",
    "import_samples",
    "load",
    "load_long_term",
    "rank",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
