"""Evidence files: written whole and once, read as if a stranger had written them."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given

from cloudgauge.catalog.evidence import Evidence, Network
from cloudgauge.catalog.evidence_files import (
    evidence_to_toml,
    make_folder,
    read_evidence,
    read_evidence_in,
    write_evidence,
)
from cloudgauge.errors import ConfigError, ConfigErrors, MachineError
from tests.catalog.evidence_values import (
    checks,
    disappointed,
    evidence_of,
    found,
    row,
    silent,
)

TARGETS = tuple(row(f"place-{number}") for number in range(3))
TODAY = date(2027, 1, 1)
EVIDENCE = evidence_of(found(TARGETS[0]), disappointed(TARGETS[1]), silent(TARGETS[2]))
TEXT = evidence_to_toml(EVIDENCE)


def written(folder: Path, text: str) -> Path:
    path = folder / "evidence-mine.toml"
    path.write_text(text, encoding="utf-8")
    return path


@given(checks(TARGETS))
def test_what_is_written_is_read_back_equal(
    tmp_path_factory: pytest.TempPathFactory, evidence: Evidence
) -> None:
    folder = tmp_path_factory.mktemp("evidence")
    assert read_evidence(write_evidence(folder, evidence), today=TODAY) == evidence


def test_a_file_is_for_people_too(tmp_path: Path) -> None:
    text = write_evidence(tmp_path, EVIDENCE).read_text(encoding="utf-8")
    assert text.startswith(
        "# What a live check found: cloudgauge targets check --live\n"
        "schema_version = 1\n"
        'tool_version = "0.1.0"\n'
        "checked_at = 2026-06-01T12:00:00Z\n"
        'network = "real"\n'
        'vantage = "lab"\n'
        'country = "SG"\n'
        "\n"
        "[[target]]\n"
        'target = "aws/place-0:object-storage"\n'
        'url = "https://place-0.aws.example/"\n'
        "checked = 2026-06-01\n"
        'outcome = "answered"\n'
        "families = 1\n"
        "holds = true\n"
        "\n"
    )


def test_a_file_is_never_written_over_another_and_leaves_nothing_beside_it(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "deep" / "evidence"
    first = write_evidence(folder, EVIDENCE)
    before = first.read_bytes()
    second = write_evidence(folder, evidence_of(silent(TARGETS[0])))
    assert first.name == "evidence-20260601T120000Z.toml"
    assert second.name == "evidence-20260601T120000Z-2.toml"
    assert first.read_bytes() == before
    assert sorted(folder.iterdir()) == sorted([first, second])
    assert [one.findings for one in read_evidence_in(folder, today=TODAY)] == [
        (silent(TARGETS[0]),),
        EVIDENCE.findings,
    ]


def test_no_folder_is_no_evidence(tmp_path: Path) -> None:
    assert read_evidence_in(tmp_path / "nowhere", today=TODAY) == ()
    (tmp_path / "notes.toml").write_text("mine = 1\n")
    assert read_evidence_in(tmp_path, today=TODAY) == ()


def test_a_folder_that_cannot_be_is_the_machines_failure(tmp_path: Path) -> None:
    place = tmp_path / "file"
    place.write_text("")
    with pytest.raises(MachineError, match="evidence cannot be kept there"):
        make_folder(place / "evidence")
    with pytest.raises(MachineError, match="evidence cannot be kept there"):
        write_evidence(place, EVIDENCE)
    # A folder that is there, and takes no file.
    with pytest.raises(MachineError, match=r"^/proc: evidence cannot be written: "):
        write_evidence(Path("/proc"), EVIDENCE)


@pytest.mark.parametrize(
    ("old", "new", "key", "problem"),
    [
        ("schema_version = 1", "schema_version = 2", "schema_version", "want 1, got 2"),
        ("schema_version = 1", "schema_version = true", "schema_version", "whole"),
        ('network = "real"', 'network = "reel"', "network", 'did you mean "real"?'),
        ("12:00:00Z", "12:00:00", "checked_at", "timezone"),
        ("12:00:00Z", "12:00:00+02:00", "checked_at", "want UTC"),
        ("2026-06-01T", "9999-12-31T", "checked_at", "less than"),
        ('vantage = "lab"', 'vantage = "a lab\\u001b"', "vantage", "letters, digits"),
        ('country = "SG"', 'country = "sg"', "country", "two capital letters"),
        ('"SG"', '"SG"\naddress = "203.0.113.1"', "address", "unknown key"),
        ("families = 1", "families = 3", "target[0].families", "less than or equal"),
        ("families = 1", "size_bytes = 5", "target[0].families", "is missing"),
        ("holds = true", "holds = false", "target[0].holds", "if and only if"),
        ("holds = true", 'holds = "true"', "target[0].holds", "true or false"),
        ("holds = true", "status = 99", "target[0].status", "greater than or equal"),
        ('"answered"', '"it was fine"', "target[0].outcome", "a kind of failure"),
        ('"connect-timeout"', '"answered"', "target[2].holds", "if and only if"),
        (
            '"connect-timeout"',
            '"connect-timeout"\nholds = false',
            "target[2].holds",
            "connect-timeout says nothing of a row; leave holds out",
        ),
        ("https://place-0", "http://place-0", "target[0].url", "want https"),
        ("https://place-0", "https://user:pw@place-0", "target[0].url", "no user"),
        ("checked = 2026-06-01", "checked = 2026-06-02", "target[0].checked", "day of"),
        ("status 404", "404\\u001b[31m", "target[1].note", "one line of text"),
        ("place-1:", "place-0:", "target[1].target", "stands already at target[0]"),
    ],
)
def test_what_does_not_fit_is_refused_by_file_and_key(
    tmp_path: Path, old: str, new: str, key: str, problem: str
) -> None:
    assert old in TEXT
    path = written(tmp_path, TEXT.replace(old, new, 1))
    with pytest.raises(ConfigErrors) as caught:
        read_evidence_in(tmp_path, today=TODAY)
    (error,) = caught.value.errors
    assert error.where == f"{path}: {key}"
    assert problem in error.problem


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    text = TEXT.replace("12:00:00Z", "12:00:00+02:00").replace('"answered"', '"fine"')
    with pytest.raises(ConfigErrors) as caught:
        read_evidence(written(tmp_path, text), today=TODAY)
    assert [error.where.rpartition(" ")[2] for error in caught.value.errors] == [
        "checked_at",
        "target[0].outcome",
    ]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"\xff\xfe", "is not UTF-8 text"),
        (b"[[[", "is not TOML"),
        (b"#" * (16 * 1024 * 1024 + 1), "want at most"),
    ],
)
def test_what_is_no_evidence_file_is_refused(
    tmp_path: Path, content: bytes, problem: str
) -> None:
    path = tmp_path / "evidence-odd.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=re.escape(str(path))) as caught:
        read_evidence(path, today=TODAY)
    assert problem in caught.value.problem


def test_a_link_to_nowhere_is_an_error_that_names_the_file(tmp_path: Path) -> None:
    (tmp_path / "evidence-gone.toml").symlink_to(tmp_path / "nowhere")
    with pytest.raises(ConfigError, match=r"evidence-gone\.toml: cannot be read"):
        read_evidence_in(tmp_path, today=TODAY)


def test_evidence_says_which_network_it_is_of(tmp_path: Path) -> None:
    private = evidence_of(found(TARGETS[0]), network=Network.PRIVATE)
    path = write_evidence(tmp_path, private)
    assert read_evidence(path, today=TODAY).network is Network.PRIVATE
    assert private.checked_at == datetime(2026, 6, 1, 12, tzinfo=UTC)


def test_evidence_from_the_future_is_refused_for_it_would_hide_what_comes(
    tmp_path: Path,
) -> None:
    path = write_evidence(tmp_path, EVIDENCE)
    day = EVIDENCE.checked_at.date()
    # Clocks may differ, and midnight may lie between them.
    assert read_evidence(path, today=day - timedelta(days=1)) == EVIDENCE
    with pytest.raises(ConfigErrors) as caught:
        read_evidence(path, today=day - timedelta(days=2))
    assert str(caught.value) == (
        f"{path}: checked_at: lies in the future, today is 2026-05-30; "
        "is a clock wrong?"
    )


def test_the_example_in_the_manual_is_an_evidence_file(tmp_path: Path) -> None:
    manual = (Path(__file__).parents[2] / "targets" / "README.md").read_text()
    blocks = re.findall(r"```toml\n(.*?)```", manual, re.DOTALL)
    (example,) = (block for block in blocks if "checked_at" in block)
    evidence = read_evidence(written(tmp_path, example), today=date.max)
    (finding,) = evidence.findings
    assert (evidence.vantage, finding.size_bytes) == ("office-zurich", 33554432)
