from pathlib import Path

import pytest

from tests.catalog.target_files import (
    TomlValue,
    download,
    egress,
    endpoint,
    read,
    region,
)

RULE = '[rules.usual]\nhost = "{host}"\nsays = "so"\nsource = "a page"\n'


def problems(folder: Path, *tables: str) -> list[str]:
    return [
        f"{error.where.partition(': ')[2]}: {error.problem}"
        for error in read(folder, *tables).errors
    ]


def test_a_file_in_the_schema_has_no_errors(tmp_path: Path) -> None:
    rule = RULE.replace("{host}", "storage.{code}.example.net")
    file = read(tmp_path, rule, region(), endpoint(rule="usual"))
    assert file.errors == ()
    assert file.table is not None
    assert file.table.region[0].zones is None
    assert file.table.endpoint[0].expect == ()


@pytest.mark.parametrize(
    ("key", "value", "problem"),
    [
        ("id", "rotterdam", 'want provider/code such as "aws/eu-west-1", got'),
        ("id", "acme/", 'want provider/code such as "aws/eu-west-1", got "acme/"'),
        ("id", "acme/a/b", 'want provider/code such as "aws/eu-west-1", got'),
        ("id", None, "is missing"),
        ("name", "", "want one line of text, got ''"),
        ("name", "a\nb", r"want one line of text, got 'a\nb'"),
        ("city", "\x1b[31mred", r"want one line of text, got '\x1b[31mred'"),
        ("city", "a\u202eb", r"want one line of text, got 'a\u202eb'"),
        ("country", "NLD", 'want two capital letters of ISO 3166-1, got "NLD"'),
        ("country", "nl", 'want two capital letters of ISO 3166-1, got "nl"'),
        ("latitude", 90.5, "input should be less than or equal to 90, got 90.5"),
        ("latitude", -91, "input should be greater than or equal to -90, got -91"),
        ("longitude", 181, "input should be less than or equal to 180, got 181"),
        ("longitude", "4.48", 'input should be a valid number, got "4.48"'),
        (
            "partition",
            "goverment",
            'want "public", "china", "government" or "sovereign", got "goverment"; '
            'did you mean "government"?',
        ),
        ("status", "closed", 'want "open", "opt-in", "restricted", "separate"'),
        ("uncertainty_km", 0, "input should be greater than 0, got 0"),
        ("uncertainty_km", 20001, "input should be less than or equal to 20000"),
        ("zones", -1, "input should be greater than or equal to 0, got -1"),
        ("on_by_default", "yes", 'want true or false, got "yes"'),
        (
            "confidence",
            "pattern",
            'want "high", "medium" or "low": only a host can follow a pattern',
        ),
        ("source", "a page", 'want a list, got "a page"'),
        ("checked", 5, "want a date such as 2026-11-22, got 5"),
        ("note", "a\nb", r"want one line of text, got 'a\nb'"),
        ("latitude_deg", 5.0, "unknown key; want one of checked, city, confidence"),
    ],
)
def test_a_region_that_does_not_fit_is_told_by_key(
    tmp_path: Path, key: str, value: TomlValue, problem: str
) -> None:
    (found,) = problems(tmp_path, region(**{key: value}))
    assert found.startswith(f"region[0].{key}: {problem}")


@pytest.mark.parametrize(
    ("key", "value", "problem"),
    [
        ("region", "Acme/x", 'want provider/code such as "aws/eu-west-1", got'),
        ("service", "Object Storage", "want lower-case letters, digits and hyphens"),
        ("url", "http://a.example/", 'want https, got "http://a.example/"'),
        ("url", "udp://a.example:7770", 'want https, got "udp://a.example:7770"'),
        ("url", "https://", "want a url with a host and, if any, a port below 65536"),
        ("url", "https://[::1/", "want a url with a host and, if any, a port below"),
        ("url", "https://a.example:99999/", "want a url with a host and, if any"),
        ("url", "https://a.example:0/", "want a url with a host and, if any"),
        ("url", "https://me@a.example/", "want no user, password or fragment"),
        ("url", "https://:pw@a.example/", "want no user, password or fragment"),
        ("url", "https://a.example/#", "want no user, password or fragment"),
        ("url", "https://a.example/a b", "want a url of printable ASCII without"),
        ("url", "https://a.example/\r\nX: y", "want a url of printable ASCII"),
        ("url", "https://ä.example/", "want a url of printable ASCII"),
        ("expect", [99], "input should be greater than or equal to 100, got 99"),
        ("expect", [600], "input should be less than or equal to 599, got 600"),
        ("expect", ["403"], 'input should be a valid integer, got "403"'),
        (
            "reach",
            "in-regoin",
            'want "in-region", "edge" or "unknown", got "in-regoin"; '
            'did you mean "in-region"?',
        ),
        ("primary", 1, "want true or false, got 1"),
        ("confidence", "sure", 'want "high", "medium", "low" or "pattern", got'),
        ("rule", "A rule", "want lower-case letters, digits and hyphens, got"),
        ("reech", "edge", "unknown key; want one of"),
    ],
)
def test_an_endpoint_that_does_not_fit_is_told_by_key(
    tmp_path: Path, key: str, value: TomlValue, problem: str
) -> None:
    (found,) = problems(tmp_path, region(), endpoint(**{key: value}))
    assert found.partition("[0]")[0] == "endpoint"
    assert found.partition("]")[2].partition("[")[0].startswith(f".{key}")
    assert problem in found


@pytest.mark.parametrize(
    ("key", "value", "problem"),
    [
        ("region", "rotterdam-1", 'want provider/code such as "aws/eu-west-1", got'),
        ("name", "The Agent", "want lower-case letters, digits and hyphens, got"),
        ("url", "http://a.example/x", 'want https, got "http://a.example/x"'),
        ("url", "ftp://a.example/x", 'want https, got "ftp://a.example/x"'),
        ("reach", "egde", 'want "in-region", "edge" or "unknown", got "egde"; did'),
        ("primary", "yes", 'want true or false, got "yes"'),
        ("confidence", "sure", 'want "high", "medium", "low" or "pattern", got'),
        ("checked", None, "is missing"),
        ("expect", [200], "unknown key; want one of checked, confidence, name, note"),
        ("size", "30 MB", "unknown key; want one of"),
    ],
)
def test_an_object_that_does_not_fit_is_told_by_key(
    tmp_path: Path, key: str, value: TomlValue, problem: str
) -> None:
    (found,) = problems(tmp_path, region(), endpoint(), download(**{key: value}))
    assert found.startswith(f"object[0].{key}: {problem}")


@pytest.mark.parametrize(
    ("key", "value", "problem"),
    [
        ("regions", [], "want at least one region"),
        ("regions", ["x"], 'want provider/code such as "aws/eu-west-1", got "x"'),
        ("destination", "other-region", 'want "internet", got "other-region"'),
        ("route", "BGP line", "want lower-case letters, digits and hyphens, got"),
        ("by_default", None, "is missing"),
        ("tier_start", -1, "input should be greater than or equal to 0, got -1"),
        ("tier_end", 0, "input should be greater than 0, got 0"),
        ("tier_end", 1.5, "input should be a valid integer"),
        (
            "price",
            0.09,
            'want an exact price as a string such as "0.09", got 0.09',
        ),
        ("price", "free", 'want an exact price as a string such as "0.09", got "free"'),
        ("currency", "usd", 'want three capital letters of ISO 4217, got "usd"'),
        ("unit", "TB", 'want "GB" or "GiB", got "TB"'),
        ("dated", None, "is missing"),
        ("confidence", "pattern", 'want "high", "medium" or "low": only a host can'),
        ("prize", "0.09", "unknown key; want one of"),
    ],
)
def test_a_price_that_does_not_fit_is_told_by_key(
    tmp_path: Path, key: str, value: TomlValue, problem: str
) -> None:
    (found,) = problems(tmp_path, region(), endpoint(), egress(**{key: value}))
    where, _, said = found.partition(": ")
    assert where.removesuffix("[0]") == f"egress[0].{key}"
    assert said.startswith(problem)


def test_a_rule_is_of_a_host_or_of_a_url(tmp_path: Path) -> None:
    for keys in ("", 'host = "a-{code}.net"\nurl = "https://a-{code}.net/x"\n'):
        text = f'[rules.usual]\nsays = "so"\nsource = "a page"\n{keys}'
        (found,) = problems(tmp_path, text)
        assert found == "rules.usual: want a host or a url, one of the two"


@pytest.mark.parametrize("value", ["nan", "inf", "-inf"])
def test_a_coordinate_is_a_number(tmp_path: Path, value: str) -> None:
    text = region().replace("51.92", value)
    (found,) = problems(tmp_path, text)
    assert found.startswith("region[0].latitude: input should be")


def test_a_date_is_a_date_and_no_time(tmp_path: Path) -> None:
    text = region().replace("2026-11-22", "2026-11-22T10:00:00Z")
    (found,) = problems(tmp_path, text)
    assert found.startswith("region[0].checked: ")


@pytest.mark.parametrize(
    "host", ["storage.example.net", "{code}..example", "{code}.ex ample", "{Code}.net"]
)
def test_a_rule_builds_a_host_from_a_code(tmp_path: Path, host: str) -> None:
    (found,) = problems(tmp_path, RULE.replace("{host}", host))
    assert found == f'rules.usual.host: want a host with "{{code}}" in it, got "{host}"'


def test_a_key_of_a_source_is_a_slug(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, '[sources]\nBig = "a page"\n')
    assert "want lower-case letters, digits and hyphens" in found


def test_an_unknown_table_is_told(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, '[[regions]]\nid = "acme/x"\n')
    assert found == (
        "regions: unknown key; want one of allowance, egress, endpoint, ipv4, machine, "
        'object, region, rules, sources, transfer; did you mean "region"?'
    )


def test_all_that_is_wrong_with_a_file_is_told_at_once(tmp_path: Path) -> None:
    found = problems(
        tmp_path, region(latitude=99, city=None), endpoint(url="ftp://a", colour=1)
    )
    assert [line.partition(":")[0] for line in found] == [
        "region[0].city",
        "region[0].latitude",
        "endpoint[0].url",
        "endpoint[0].colour",
    ]
