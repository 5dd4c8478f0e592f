"""Where rows say they come from: sources that are missing, rules that do not fit."""

from collections.abc import Iterable, Iterator

from cloudgauge.catalog.files import ReadFile, price_rows
from cloudgauge.catalog.gathered import GatheredRows, host_of
from cloudgauge.catalog.keys import is_slug
from cloudgauge.catalog.rows import EndpointRow, ObjectRow, RuleRow
from cloudgauge.errors import ConfigError
from cloudgauge.model.target import Confidence
from cloudgauge.settings.toml_file import nearest


def bad_rules(rows: GatheredRows) -> Iterator[ConfigError]:
    """Find rows whose rule is missing, is unknown or says otherwise."""
    for place, row, table in rows.hosted:
        if row.rule is None:
            if row.confidence is Confidence.PATTERN:
                what = _named(row)
                problem = f"{what} known by its pattern alone must name its rule"
                yield ConfigError(place.key("rule"), problem)
            continue
        rule = table.rules.get(row.rule)
        if rule is None:
            yield ConfigError(place.key("rule"), _no_key("rule", row.rule, table.rules))
            continue
        if isinstance(row, ObjectRow) and rule.url is None:
            problem = f'want a rule of a whole url; "{row.rule}" is of a host alone'
            yield ConfigError(place.key("rule"), problem)
        elif problem := _broken_rule(row, rule):
            yield ConfigError(place.key("url"), problem)
        # High and low are what a live check makes of a pattern.
        if not row.source and row.confidence is Confidence.MEDIUM:
            problem = (
                f'want "pattern", or what a live check found, got "{row.confidence}": '
                f'nothing but rule "{row.rule}" speaks for it'
            )
            yield ConfigError(place.key("confidence"), problem)


def bad_sources(rows: GatheredRows) -> Iterator[ConfigError]:
    """Find rows without a source, and keys of sources that are not there."""
    cited = [(place, row.source, table, False) for place, row, table in rows.regions]
    cited += [
        (place, row.source, table, row.rule is not None)
        for place, row, table in rows.hosted
    ]
    cited += [(place, row.source, table, False) for place, row, table in rows.prices]
    for place, sources, table, has_rule in cited:
        if not sources and not has_rule:
            yield ConfigError(place.key("source"), "want at least one source")
        for index, source in enumerate(sources):
            if is_slug(source) and source not in table.sources:
                problem = _no_key("source", source, table.sources)
                yield ConfigError(place.key(f"source[{index}]"), problem)


def unused_keys(file: ReadFile) -> Iterator[ConfigError]:
    """Find sources and rules that nothing in their file needs."""
    if file.table is None:
        return
    table = file.table
    cited = {source for row in table.region for source in row.source}
    cited |= {source for row in table.endpoint for source in row.source}
    cited |= {source for row in table.object for source in row.source}
    cited |= {source for _, row, _ in price_rows((file,)) for source in row.source}
    for key in table.sources:
        if key not in cited:
            yield ConfigError(f"{file.where}: sources.{key}", "no row cites it")
    followed = {row.rule for row in table.endpoint}
    followed |= {row.rule for row in table.object}
    for key in table.rules:
        if key not in followed:
            yield ConfigError(f"{file.where}: rules.{key}", "no row follows it")


def _no_key(word: str, name: str, known: Iterable[str]) -> str:
    meant = nearest(name, known)
    hint = f'; did you mean "{meant}"?' if meant else ""
    return f'no {word} "{name}" in [{word}s] of this file{hint}'


def _broken_rule(row: EndpointRow | ObjectRow, rule: RuleRow) -> str:
    """How the row's URL differs from its rule; "" if it does not."""
    wanted = rule.template.replace("{code}", row.region.partition("/")[2])
    what, found = ("host", host_of(row)) if rule.url is None else ("url", row.url)
    if found == wanted:
        return ""
    return f'want the {what} "{wanted}" by rule "{row.rule}", got "{found}"'


def _named(row: EndpointRow | ObjectRow) -> str:
    return "an object" if isinstance(row, ObjectRow) else "a host"
