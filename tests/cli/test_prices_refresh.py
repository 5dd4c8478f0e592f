from pathlib import Path

import pytest
from typer.testing import CliRunner

from cloudgauge.cli.app import app

RUNNER = CliRunner()


@pytest.mark.parametrize("provider", ["gcp", "alibaba", "huawei", "tencent"])
def test_without_a_key_one_sentence_and_exit_2(
    provider: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("GOOGLE_API_KEY", "ALIBABA_CLOUD_ACCESS_KEY_SECRET"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HUAWEICLOUD_SDK_SK", "TENCENTCLOUD_SECRET_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))

    result = RUNNER.invoke(app, ["prices", "refresh", "--provider", provider])

    assert result.exit_code == 2
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"cloudgauge: --provider {provider}: list prices need ")


def test_a_region_that_does_not_exist_is_told_with_the_nearest() -> None:
    result = RUNNER.invoke(
        app, ["prices", "refresh", "--provider", "aws", "--region", "aws/us-east-11"]
    )

    assert result.exit_code == 2
    assert 'no region "aws/us-east-11"' in result.stderr
    assert 'did you mean "aws/us-east-1"' in result.stderr


def test_the_help_says_where_keys_come_from() -> None:
    text = RUNNER.invoke(app, ["prices", "refresh", "--help"]).stdout

    for name in ("GOOGLE_API_KEY", "~/.alibabacloud/credentials", "--dry-run"):
        assert name in text
