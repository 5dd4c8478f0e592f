"""Every frame of result sets by its name, over one set or many."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import pandas as pd

from cloudgauge.analysis.frame import bins_frame_of, frame_of
from cloudgauge.analysis.rounds_frame import rounds_frame_of
from cloudgauge.analysis.series_frames import failures_frame_of, targets_frame_of
from cloudgauge.analysis.transfers_frame import transfers_frame_of
from cloudgauge.store.resultset import ResultSet

FRAMES: Mapping[str, Callable[[ResultSet], pd.DataFrame]] = MappingProxyType(
    {
        "samples": frame_of,
        "bins": bins_frame_of,
        "rounds": rounds_frame_of,
        "throughput": transfers_frame_of,
        "targets": targets_frame_of,
        "failures": failures_frame_of,
    }
)


def joined_frame(name: str, sets: Sequence[ResultSet]) -> pd.DataFrame:
    """The frame of that name in `FRAMES`, set after set, with one index.

    Raises:
        StoreError: A set cannot be read.
    """
    made = [FRAMES[name](result) for result in sets]
    if len(made) == 1:
        return made[0]
    for column, dtype in made[0].dtypes.items():
        if isinstance(dtype, pd.CategoricalDtype):
            _share_words(made, str(column))
    return pd.concat(made, ignore_index=True)


def _share_words(made: Sequence[pd.DataFrame], column: str) -> None:
    """Give a column the same categories everywhere: else they become plain text."""
    words = sorted({word for frame in made for word in frame[column].cat.categories})
    for frame in made:
        frame[column] = frame[column].cat.set_categories(words)
