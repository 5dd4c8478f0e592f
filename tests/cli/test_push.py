"""``push`` and ``pull`` as they are typed, and URLs where sets are read."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cloudgauge.cli.app import app
from tests.fakes.buckets import LocalBucket
from tests.store.several import Run, keep_run

SIGNS = {"AWS_ACCESS_KEY_ID": "name", "AWS_SECRET_ACCESS_KEY": "hush-hush"}


@pytest.fixture(scope="module")
def bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalBucket]:
    with LocalBucket(tmp_path_factory.mktemp("local")) as local:
        yield local


@pytest.fixture
def results(tmp_path: Path) -> Path:
    keep_run(tmp_path / "results", Run(vantage="oslo", digit="b"))
    keep_run(tmp_path / "results", Run(vantage="tokyo", digit="a"))
    return tmp_path / "results"


@pytest.fixture
def url(bucket: LocalBucket, tmp_path: Path) -> str:
    return bucket.url(f"{tmp_path.parent.name}-{tmp_path.name}")


def typed(*words: str | Path, env: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words], env=env)


def test_sets_go_to_a_bucket_and_come_back(
    bucket: LocalBucket, url: str, results: Path, tmp_path: Path
) -> None:
    away = bucket.environment
    pushed = typed("push", results, url, env=away)
    assert pushed.exit_code == 0, pushed.stderr
    assert pushed.stdout.startswith(f"2 result sets pushed to {url}\n")

    listed = typed("pull", url, "--list", "--format", "json", env=away)
    rows = json.loads(listed.stdout)["tables"]["sets"]
    assert [row["complete"] for row in rows] == [True, True]

    pulled = typed("pull", url, "-o", tmp_path / "back", env=away)
    assert pulled.exit_code == 0, pulled.stderr
    assert pulled.stderr == ""
    assert sorted(path.name for path in (tmp_path / "back").iterdir()) == sorted(
        path.name for path in results.iterdir()
    )


@pytest.mark.parametrize(
    "words",
    [
        ("show",),
        ("verify",),
        ("rank",),
        ("compare", "--of", "aws/r0", "--with", "aws/r1"),
        ("export", "--what", "targets"),
    ],
)
def test_a_command_that_reads_sets_answers_for_a_url_as_for_a_folder(
    bucket: LocalBucket, url: str, results: Path, words: tuple[str, ...]
) -> None:
    away = bucket.environment
    assert typed("push", results, url, env=away).exit_code == 0
    here = typed(words[0], results, *words[1:], "--format", "csv")
    there = typed(words[0], url, *words[1:], "--format", "csv", env=away)

    assert there.exit_code == here.exit_code, there.stderr
    assert without_folders(there.stdout) == without_folders(here.stdout)


def without_folders(text: str) -> list[str]:
    return [
        line.rpartition("/")[2] if "/2026" in line else line
        for line in text.split("\n")
    ]


def test_merge_report_and_redact_take_urls(
    bucket: LocalBucket, url: str, results: Path, tmp_path: Path
) -> None:
    away = bucket.environment
    typed("push", results, url, env=away)
    first = sorted(results.iterdir())[0].name
    for words in (
        ("merge", url, "--into", tmp_path / "both"),
        ("report", url, "-o", tmp_path / "page.md"),
        ("redact", f"{url}/{first}", "--into", tmp_path / "shown"),
    ):
        ended = typed(*words, env=away)
        assert ended.exit_code == 0, ended.stderr
    several = typed("redact", url, "--into", tmp_path / "none", env=away)
    assert several.exit_code == 5
    assert f"{url}: want the URL of one result set, got {first}, " in several.stderr
    again = typed("verify", tmp_path / "both", tmp_path / "shown")
    assert again.exit_code == 0, again.stderr


@pytest.mark.parametrize(
    ("words", "env", "code", "told"),
    [
        (("push", "SETS", "ftp://x/y"), {}, 2, "want a folder, file://, s3://"),
        (("push", "SETS", "s3://a-bucket"), {}, 2, "there is no key for it here"),
        (
            ("push", "SETS", "s3://a-bucket", "--endpoint", "http://127.0.0.1:1"),
            SIGNS,
            2,
            "--endpoint: is plain HTTP",
        ),
        (
            ("pull", "s3://a-bucket", "--endpoint", "https://127.0.0.1:1"),
            SIGNS,
            74,
            "s3://a-bucket: the store cannot be reached",
        ),
        (("pull", "NOWHERE", "--list"), {}, 5, "is no folder"),
        (("pull", "SETS", "--max-size", "big"), {}, 2, "--max-size: want a byte"),
        (("show", "s3://name:hush-hush@bucket"), {}, 2, "keys belong in the environ"),
    ],
)
def test_mistakes_are_told_and_have_their_exit_codes(
    results: Path,
    words: tuple[str, ...],
    env: dict[str, str],
    code: int,
    told: str,
) -> None:
    none = dict.fromkeys(SIGNS, "") | {"HOME": str(results)}
    named = [word.replace("SETS", str(results)) for word in words]
    ended = typed(*named, env=none | env)

    assert ended.exit_code == code, ended.stderr
    assert told in ended.stderr
    assert "hush-hush" not in ended.stderr


def test_a_size_that_is_allowed_is_kept(results: Path, tmp_path: Path) -> None:
    ended = typed("pull", results, "-o", tmp_path / "x", "--max-size", "1 kB")
    assert ended.exit_code == 5
    assert "at most 1,000 are taken; --max-size allows more" in ended.stderr
