import json
from pathlib import Path

import pytest
import typer

from cloudgauge.cli.output import Format, Output, exit_codes, tell
from cloudgauge.errors import (
    CloudgaugeError,
    ConfigError,
    ConfigErrors,
    LimitExceeded,
    MachineError,
    StoreError,
    WorldError,
)
from cloudgauge.report.document import Column, Document, Scale, Table

DOCUMENT = Document(
    kind="example",
    title="One \x1b[31mregion",
    tables=(
        Table(
            name="regions",
            title="Regions",
            columns=(
                Column(name="region", label="region"),
                Column(name="p50_ms", label="p50", scale=Scale.MILLISECONDS),
            ),
            rows=(("aws/\u202eeu-west-1", 12.5), ("gcp/x", None)),
        ),
    ),
    notes=("one failed",),
    provenance=("set abc",),
)


def test_a_table_away_from_a_terminal_is_plain_and_harmless(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Output().show(DOCUMENT)
    assert capsys.readouterr().out == (
        "One \\x1b[31mregion\n"
        "Regions\n"
        "\n"
        "                       p50\n"
        " region                 ms\n"
        " ─────────────────────────\n"
        " aws/\\u202eeu-west-1  12.5\n"
        " gcp/x                   -\n"
        "\n"
        "note: one failed\n"
        "set abc\n"
    )


@pytest.mark.parametrize("chosen", list(Format))
def test_every_format_goes_to_the_file_that_was_asked_for(
    chosen: Format, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "answer"
    Output(format=chosen, path=path).show(DOCUMENT)
    text = path.read_text(encoding="utf-8")
    assert "12.5" in text
    assert "\x1b" not in text
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err == f"wrote {path}\n"


def test_json_is_json(capsys: pytest.CaptureFixture[str]) -> None:
    Output(format=Format.JSON).show(DOCUMENT)
    assert json.loads(capsys.readouterr().out)["kind"] == "example"


def test_a_file_that_cannot_be_written_is_the_machines_fault(tmp_path: Path) -> None:
    path = tmp_path / "none" / "answer"
    with pytest.raises(MachineError, match="cannot be written: No such file"):
        Output(path=path).show(DOCUMENT)


def test_quiet_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    Output(quiet=True).say("hello")
    Output().say("hello")
    assert capsys.readouterr().err == "hello\n"


def test_what_is_told_cannot_steer_a_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    tell("a\x1b[2J\nb")
    assert capsys.readouterr().err == "a\\x1b[2J\nb\n"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConfigError("plan.toml: seed", "want a number"), 2),
        (LimitExceeded("requests", "too many"), 2),
        (StoreError("results/x", "is corrupt"), 5),
        (MachineError("disk full"), 74),
        (WorldError("no /dev/net/tun"), 74),
    ],
)
def test_each_error_has_its_message_and_exit_code(
    error: CloudgaugeError, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(typer.Exit) as stopped, exit_codes():
        raise error
    assert stopped.value.exit_code == code
    assert capsys.readouterr().err == f"cloudgauge: {error}\n"


def test_several_mistakes_are_told_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    both = ConfigErrors((ConfigError("a: x", "is missing"), ConfigError("a: y", "no")))
    with pytest.raises(typer.Exit), exit_codes():
        raise both
    assert capsys.readouterr().err == "cloudgauge: a: x: is missing\na: y: no\n"
