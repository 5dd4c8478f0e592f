from cloudgauge.model.plan import ProbeSpec
from cloudgauge.planning.traffic import (
    ANSWER_BODY_BYTES,
    seen_bytes,
    visit_down_bytes,
    visit_up_bytes,
)


def test_a_visit_as_foreseen_is_counted_as_foreseen() -> None:
    probe = ProbeSpec(warm_requests=4)

    foreseen = visit_up_bytes(probe) + visit_down_bytes(probe)

    assert seen_bytes(5, 5 * ANSWER_BODY_BYTES) == foreseen


def test_a_warm_request_is_cheaper_than_a_connection() -> None:
    cold, warm = ProbeSpec(warm_requests=0), ProbeSpec(warm_requests=1)

    assert visit_up_bytes(warm) - visit_up_bytes(cold) < visit_up_bytes(cold)
    assert visit_down_bytes(warm) - visit_down_bytes(cold) < visit_down_bytes(cold)
