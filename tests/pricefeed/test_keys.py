# ruff: noqa: S106 - the keys are invented
from pathlib import Path

import pytest

from cloudgauge.errors import ConfigError
from cloudgauge.pricefeed.keys import key_of
from cloudgauge.settings.keys import Key

IN_FILES = {
    "alibaba": (
        ".alibabacloud/credentials",
        "[default]\ntype = access_key\naccess_key_id = public\n"
        "access_key_secret = hush%1\nsecurity_token = pass\n",
    ),
    "huawei": (
        ".huaweicloud/credentials",
        "[basic]\nak = public\nsk = hush%1\nsecurity_token = pass\n",
    ),
    "tencent": (
        ".tencentcloud/credentials",
        "[default]\nsecret_id = public\nsecret_key = hush%1\ntoken = pass\n",
    ),
}
IN_ENVIRONMENT = {
    "alibaba": ("ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET"),
    "huawei": ("HUAWEICLOUD_SDK_AK", "HUAWEICLOUD_SDK_SK"),
    "tencent": ("TENCENTCLOUD_SECRET_ID", "TENCENTCLOUD_SECRET_KEY"),
}


def write(home: Path, provider: str, text: str | None = None) -> Path:
    name, usual = IN_FILES[provider]
    path = home / name
    path.parent.mkdir()
    path.write_text(usual if text is None else text)
    return path


@pytest.mark.parametrize("provider", ["aws", "azure"])
def test_aws_and_azure_need_no_key(provider: str, tmp_path: Path) -> None:
    assert key_of(provider, {}, tmp_path) is None


@pytest.mark.parametrize("provider", IN_FILES)
def test_a_key_is_found_in_the_file_of_the_providers_tools(
    provider: str, tmp_path: Path
) -> None:
    write(tmp_path, provider)

    assert key_of(provider, {}, tmp_path) == Key(
        name="public", secret="hush%1", token="pass"
    )


@pytest.mark.parametrize("provider", IN_FILES)
def test_the_environment_goes_before_the_file(provider: str, tmp_path: Path) -> None:
    write(tmp_path, provider)
    name, secret = IN_ENVIRONMENT[provider]

    key = key_of(provider, {name: "mine", secret: "own"}, tmp_path)

    assert key == Key(name="mine", secret="own")


def test_googles_key_is_one_word_of_the_environment(tmp_path: Path) -> None:
    assert key_of("gcp", {"GOOGLE_API_KEY": "word"}, tmp_path) == Key(secret="word")


@pytest.mark.parametrize(
    ("provider", "where"),
    [
        ("gcp", "an API key here; set GOOGLE_API_KEY"),
        ("alibaba", "ACCESS_KEY_SECRET or write ~/.alibabacloud/credentials"),
        ("huawei", "HUAWEICLOUD_SDK_SK or write ~/.huaweicloud/credentials"),
        ("tencent", "TENCENTCLOUD_SECRET_KEY or write ~/.tencentcloud/credentials"),
    ],
)
def test_without_a_key_one_sentence_says_where_to_put_one(
    provider: str, where: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError) as caught:
        key_of(provider, {}, tmp_path)

    assert str(caught.value).startswith(f"--provider {provider}: list prices need ")
    assert str(caught.value).endswith(where)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("hush hush\n", "is not a file of sections and keys"),
        ("[default]\nhush\n", "is not a file of sections and keys"),
        ("[default]\nsecret_id = a\nsecret_key = hu sh\n", "key must be printable"),
        ("[default]\nsecret_id = a\nsecret_key = hüsh\n", "key must be printable"),
        ("#" * 2**20 + "hush", "is too large for a file of keys"),
        ("[other]\nsecret_key = hush\n", "list prices need"),
        ("[default]\nsecret_key = hush\n", "list prices need"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_and_not_quoted(
    text: str, problem: str, tmp_path: Path
) -> None:
    write(tmp_path, "tencent", text)

    with pytest.raises(ConfigError, match=problem) as caught:
        key_of("tencent", {}, tmp_path)
    told: BaseException | None = caught.value
    while told is not None and not told.__suppress_context__:
        assert "hush" not in str(told)
        told = told.__cause__


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    write(tmp_path, "huawei").write_bytes(b"\xff\xfe")

    with pytest.raises(ConfigError, match=r"~/\.huaweicloud/credentials: is not UTF-8"):
        key_of("huawei", {}, tmp_path)
