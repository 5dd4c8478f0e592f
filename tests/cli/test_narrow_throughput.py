"""A region without anything to download says so on a narrow terminal as well."""

from pathlib import Path

from cloudgauge.cli.terminal import draw
from cloudgauge.model.target import Selection
from cloudgauge.workflow.catalogue import list_targets
from cloudgauge.workflow.keeping import show_sets
from tests.store.synthetic import keep_set
from tests.store.transfers import make_download_plan, make_transfers


def row_of(drawn: str, region: str) -> str:
    (row,) = (line for line in drawn.splitlines() if line.startswith(f" {region} "))
    return row


def test_a_list_of_targets_has_room_for_it() -> None:
    document = list_targets(Selection(areas=("gulf",)))
    drawn = draw(document, width=80, styled=False)
    assert "no throughput target" in row_of(drawn, "azure/qatarcentral")
    assert "loongcollector" in row_of(drawn, "alibaba/me-central-1")


def test_a_result_set_has_room_for_it(tmp_path: Path) -> None:
    plan = make_download_plan(objects=1, rounds=3, bins=60)
    folder = keep_set(tmp_path, plan, make_transfers(plan, bins=60))
    drawn = draw(show_sets([folder]), width=80, styled=False)
    assert "no throughput" in row_of(drawn, "gcp/place-1")
