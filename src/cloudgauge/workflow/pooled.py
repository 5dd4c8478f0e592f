"""Sets taken together for ``show --by``: a wish in words, and what to do with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cloudgauge.errors import ConfigError
from cloudgauge.report.document import Document


@dataclass(frozen=True, slots=True, kw_only=True)
class PooledWish:
    """What the options said; None for what nobody gave.

    Attributes:
        by: Such as ``vantage,region``; "" for all samples together.
        quantiles: Such as ``p50,p99``.
    """

    by: str | None = None
    metric: str | None = None
    quantiles: str | None = None
    engine: str | None = None

    def is_asked(self) -> bool:
        """Whether sets are to be taken together.

        Raises:
            ConfigError: An option stands without ``--by``.
        """
        if self.by is not None:
            return True
        for name in ("metric", "quantiles", "engine"):
            if getattr(self, name) is not None:
                problem = "goes with --by, such as --by vantage,region"
                where = f"--{name}"
                raise ConfigError(where, problem)
        return False


def show_pooled(paths: Sequence[Path | str], wish: PooledWish) -> Document:
    """Show quantiles over all sets together.

    Args:
        paths: As `workflow.results.load` takes them.
        wish: With `PooledWish.by`.

    Raises:
        ConfigError: A word of the wish is none of ours.
        StoreError: A set cannot be read, or they do not fit together.
        NothingUsable: There is no sample of latency.
        MachineError: There is too little memory.
    """
    # They load numpy, which `show` without them does as well, but not `--help`.
    from cloudgauge.workflow.quantiles import (  # noqa: PLC0415  see above
        SHARES,
        Asked,
        ask,
        parse_by,
        parse_shares,
    )
    from cloudgauge.workflow.results import load  # noqa: PLC0415  likewise

    asked = Asked(
        metric=wish.metric or Asked().metric,
        by=parse_by(wish.by or ""),
        quantiles=parse_shares(wish.quantiles) if wish.quantiles else SHARES,
        engine=wish.engine or Asked().engine,
    )
    return ask(load(paths).sets, asked).document()
