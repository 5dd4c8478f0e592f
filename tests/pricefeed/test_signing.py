# ruff: noqa: S106 - the keys are invented, or published as examples
"""Each against the example that its provider publishes."""

from datetime import UTC, datetime

from cloudgauge.pricefeed.fetching import Ask
from cloudgauge.pricefeed.signing import (
    Action,
    sign_alibaba,
    sign_huawei,
    sign_tencent,
)
from cloudgauge.settings.keys import Key
from tests.pricefeed.waits import NOW

KEY = Key(name="name-of-key", secret="secret-of-key", token="token-of-key")


def test_alibaba_signs_as_its_documentation_does() -> None:
    signed = sign_alibaba(
        Ask(
            url="https://ecs.cn-shanghai.aliyuncs.com/?ImageId=win2019_1809_x64_dtc_"
            "zh-cn_40G_alibase_20230811.vhd&RegionId=cn-shanghai",
            body=b"",
        ),
        Action(name="RunInstances", version="2014-05-26"),
        Key(name="YourAccessKeyId", secret="YourAccessKeySecret"),
        at=datetime(2023, 10, 26, 10, 22, 32, tzinfo=UTC),
        nonce="3156853299f313e23d1673dc12e1703d",
    )

    assert signed.headers["authorization"] == (
        "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;"
        "x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,Signature="
        "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
    )


def test_huawei_signs_as_its_documentation_does() -> None:
    signed = sign_huawei(
        Ask(
            url="https://service.region.example.com/v1/77b6a44cba5143ab91d13ab9a8ff44fd"
            "/vpcs?marker=13551d6b-755d-4757-b956-536f674975c0&limit=2"
        ),
        Key(
            name="QTWAOYTTINDUT2QVKYUC",
            secret="MFyfvK41ba2giqM7Uio6PznpdUKGpownRZlmVmHc",
        ),
        at=datetime(2019, 11, 15, 3, 36, 55, tzinfo=UTC),
    )

    assert signed.headers["authorization"] == (
        "SDK-HMAC-SHA256 Access=QTWAOYTTINDUT2QVKYUC, "
        "SignedHeaders=content-type;host;x-sdk-date, Signature="
        "7be6668032f70418fcc22abc52071e57aff61b84a1d2381bb430d6870f4f6ebe"
    )


def test_tencent_signs_as_its_documentation_does() -> None:
    body = (
        rb'{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], '
        rb'"Name": "instance-name"}]}'
    )
    signed = sign_tencent(
        Ask(url="https://cvm.tencentcloudapi.com/", body=body),
        Action(name="DescribeInstances", version="2017-03-12", region="ap-guangzhou"),
        Key(name="AKID" + "*" * 32, secret="*" * 32),
        at=datetime.fromtimestamp(1551113065, UTC),
    )

    assert signed.headers["authorization"] == (
        f"TC3-HMAC-SHA256 Credential=AKID{'*' * 32}/2019-02-25/cvm/tc3_request, "
        "SignedHeaders=content-type;host;x-tc-action, Signature="
        "10b1a37a7301a02ca19a647ad722d5e43b4b3cff309d421d85b46093f6ab6c4f"
    )
    assert signed.headers["x-tc-timestamp"] == "1551113065"
    assert signed.headers["x-tc-region"] == "ap-guangzhou"


def test_a_temporary_key_brings_its_token() -> None:
    ask = Ask(url="https://cvm.example/", body=b"{}")
    action = Action(name="X", version="1")

    alibaba = sign_alibaba(ask, action, KEY, at=NOW, nonce="n")
    huawei = sign_huawei(ask, KEY, at=NOW)
    tencent = sign_tencent(ask, action, KEY, at=NOW)

    assert alibaba.headers["x-acs-security-token"] == "token-of-key"
    assert "x-acs-security-token" in alibaba.headers["authorization"]
    assert huawei.headers["x-security-token"] == "token-of-key"
    assert "x-security-token" in huawei.headers["authorization"]
    assert tencent.headers["x-tc-token"] == "token-of-key"


def test_neither_a_key_nor_a_signed_request_shows_what_is_secret() -> None:
    signed = sign_huawei(Ask(url="https://bss.example/"), KEY, at=NOW)

    for shown in (repr(KEY), repr(signed)):
        assert "of-key" not in shown
        assert "Signature" not in shown


def test_parameters_are_signed_in_order_and_by_rfc_3986() -> None:
    action = Action(name="X", version="1")
    one, other = (
        sign_alibaba(
            Ask(url=f"https://x.example/?{query}"), action, KEY, at=NOW, nonce=""
        )
        for query in ("a=1+2%2A~&b=", "b=&a=1%202*%7E")
    )

    assert one.headers["authorization"] == other.headers["authorization"]
