from pathlib import Path

from cloudgauge.catalog.files import ReadFile
from cloudgauge.catalog.lint import errors_in, notes_on
from tests.catalog.target_files import download, endpoint, read, region
from tests.catalog.test_lint import TODAY

RULE = (
    "[rules.agent]\n"
    'url = "https://agent-{code}.example.net/{code}/agent.rpm"\n'
    'says = "so"\nsource = "a page"\n'
)
HOST_RULE = (
    '[rules.usual]\nhost = "storage.{code}.example.net"\nsays = "so"\n'
    'source = "a page"\n'
)
URL = "https://agent-rotterdam-1.example.net/rotterdam-1/agent.rpm"


def told(*files: ReadFile) -> list[str]:
    return [f"{Path(error.where).name}: {error.problem}" for error in errors_in(files)]


def told_of(folder: Path, *tables: str) -> list[str]:
    return told(read(folder, *tables[:1], region(), endpoint(), *tables[1:]))


def test_an_object_follows_a_rule_of_its_whole_url(tmp_path: Path) -> None:
    row = download(url=URL, rule="agent", source=None, confidence="pattern")
    assert told_of(tmp_path, RULE, row) == []


def test_an_object_whose_path_breaks_its_rule_is_told(tmp_path: Path) -> None:
    row = download(url=URL.replace("/rotterdam-1/", "/rotterdam/"), rule="agent")
    assert told_of(tmp_path, RULE, row) == [
        f'mine.toml: object[0].url: want the url "{URL}" by rule "agent", got '
        '"https://agent-rotterdam-1.example.net/rotterdam/agent.rpm"'
    ]


def test_an_endpoint_may_follow_a_rule_of_its_whole_url(tmp_path: Path) -> None:
    good = endpoint(url=URL, rule="agent")
    assert told(read(tmp_path, RULE, region(), good)) == []
    (found,) = told(read(tmp_path, RULE, region(), endpoint(rule="agent")))
    assert found.startswith(f'mine.toml: endpoint[0].url: want the url "{URL}"')


def test_a_rule_of_a_host_says_too_little_of_an_object(tmp_path: Path) -> None:
    assert told_of(tmp_path, HOST_RULE, download(rule="usual")) == [
        'mine.toml: object[0].rule: want a rule of a whole url; "usual" is of a host '
        "alone"
    ]


def test_an_object_known_by_its_pattern_alone_names_its_rule(tmp_path: Path) -> None:
    assert told_of(tmp_path, "", download(confidence="pattern")) == [
        "mine.toml: object[0].rule: an object known by its pattern alone must name "
        "its rule"
    ]


def test_an_object_names_a_rule_and_sources_that_are_there(tmp_path: Path) -> None:
    row = download(rule="agnet", source=["list-2025"])
    assert told_of(tmp_path, RULE, row) == [
        'mine.toml: object[0].rule: no rule "agnet" in [rules] of this file; did you '
        'mean "agent"?',
        'mine.toml: object[0].source[0]: no source "list-2025" in [sources] of this '
        "file",
    ]
    assert told_of(tmp_path, "", download(source=None)) == [
        "mine.toml: object[0].source: want at least one source"
    ]


def test_a_rule_that_an_object_follows_and_a_source_it_cites_are_in_use(
    tmp_path: Path,
) -> None:
    sources = '[sources]\nguide = "a guide"\n'
    row = download(url=URL, rule="agent", source=["guide"])
    file = read(tmp_path, sources, RULE, region(), endpoint(), row)
    assert told(file) == []
    assert notes_on((file,), TODAY) == ()


def test_an_object_that_nobody_checked_for_a_year_is_noted(tmp_path: Path) -> None:
    row = download(checked="2024-01-01")
    file = read(tmp_path, region(), endpoint(), row)
    (note,) = notes_on((file,), TODAY)
    assert note.where.endswith("object[0].checked")
