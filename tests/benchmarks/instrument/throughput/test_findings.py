from benchmarks.instrument.throughput.findings import (
    download_findings,
    no_download_findings,
)
from benchmarks.instrument.throughput.object_host import NoObjectHost
from benchmarks.instrument.throughput.rates import CURL, GIB, HTTPX, OURS, Rate


def rate(client: str, gbit_per_s: float, cpu_s_per_gib: float) -> Rate:
    return Rate(
        client=client,
        scheme="https",
        gbit_per_s=gbit_per_s,
        cpu_s_per_gib=cpu_s_per_gib,
        turns=5,
    )


def test_rate_wants_at_least_and_cost_at_most_a_share_of_curls() -> None:
    rates = (rate(OURS, 9.0, 1.2), rate(CURL, 10.0, 1.0), rate(HTTPX, 1.0, 9.0))
    found = download_findings(rates, size_bytes=4 * GIB)
    fast, cheap = found.rows
    assert (fast.ratio, fast.met) == (0.9, True)
    assert (cheap.ratio, cheap.met) == (1.2, True)
    assert fast.load == "4 GiB from nginx, HTTPS"
    slow, dear = download_findings(
        (rate(OURS, 8.0, 1.4), rate(CURL, 10.0, 1.0)), size_bytes=GIB
    ).rows
    assert (slow.met, dear.met) == (False, False)
    assert [row[1] for row in found.details[0].rows] == [OURS, CURL, HTTPX]


def test_missing_curl_or_nginx_is_told() -> None:
    rows = download_findings((rate(OURS, 9.0, 1.2),), size_bytes=GIB).rows
    assert all("curl is not installed" in row.note for row in rows)
    (row,) = no_download_findings(NoObjectHost("nginx is not installed")).rows
    assert row.value is None
    assert "nginx is not installed" in row.note
