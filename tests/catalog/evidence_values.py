"""Findings, evidence and catalogues of every shape, for tests of what joins them."""

from dataclasses import replace
from datetime import UTC, date, datetime

from hypothesis import strategies as st

from cloudgauge.catalog.evidence import CONTRADICTING, Evidence, Finding, Network
from cloudgauge.catalog.index import Catalog
from cloudgauge.model.sample import FailureKind
from cloudgauge.model.target import Confidence, Target
from tests.fakes.plans import target

DAY = date(2026, 6, 1)
MUTE = sorted(set(FailureKind) - CONTRADICTING)


def row(
    code: str = "place-0",
    *,
    checked: date = date(2026, 1, 1),
    confidence: Confidence = Confidence.PATTERN,
    note: str = "",
) -> Target:
    """A target of the catalogue, its row as well known as is said."""
    made = target("aws", code)
    provenance = replace(
        made.endpoint.provenance, checked=checked, confidence=confidence
    )
    endpoint = replace(made.endpoint, provenance=provenance, note=note, primary=True)
    return replace(made, endpoint=endpoint)


def thing(code: str = "place-0", name: str = "agent") -> Target:
    """An object of the same region."""
    made = row(code)
    url = f"https://{code}.aws.example/agent.rpm"
    return replace(made, endpoint=replace(made.endpoint, service=name, url=url))


def catalog_of(*targets: Target, objects: tuple[Target, ...] = ()) -> Catalog:
    """A catalogue of one primary endpoint a region."""
    return Catalog(
        regions=tuple(one.region for one in targets), targets=targets, objects=objects
    )


def found(
    about: Target,
    *,
    failure: FailureKind | None = None,
    holds: bool | None = True,
    day: date = DAY,
    note: str = "",
) -> Finding:
    """What a check found of a row."""
    return Finding(
        target_id=about.target_id,
        url=about.endpoint.url,
        checked=day,
        failure=failure,
        status=None,
        families=1,
        size_bytes=None,
        holds=holds,
        note=note,
    )


def disappointed(about: Target, day: date = DAY) -> Finding:
    """A row that did not hold."""
    kind = FailureKind.UNEXPECTED_STATUS
    return found(about, failure=kind, holds=False, day=day, note="status 404")


def silent(about: Target, day: date = DAY) -> Finding:
    """A row that could not be reached."""
    return found(about, failure=FailureKind.CONNECT_TIMEOUT, holds=None, day=day)


def evidence_of(
    *findings: Finding, network: Network = Network.REAL, hour: int = 12
) -> Evidence:
    """A check on the day of its findings."""
    day = findings[0].checked if findings else DAY
    return Evidence(
        tool_version="0.1.0",
        checked_at=datetime(day.year, day.month, day.day, hour, tzinfo=UTC),
        network=network,
        vantage="lab",
        country="SG",
        findings=findings,
    )


_LINES = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "Zs"]))
_NOTES = _LINES.filter(lambda text: bool(text.strip()) and text.isprintable())


@st.composite
def findings(draw: st.DrawFn, about: Target, day: date) -> Finding:
    """Anything that a check may find of a row, of this URL or another."""
    holds = draw(st.sampled_from([True, False, None]))
    kinds: dict[bool | None, list[FailureKind | None]] = {
        True: [None],
        False: [*sorted(CONTRADICTING)],
        None: [*MUTE],
    }
    made = found(
        about,
        failure=draw(st.sampled_from(kinds[holds])),
        holds=holds,
        day=day,
        note=draw(st.just("") | _NOTES),
    )
    sizes = st.none() | st.integers(0, 2**63 - 1)
    urls = st.sampled_from([about.endpoint.url, "https://elsewhere.example/"])
    return replace(made, size_bytes=draw(sizes), url=draw(urls))


@st.composite
def checks(draw: st.DrawFn, targets: tuple[Target, ...]) -> Evidence:
    """Anything that a check may find of some of the rows."""
    day = draw(st.dates(date(2025, 1, 1), date(2027, 1, 1)))
    about = draw(st.lists(st.sampled_from(targets), unique=True))
    made = evidence_of(
        *(draw(findings(one, day)) for one in about),
        network=draw(st.sampled_from(Network)),
        hour=draw(st.integers(0, 23)),
    )
    at = datetime(day.year, day.month, day.day, made.checked_at.hour, tzinfo=UTC)
    country = draw(st.sampled_from([None, "SG"]))
    return replace(made, checked_at=at, country=country)
