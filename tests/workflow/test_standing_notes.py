from pathlib import Path

import pytest

from cloudgauge.errors import ConfigError
from cloudgauge.workflow.comparing import compare
from cloudgauge.workflow.question import Question
from cloudgauge.workflow.ranking import rank
from cloudgauge.workflow.results import load

# Downloads of four regions, one of which has nothing to download.
DOWNLOADS = Path(__file__).parents[2] / "notebooks" / "data" / "private-downloads"
TOLD = "no throughput target, so in no row: azure/southeastasia"


@pytest.mark.parametrize(
    ("metric", "regions", "is_told"),
    [
        ("throughput", "*", True),
        ("throughput", ["aws/*", "azure/*"], True),
        ("throughput", "aws/*", False),
    ],
)
def test_a_ranking_by_throughput_names_who_has_nothing_to_download(
    metric: str, regions: str | list[str], *, is_told: bool
) -> None:
    found = rank(load(DOWNLOADS), regions=regions, question=Question.of(metric))
    assert (TOLD in found.document().notes) is is_told


def test_who_asks_for_nothing_else_is_told_that_there_is_none() -> None:
    with pytest.raises(ConfigError) as told:
        rank(load(DOWNLOADS), regions="azure/*", question=Question.of("throughput"))
    assert str(told.value) == '--region: "azure/*": no throughput target'


def test_what_nobody_planned_is_still_refused() -> None:
    with pytest.raises(ConfigError, match=r'"gcp/\*" was not measured'):
        rank(
            load(DOWNLOADS),
            regions=["aws/*", "gcp/*"],
            question=Question.of("throughput"),
        )


def test_so_does_a_comparison() -> None:
    question = Question.of("throughput")
    found = compare(
        load(DOWNLOADS), of="aws/ap-southeast-1", against="*", question=question
    )
    assert TOLD in found.document().notes
