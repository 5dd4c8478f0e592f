"""One page that tells everything of result sets: as HTML, or as Markdown."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from cloudgauge import __version__
from cloudgauge.errors import ConfigError, MachineError
from cloudgauge.report.page import Page, Part, Points, Section, Words
from cloudgauge.workflow.new_file import new_file
from cloudgauge.workflow.reporting_answer import answer_parts, lead_of
from cloudgauge.workflow.reporting_figures import (
    course_pictures,
    distribution_pictures,
    heat_pictures,
    map_pictures,
    pair_pictures,
    rank_pictures,
    throughput_pictures,
)
from cloudgauge.workflow.reporting_glossary import glossary_parts
from cloudgauge.workflow.reporting_origin import (
    asked_parts,
    caveat_parts,
    repeat_parts,
)
from cloudgauge.workflow.reporting_sources import Sources, Tell, joined_words
from cloudgauge.workflow.reporting_tables import (
    failure_table,
    latency_tables,
    ranking_tables,
    throughput_table,
)
from cloudgauge.workflow.results import Results
from cloudgauge.workflow.standing_notes import burst_note, sets_doubts
from cloudgauge.workflow.throughput_view import NO_TARGET


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRequest:
    """What is to be written.

    Attributes:
        path: The file to make.
        as_markdown: Markdown, with the pictures in words, in place of HTML.
        overwrite: What is there may be replaced.
        weights: Of the vantages; None for all alike.
    """

    path: Path
    as_markdown: bool = False
    overwrite: bool = False
    weights: Mapping[str, float] | None = None


def write_report(results: Results, request: ReportRequest, *, tell: Tell) -> int:
    """Write the page of result sets.

    Args:
        results: Of any number of vantages.
        request: Where, and how.
        tell: Is told what is being done, for who waits.

    Returns:
        How many bytes it has.

    Raises:
        ConfigError: There is such a file already, or the weights do not fit.
        StoreError: A set cannot be read, or they do not fit together.
        MachineError: The extra is missing, or the file cannot be written.
    """
    check_ready(request)
    with ThreadPoolExecutor(max_workers=1) as beside:
        # A second of the other core's, while this one reads and ranks.
        prepared = beside.submit(_prepare, as_markdown=request.as_markdown)
        page = report_page(results, weights=request.weights, tell=tell)
        prepared.result()
    tell("writing")
    text = _written(page, as_markdown=request.as_markdown).encode()
    with new_file(request.path, overwrite=request.overwrite) as file:
        file.write(text)
    return len(text)


def check_ready(request: ReportRequest) -> None:
    """Refuse what cannot end well, before anything is read.

    Raises:
        ConfigError: There is a file of that name, and it is not to be replaced.
        MachineError: Its folder is none that can be written to, or the extra is
            missing.
    """
    if request.path.exists() and not request.overwrite:
        raise _taken(request.path)
    if not request.path.parent.is_dir():
        msg = f"{request.path}: cannot be written: {request.path.parent} is no folder"
        raise MachineError(msg)
    # Loading it is what finds out: pictures are put into words by who draws them.
    import cloudgauge.report.figures.vega  # noqa: PLC0415, F401  see above

    if not request.as_markdown:
        from cloudgauge.report.page_html import check_extra  # noqa: PLC0415  see above

        check_extra()


def _taken(path: Path) -> ConfigError:
    problem = "is there already; choose another name, or say --force"
    return ConfigError(str(path), problem)


def _prepare(*, as_markdown: bool) -> None:
    if not as_markdown:
        from cloudgauge.report.page_html import prepare  # noqa: PLC0415  an extra

        prepare()


def _written(page: Page, *, as_markdown: bool) -> str:
    if as_markdown:
        from cloudgauge.report.page_markdown import to_markdown  # noqa: PLC0415  HTML's way loads an extra

        return to_markdown(page)
    from cloudgauge.report.page_html import to_page  # noqa: PLC0415  see above

    return to_page(page, version=__version__)


def report_page(
    results: Results,
    *,
    weights: Mapping[str, float] | None = None,
    tell: Tell = lambda _: None,
) -> Page:
    """Everything that is told of result sets, before it has a format.

    Args:
        results: Of any number of vantages.
        weights: Of the vantages; None for all alike.
        tell: Is told what is being done, for who waits.

    Raises:
        ConfigError: The weights do not fit.
        StoreError: A set cannot be read, or they do not fit together.
        MachineError: What pictures stand on is not installed.
    """
    sources = Sources.of(results, weights=weights, tell=tell)
    tell("drawing")
    return Page(
        title=_title(sources),
        lead=lead_of(sources),
        warnings=_warnings(results, sources),
        vantages=sources.choices,
        sections=tuple(_sections(sources)),
    )


def _title(sources: Sources) -> str:
    plans = [one.result.manifest.plan for one in sources.sets]
    questions = list(dict.fromkeys(plan.question for plan in plans if plan.question))
    if len(questions) == 1:
        return questions[0]
    return f"Cloud regions: {joined_words(plan.name for plan in plans)}"


def _warnings(results: Results, sources: Sources) -> tuple[str, ...]:
    found = sources.rankings
    bursts = (
        [one.is_burst for group in found.groups for one in group.rankings]
        if found
        else []
    )
    return (*sets_doubts(results.sets), *burst_note(bursts))


def _sections(sources: Sources) -> Iterator[Section]:
    parts: tuple[tuple[str, str, Iterator[Part]], ...] = (
        ("answer", "The short answer", answer_parts(sources)),
        ("asked", "What was asked, and from where", asked_parts(sources)),
        ("map", "On the map", map_pictures(sources)),
        ("ranking", "Ranking", _ranking(sources)),
        ("pairs", "Pair by pair", pair_pictures(sources)),
        ("vantages", "Vantage by vantage", heat_pictures(sources)),
        ("distributions", "Distributions", _distributions(sources)),
        ("time", "Over time", course_pictures(sources)),
        ("failures", "Failures", _failures(sources)),
        ("throughput", "Throughput", _throughput(sources)),
        ("caveats", "How far to trust it", caveat_parts(sources)),
        ("repeat", "How to repeat it", repeat_parts(sources)),
        ("glossary", "Words and methods", glossary_parts()),
    )
    for name, title, made in parts:
        held = tuple(made)
        if held:
            yield Section(name=name, title=title, parts=held)


def _ranking(sources: Sources) -> Iterator[Part]:
    found = sources.rankings
    if found is None:
        yield Words(lines=(f"No ranking: {sources.why_not}.",))
        return
    yield from rank_pictures(sources)
    yield from ranking_tables(sources, found)


def _distributions(sources: Sources) -> Iterator[Part]:
    yield from distribution_pictures(sources)
    yield from latency_tables(sources)


def _failures(sources: Sources) -> Iterator[Part]:
    table = failure_table(sources)
    if table is None:
        seen = any(one.result.manifest.counts.samples for one in sources.sets)
        why = "Nothing failed." if seen else "There is no sample, so nothing failed."
        yield Words(lines=(why,))
        return
    yield table


def _throughput(sources: Sources) -> Iterator[Part]:
    table = throughput_table(sources)
    if table is None:
        yield Words(lines=(f"Nothing was downloaded: {NO_TARGET} in any plan.",))
        return
    yield from throughput_pictures(sources)
    yield table
    yield Points(
        lines=tuple(
            note for note in sources.shown.notes if note.startswith(("rate:", "added:"))
        )
    )
