"""Providers that want a key: played over real sockets, calls signed and all."""

import json
from decimal import Decimal
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from cloudgauge.catalog.tariffs import load_tariffs
from cloudgauge.errors import ConfigError
from cloudgauge.model.tariff import Charge
from cloudgauge.pricefeed.answer import AnswerError
from cloudgauge.pricefeed.hosts import Hosts
from cloudgauge.report.document import Document
from cloudgauge.report.render import to_json
from cloudgauge.workflow.refreshing import (
    RefreshChoice,
    RefreshMeans,
    refresh_prices,
)
from tests.fakes.price_server import Answering, Asked, PriceServer, Told, told
from tests.pricefeed import test_alibaba as alibaba
from tests.pricefeed import test_google as google
from tests.pricefeed import test_huawei as huawei
from tests.pricefeed import test_tencent as tencent
from tests.pricefeed.waits import Waits

ENVIRONMENT = {
    "GOOGLE_API_KEY": "hush-google",
    "ALIBABA_CLOUD_ACCESS_KEY_ID": "hush-name",
    "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "hush-alibaba",
    "HUAWEICLOUD_SDK_AK": "hush-name",
    "HUAWEICLOUD_SDK_SK": "hush-huawei",
    "TENCENTCLOUD_SECRET_ID": "hush-name",
    "TENCENTCLOUD_SECRET_KEY": "hush-tencent",
}


def refresh(
    folder: Path, answering: Answering, *region_ids: str
) -> tuple[Document, list[Asked], list[str]]:
    """Refresh a provider; gives what was shown, asked and told on the way."""
    waits = Waits()
    with PriceServer(answering) as server:
        url = server.url
        document = refresh_prices(
            RefreshChoice(
                provider=region_ids[0].partition("/")[0],
                region_ids=region_ids,
                folder=folder,
            ),
            RefreshMeans(
                waiting=waits.waiting,
                tell=waits.told.append,
                environment=ENVIRONMENT,
                home=folder,
                hosts=Hosts(
                    google=url,
                    alibaba_bss=url,
                    alibaba_ecs=url,
                    huawei_bss=url,
                    huawei_iam=url,
                    tencent_cvm=url,
                    tencent_vpc=url,
                ),
            ),
        )
    assert all(one.headers["host"] == urlsplit(url).netloc for one in server.asked)
    return document, server.asked, waits.told


def price_in(folder: Path, region_id: str, charge: Charge, sku: str = "") -> Decimal:
    tariffs = load_tariffs(overlay=folder)
    (tariff,) = tariffs.of(region_id, charge, currency="USD", sku=sku or None)
    return tariff.tiers[-1].price


def play_google(asked: Asked) -> Told:
    if "pageToken=second%2F2" in asked.target:
        return told({"skus": [google.part("Ram", google.rate(0, 5419000))]})
    core = google.part("Core", google.rate(0, 40618000))
    return told({"skus": [google.sku(), core], "nextPageToken": "second/2"})


def test_google_is_asked_page_after_page_with_its_key_in_no_url(
    tmp_path: Path,
) -> None:
    _, asked, _ = refresh(tmp_path, play_google, "gcp/asia-northeast3")

    region_id = "gcp/asia-northeast3"
    assert price_in(tmp_path, region_id, Charge.TO_INTERNET) == Decimal("0.097")
    sku = "n2-standard-2"
    assert price_in(tmp_path, region_id, Charge.MACHINE, sku) == Decimal("0.124588")
    assert [one.headers["x-goog-api-key"] for one in asked] == ["hush-google"] * 2
    assert not any("hush" in one.target for one in asked)


def test_pages_of_google_that_lead_in_a_circle_are_refused(tmp_path: Path) -> None:
    def play(_: Asked) -> Told:
        return told({"skus": [google.sku()], "nextPageToken": "again"})

    with pytest.raises(AnswerError, match="its pages do not come to an end"):
        refresh(tmp_path, play, "gcp/asia-northeast3")


def play_alibaba(asked: Asked) -> Told:
    query = parse_qs(asked.target.partition("?")[2])
    if asked.headers["x-acs-action"] == "DescribePrice":
        if query["InstanceType"] == ["ecs.g6.large"]:
            return told({"Code": "InvalidInstanceType.NotSupported"}, 400)
        part = {"Resource": "instanceType", "OriginalPrice": 0.113}
        return told(alibaba.told_price(part))
    row = alibaba.traffic_row()
    if "NextPageToken" in query:
        return told(alibaba.page([row], total=2))
    other = alibaba.traffic_row(vm_region_no="NOT_EXIST")
    return told(alibaba.page([other], "2", total=2))


def test_alibaba_gives_machines_one_by_one_and_traffic_by_the_list(
    tmp_path: Path,
) -> None:
    document, asked, _ = refresh(tmp_path, play_alibaba, "alibaba/cn-beijing")

    region_id, sku = "alibaba/cn-beijing", "ecs.g7.large"
    assert price_in(tmp_path, region_id, Charge.MACHINE, sku) == Decimal("0.113")
    text = (next(tmp_path.iterdir())).read_text()
    assert 'price = "0.123"' in text
    assert any(row[0] == "is not sold there" for row in document.tables[1].rows)
    assert len({one.headers["x-acs-signature-nonce"] for one in asked}) == len(asked)


def test_a_list_of_alibaba_that_ends_too_early_is_refused(tmp_path: Path) -> None:
    def play(_: Asked) -> Told:
        return told(alibaba.page([alibaba.traffic_row()], total=63))

    with pytest.raises(AnswerError, match="the list ends after 1 rows of 63"):
        refresh(tmp_path, play, "alibaba/cn-beijing")
    assert not list(tmp_path.iterdir())


def play_huawei(asked: Asked) -> Told:
    if asked.path == "/v3/projects":
        return told({"projects": [{"id": "XPROJECT", "name": "la-north-2"}]})
    names = [one["id"] for one in json.loads(asked.body)["product_infos"]]
    if "s7n.large.4" in names:
        return told({"error_code": "CBC.6006", "error_msg": "hush"}, 400)
    return told(huawei.answer(*(huawei.result(name, 0.081) for name in names)))


def test_huawei_is_asked_in_halves_where_one_machine_is_not_sold(
    tmp_path: Path,
) -> None:
    document, _, _ = refresh(
        tmp_path, play_huawei, "huawei/la-north-2", "huawei/sa-brazil-1"
    )

    region_id = "huawei/la-north-2"
    assert price_in(tmp_path, region_id, Charge.TO_INTERNET) == Decimal("0.081")
    assert price_in(tmp_path, region_id, Charge.MACHINE, "s6.large.4") > 0
    assert {row[:2] for row in document.tables[1].rows} == {
        ("is not sold there", 1),
        ("is a region in which the account has no project", 1),
    }


def play_tencent(asked: Asked) -> Told:
    if asked.headers["x-tc-region"] == "ap-tokyo":
        return told({"Response": {"Error": {"Code": "UnsupportedRegion"}}})
    if asked.headers["x-tc-action"] == "InquiryPriceAllocateAddresses":
        return told(tencent.address(0.12))
    return told(tencent.zones(tencent.quota(tencent.hourly(0.07, 0.07, 0.07))))


def test_tencent_gives_machines_and_traffic_in_the_currency_of_the_site(
    tmp_path: Path,
) -> None:
    document, _, _ = refresh(
        tmp_path, play_tencent, "tencent/ap-guangzhou", "tencent/ap-tokyo"
    )

    tariffs = load_tariffs(overlay=tmp_path)
    (traffic,) = tariffs.of("tencent/ap-guangzhou", Charge.TO_INTERNET, currency="USD")
    assert traffic.tiers[0].price == Decimal("0.12")
    (machine,) = tariffs.of("tencent/ap-guangzhou", Charge.MACHINE, currency="USD")
    assert (machine.sku, machine.by_default) == ("S5.MEDIUM8", True)
    assert document.tables[1].rows[0][2] == "tencent/ap-tokyo"


@pytest.mark.parametrize(
    ("answering", "region_id"),
    [
        (play_google, "gcp/asia-northeast3"),
        (play_alibaba, "alibaba/cn-beijing"),
        (play_huawei, "huawei/la-north-2"),
        (play_tencent, "tencent/ap-guangzhou"),
    ],
)
def test_no_key_is_shown_told_or_kept(
    answering: Answering, region_id: str, tmp_path: Path
) -> None:
    document, _, lines = refresh(tmp_path, answering, region_id)

    (path,) = tmp_path.iterdir()
    for text in (to_json(document), path.read_text(), *lines):
        assert "hush" not in text
        assert "Signature" not in text


@pytest.mark.parametrize(
    ("answer", "region_id"),
    [
        (told({"error": {"code": 403, "message": "hush"}}, 403), "gcp/us-central1"),
        (told({"Code": "InvalidAccessKeyId.NotFound"}, 404), "alibaba/cn-beijing"),
        (told({"error_code": "APIGW.0301"}, 401), "huawei/la-north-2"),
        (
            told({"Response": {"Error": {"Code": "AuthFailure.SecretIdNotFound"}}}),
            "tencent/ap-guangzhou",
        ),
    ],
)
def test_a_key_that_is_refused_is_said_without_the_key_and_nothing_is_written(
    answer: Told, region_id: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match="refuses the key") as caught:
        refresh(tmp_path, lambda _: answer, region_id)
    assert "hush" not in str(caught.value)
    assert not list(tmp_path.iterdir())
