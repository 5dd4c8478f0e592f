import asyncio

from cloudgauge.measure.by_kind import ProberByKind
from cloudgauge.measure.prober import Record, Visit
from cloudgauge.model.plan import ProbeKind
from cloudgauge.planning.schedule import slots
from tests.fakes.clock import FakeClock
from tests.fakes.plans import download_plan, object_in, targets_of
from tests.fakes.probing import FakeDownloader, FakeProber

PLAN = download_plan([object_in("aws", "one")], targets=targets_of(aws=2))


def test_each_slot_goes_to_the_prober_of_its_kind_with_what_keeps_its_records() -> None:
    clock = FakeClock()
    latency, download = FakeProber(clock), FakeDownloader(clock)
    prober = ProberByKind({ProbeKind.LATENCY: latency, ProbeKind.DOWNLOAD: download})
    kept: list[Record] = []

    async def visit_all() -> list[Visit]:
        return [await prober.visit(slot, kept.append) for slot in slots(PLAN)]

    visits = asyncio.run(visit_all())

    assert len(visits) == PLAN.visit_count
    assert {slot.kind for _, slot in latency.sent} == {ProbeKind.LATENCY}
    assert {slot.kind for _, slot in download.sent} == {ProbeKind.DOWNLOAD}
    assert (len(latency.sent), len(download.sent)) == (4, 4)
    assert {record.slot for record in kept} == set(slots(PLAN))
