"""A result set with everything that is computed of it to be shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from cloudgauge.analysis.columns import Columns, bin_columns_of, columns_of
from cloudgauge.analysis.credibility import JUDGED, credibility_caveats
from cloudgauge.analysis.metric import Metric
from cloudgauge.analysis.rounds import Line, Rounds
from cloudgauge.analysis.run_rounds import round_samples, rounds_of
from cloudgauge.analysis.series import Spread
from cloudgauge.analysis.standing import Standing, line_of, standing_of
from cloudgauge.analysis.summary import SUMMARISED, SeriesSummary, summarise
from cloudgauge.analysis.throughput import TransferSummary, summarise_transfers
from cloudgauge.analysis.transfers import (
    TRANSFER_BINS,
    TRANSFER_SAMPLES,
    transfers_of,
)
from cloudgauge.model.run import RunInfo
from cloudgauge.model.target import Target
from cloudgauge.stats.caveat import Caveat
from cloudgauge.store.resultset import ResultSet


@dataclass(frozen=True, slots=True, kw_only=True)
class SetFigures:
    """A set, the figures of its series, and its targets by id.

    Attributes:
        series: Of visits of latency.
        transfers: Of downloads.
        targets: What was visited and what was downloaded.
        credibility: What in it cannot be true, weightiest first; nothing where a
            simulation's means give round trips that are nobody's.
        connects: The connect phase by rounds; None where no latency was measured.
        standings: How sure the figures of each series are.
    """

    result: ResultSet
    series: tuple[SeriesSummary, ...]
    transfers: tuple[TransferSummary, ...]
    targets: Mapping[str, Target]
    credibility: tuple[Caveat, ...]
    connects: Rounds | None
    standings: Mapping[Line, Standing]

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open a set and compute its figures.

        Raises:
            StoreError: It is no set, or is corrupt.
            MachineError: A killed run's set cannot be sealed.
        """
        return cls.of(ResultSet.open(folder))

    @classmethod
    def of(cls, result: ResultSet) -> Self:
        """Compute the figures of a set that is open; its samples are read once.

        Raises:
            StoreError: The samples cannot be read.
        """
        names = {*SUMMARISED, *JUDGED, *round_samples(Metric.CONNECT)}
        if result.objects:
            names.update(TRANSFER_SAMPLES)
        columns = columns_of(result, tuple(names))
        targets = {target.target_id: target for target in result.rows_used}
        run = result.manifest.run
        imported = run.imported is not None
        timeout_ns = result.manifest.plan.probe.timeout_ns
        series = summarise(columns, timeout_ns=timeout_ns, imported=imported)
        connects = _connects(columns, result) if result.targets else None
        judged = run.simulation is None or not run.simulation.limits
        return cls(
            result=result,
            series=series,
            transfers=summarise_transfers(
                transfers_of(columns, bin_columns_of(result, TRANSFER_BINS)),
                run.calibration,
            )
            if result.objects
            else (),
            targets=targets,
            credibility=credibility_caveats(columns, targets, run.vantage)
            if judged
            else (),
            connects=connects,
            standings={line_of(one): standing_of(connects, one) for one in series},
        )

    @property
    def run(self) -> RunInfo:
        """The run that was opened."""
        return self.result.manifest.run

    def standing_of(self, series: SeriesSummary) -> Standing:
        """How sure the figures of one of its series are."""
        return self.standings[line_of(series)]

    def has_warm(self) -> bool:
        """Whether the first byte of warm requests was to be measured."""
        plan = self.result.manifest.plan
        return plan.probe.warm_requests > 0 and self.run.imported is None

    def first_byte_of(self, series: SeriesSummary) -> Spread:
        """The first byte of warm requests; of the first ones where there are none."""
        return series.first_byte_warm if self.has_warm() else series.first_byte_cold

    def target_of(self, series: SeriesSummary) -> Target:
        """The target of one of its series."""
        return self.targets[series.target_id]


def _connects(columns: Columns, result: ResultSet) -> Rounds:
    run = result.manifest.run
    return rounds_of(
        columns,
        Metric.CONNECT,
        run.started_wall_ns,
        imported=run.imported is not None,
    )
