"""Where a report comes from, what to beware of, and how to do it all again."""

import shlex
from collections.abc import Iterator

from cloudgauge.model.plan import Plan
from cloudgauge.model.quantity import format_byte_count, format_duration
from cloudgauge.model.run import RunInfo
from cloudgauge.model.target import Selection
from cloudgauge.planning.files import PlanSettings, write_plan
from cloudgauge.report.document import Cell, Column, Scale, Table
from cloudgauge.report.page import Code, Facts, PageTable, Part, Points, Words
from cloudgauge.store.checksums import read_checksums
from cloudgauge.workflow.reporting_sources import Sources, counted, joined_words
from cloudgauge.workflow.reporting_tables import runs_table

_UNKNOWN = "not known"
_NO_QUESTION = "nobody said; regions by the kernel's connect round trip"


def asked_parts(sources: Sources) -> Iterator[Part]:
    """What was asked, from where, when and with what."""
    runs = [one.run for one in sources.sets]
    plans = [one.result.manifest.plan for one in sources.sets]
    yield Facts(
        pairs=(
            ("question", joined_words(p.question or _NO_QUESTION for p in plans)),
            ("plan", joined_words(map(_plan_text, plans))),
            ("plan hash", joined_words(run.plan_hash for run in runs)),
            ("seed", joined_words(plan.seed for plan in plans)),
            ("cloudgauge", joined_words(run.tool_version for run in runs)),
            ("Python", joined_words(run.environment.python for run in runs)),
            ("system", joined_words(_system(run) for run in runs)),
            ("event loop", joined_words(run.environment.event_loop for run in runs)),
            ("calibration", joined_words(_calibration(run) for run in runs)),
            ("network", joined_words(_network(run) for run in runs)),
        )
    )
    yield _vantage_table(sources)
    yield runs_table(sources)


def _plan_text(plan: Plan) -> str:
    what = []
    if plan.targets:
        what.append(
            f"{counted(len(plan.targets), 'target')}, "
            f"{counted(plan.probe.warm_requests, 'warm request')} a visit, "
            f"{counted(len(plan.controls), 'A/A control')}"
        )
    if plan.download is not None:
        streams = " and ".join(map(str, plan.download.streams))
        what.append(
            f"{counted(len(plan.objects), 'object')} over {streams} streams for "
            f"at most {format_duration(plan.download.transfer_ns)} or "
            f"{format_byte_count(plan.download.transfer_bytes)}"
        )
    return (
        f"{plan.name}: {'; '.join(what)}; {counted(plan.pacing.rounds, 'round')} of "
        f"{format_duration(plan.round_span_ns)}"
    )


def _system(run: RunInfo) -> str:
    here = run.environment
    return f"{here.system}, {here.machine}, {here.cpu_count} processors"


def _calibration(run: RunInfo) -> str:
    return "none of this machine" if run.calibration is None else "yes, see ± columns"


def _network(run: RunInfo) -> str:
    if run.imported is not None:
        return f"imported: {run.imported.measured}"
    if run.simulation is None:
        return "the real one"
    return f"private ({run.simulation.means}, scenario {run.simulation.scenario})"


def _vantage_table(sources: Sources) -> PageTable:
    known = {one.run.vantage.name: one.run.vantage for one in sources.sets}
    rows: list[tuple[Cell, ...]] = [
        (
            one.name,
            one.city,
            one.country,
            one.latitude_deg,
            one.longitude_deg,
            one.network_type,
            None if one.asn is None else str(one.asn),
            one.cloud_region,
        )
        for _, one in sorted(known.items())
    ]
    return PageTable(
        table=Table(
            name="vantages",
            title="",
            columns=(
                Column(name="vantage", label="vantage"),
                Column(name="city", label="city"),
                Column(name="country", label="country"),
                Column(name="latitude_deg", label="latitude °", scale=Scale.PLAIN),
                Column(name="longitude_deg", label="longitude °", scale=Scale.PLAIN),
                Column(name="network", label="network"),
                Column(name="asn", label="AS"),
                Column(name="cloud_region", label="cloud region"),
            ),
            rows=tuple(rows),
        ),
        caption='Vantages; "-" is what nobody said, never guessed',
        head="vantage",
    )


def caveat_parts(sources: Sources) -> Iterator[Part]:
    """What to beware of, from `show` and from `rank`."""
    yield Words(
        lines=(
            "Judged when this page was written, from the samples; what weighs most "
            "stands first.",
        )
    )
    yield Points(lines=sources.shown.notes)
    if sources.ranked is not None:
        more = [
            note for note in sources.ranked.notes if note not in sources.shown.notes
        ]
        yield Points(lines=tuple(more))


def repeat_parts(sources: Sources) -> Iterator[Part]:
    """Commands, hashes and plans to check this and to do it again."""
    # Paths are whose page it is; names are in every copy of a set.
    folders = [shlex.quote(one.result.folder.name) for one in sources.sets]
    many = " ".join(folders)
    lines = [f"cloudgauge verify {many}"]
    lines.append(f"cloudgauge rerun {folders[0]} --vantage HERE")
    if sources.rankings is not None:
        lines.append(f"cloudgauge rank {many}")
    lines.append(f"cloudgauge report {many} -o report.html")
    yield Code(
        label="Where the result sets are: check them, measure again, write this page",
        text="\n".join(lines),
    )
    yield _hash_table(sources)
    for plan_hash, plan in _plans(sources).items():
        text = _plan_file(plan)
        if text is None:
            told = f"Plan {plan.name} cannot be written as a file; rerun needs none."
            yield Words(lines=(told,))
        else:
            yield Code(
                label=f"Plan {plan.name}, {plan_hash[:8]}, as a file",
                text=text,
                folded=True,
            )


def _plans(sources: Sources) -> dict[str, Plan]:
    return {one.run.plan_hash: one.result.manifest.plan for one in sources.sets}


def _plan_file(plan: Plan) -> str | None:
    """A plan file that asks the same of the same catalogue; None where none can."""
    regions = dict.fromkeys(
        (
            *(one.region.region_id for one in (*plan.targets, *plan.objects)),
            *plan.objectless,
        )
    )
    try:
        settings = PlanSettings(
            name=plan.name,
            question=plan.question,
            seed=plan.seed,
            rounds=plan.pacing.rounds,
            round_ns=plan.pacing.round_ns,
            jitter=plan.pacing.jitter,
            controls=plan.controls,
            selection=Selection(regions=tuple(regions)),
            probe=plan.probe if plan.targets else None,
            ceilings=plan.ceilings,
            download=plan.download,
        )
    except ValueError:
        # An imported plan has the name of its source, which need be no slug.
        return None
    return write_plan(settings)


def _hash_table(sources: Sources) -> PageTable:
    """What names each set's bytes; a run that still writes has no hashes yet."""
    rows: list[tuple[Cell, ...]] = [
        (name, sha256, one.result.folder.name)
        for one in sources.sets
        if not one.result.alive
        for name, sha256 in read_checksums(one.result.folder).items()
    ]
    return PageTable(
        table=Table(
            name="hashes",
            title="",
            columns=(
                Column(name="file", label="file"),
                Column(name="sha256", label="SHA-256"),
                Column(name="set", label="set"),
            ),
            rows=tuple(rows),
        ),
        caption="Files and their hashes, as they were sealed",
        head="file",
    )
