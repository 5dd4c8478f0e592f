"""From what a person asks to a plan that may be sent; and what it would send."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from cloudgauge.catalog.index import Catalog
from cloudgauge.catalog.loader import load_catalog
from cloudgauge.catalog.prices import load_egress_prices
from cloudgauge.errors import ConfigError, MachineError
from cloudgauge.model.plan import Plan
from cloudgauge.model.quantity import format_duration
from cloudgauge.model.target import Selection
from cloudgauge.planning.design import make_plan
from cloudgauge.planning.files import PlanSettings, parse_plan, write_plan
from cloudgauge.planning.limits import check_limits
from cloudgauge.report.document import Column, Document, Scale, Table
from cloudgauge.settings.toml_file import nearest, read_text
from cloudgauge.workflow.choosing import by_option, in_plan_file
from cloudgauge.workflow.plan_changes import NO_CHANGES, PlanChanges, changed
from cloudgauge.workflow.plan_view import plan_document

__all__ = [
    "NO_CHANGES",
    "PlanChanges",
    "PlanRequest",
    "list_plans",
    "load_plan_settings",
    "new_plan",
    "plan_for_run",
    "save_plan",
    "settings_for",
    "show_plan",
]

# What a run measures that was told nothing else.
DEFAULT_PLAN = "world"
_NAME_LIMIT = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRequest:
    """What a person asks to be measured.

    Attributes:
        plan: Path of a plan file or name of a shipped plan; None for a selection.
        selection: Which targets; choosing nothing away, with no plan, means
            the shipped plan `DEFAULT_PLAN`.
        target_files: Target files of the user's own.
    """

    plan: str | None = None
    selection: Selection = Selection()  # noqa: RUF009  a frozen value
    changes: PlanChanges = NO_CHANGES
    target_files: tuple[Path, ...] = ()


def plan_for_run(request: PlanRequest) -> Plan:
    """Make the plan that a request asks for, and check it against its ceilings.

    Raises:
        ConfigError: A file, a name or a value is wrong.
        LimitExceeded: The plan would pass a ceiling; nothing was sent.
    """
    return _checked_plan(settings_for(request), request)


def settings_for(request: PlanRequest) -> PlanSettings:
    """Join a plan file, or a selection, with what the options say over it.

    Raises:
        ConfigError: Both a plan and a selection were given, or one is wrong.
    """
    chosen = request.selection
    if request.plan is not None and chosen != Selection():
        where = f"plan {request.plan}"
        raise ConfigError(where, "has a selection of its own; give one or the other")
    if request.plan is not None or chosen == Selection():
        settings = load_plan_settings(request.plan or DEFAULT_PLAN)
    else:
        settings = PlanSettings(name=_name_of(chosen), selection=chosen)
    return changed(settings, request.changes)


def load_plan_settings(name_or_path: str) -> PlanSettings:
    """Read a plan file, or the shipped plan of that name.

    What has a separator or ends in ``.toml`` is a path; so is the name of a file
    that exists.

    Raises:
        ConfigError: The file is wrong, or there is no such plan.
    """
    where, file = _plan_file(name_or_path)
    # A shipped plan may stand in an archive, which has no paths.
    text = read_text(file) if isinstance(file, Path) else file.read_text("utf-8")
    return parse_plan(text, where)


def list_plans() -> Document:
    """List the shipped plans, what each asks and how much it sends."""
    catalog = load_catalog()
    settings = [_read_shipped(file) for _, file in _shipped()]
    plans = [_plan_of(one, catalog) for one in settings]
    return Document(
        kind="plan-list",
        title=f"{len(plans)} plans; run one with: cloudgauge run NAME",
        tables=(
            Table(
                name="plans",
                title="",
                columns=(
                    Column(name="name", label="name"),
                    Column(name="question", label="question"),
                    Column(name="targets", label="targets", scale=Scale.COUNT),
                    Column(name="objects", label="objects", scale=Scale.COUNT),
                    Column(name="rounds", label="rounds", scale=Scale.COUNT),
                    Column(name="duration", label="takes"),
                ),
                rows=tuple(
                    (
                        plan.name,
                        plan.question,
                        len(plan.targets),
                        len(plan.objects),
                        plan.pacing.rounds,
                        format_duration(plan.duration_ns),
                    )
                    for plan in plans
                ),
            ),
        ),
    )


def show_plan(request: PlanRequest) -> Document:
    """Say what a plan would send, before a packet leaves.

    Raises:
        ConfigError: A file, a name or a value is wrong.
        LimitExceeded: The plan would pass a ceiling.
    """
    plan = plan_for_run(request)
    return plan_document(plan, load_egress_prices(request.target_files).prices)


def new_plan(request: PlanRequest, *, name: str | None, question: str) -> str:
    """Write a plan file for a request; it has been checked against its ceilings.

    Args:
        request: What is to be measured.
        name: Of the plan; None to name it after its selection.
        question: What the plan is to answer; "" keeps what there is.

    Returns:
        TOML, which `load_plan_settings` reads back.

    Raises:
        ConfigError: A file, a name or a value is wrong.
        LimitExceeded: The plan would pass a ceiling.
    """
    asked = settings_for(request)
    try:
        settings = replace(
            asked, name=name or asked.name, question=question or asked.question
        )
    except ValueError as exc:
        where = "plan new"
        raise ConfigError(where, str(exc)) from exc
    _checked_plan(settings, request)
    return write_plan(settings)


def save_plan(text: str, path: Path) -> None:
    """Write a plan file, never over one that is there.

    Raises:
        ConfigError: There is a file of that name.
        MachineError: It cannot be written.
    """
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as exc:
        problem = "is there already; choose another name, or remove it"
        raise ConfigError(str(path), problem) from exc
    except OSError as exc:
        msg = f"{path}: cannot be written: {exc.strerror}"
        raise MachineError(msg) from exc


def _checked_plan(settings: PlanSettings, request: PlanRequest) -> Plan:
    catalog = load_catalog(request.target_files)
    if request.plan is None and request.selection != Selection():
        plan = _plan_of(settings, catalog, by_option, files=request.target_files)
    else:
        where, _ = _plan_file(request.plan or DEFAULT_PLAN)
        key = in_plan_file(where)
        plan = _plan_of(settings, catalog, key, files=request.target_files, where=where)
    check_limits(plan)
    return plan


def _plan_of(
    settings: PlanSettings,
    catalog: Catalog,
    key: Callable[[str], str] = by_option,
    *,
    files: tuple[Path, ...] = (),
    where: str | None = None,
) -> Plan:
    """Look up what is to be measured, and only that."""
    targets = () if settings.probe is None else catalog.select(settings.selection, key)
    if settings.download is None:
        return make_plan(settings, targets, where=where)
    return make_plan(
        settings,
        targets,
        objects=catalog.select_objects(settings.selection, key),
        egress_prices=load_egress_prices(files).prices,
        where=where,
    )


def _plan_file(name_or_path: str) -> tuple[str, Path | Traversable]:
    """Find a plan's file, and how messages name it."""
    path = Path(name_or_path)
    if path.is_file() or path.suffix == ".toml" or len(path.parts) != 1:
        return str(path), path
    plans = dict(_shipped())
    if name_or_path not in plans:
        meant = nearest(name_or_path, plans)
        hint = f'; did you mean "{meant}"?' if meant else ""
        problem = f"no such file, and no plan of that name is shipped{hint}"
        raise ConfigError(name_or_path, problem)
    return plans[name_or_path].name, plans[name_or_path]


def _name_of(selection: Selection) -> str:
    words = (
        *selection.providers,
        *selection.areas,
        *(region.replace("/", "-") for region in selection.regions),
        *(country.lower() for country in selection.countries),
        *(partition.value for partition in selection.partitions),
        *(() if selection.service is None else (selection.service,)),
    )
    name = "-".join(words or ("all",))
    plain = "".join(char if char.isascii() and char.isalnum() else "-" for char in name)
    return plain.lower()[:_NAME_LIMIT].strip("-") or "selection"


def _shipped() -> Iterator[tuple[str, Traversable]]:
    files = sorted(_shipped_root().iterdir(), key=lambda file: file.name)
    for file in files:
        if file.name.endswith(".toml"):
            yield file.name.removesuffix(".toml"), file


def _read_shipped(file: Traversable) -> PlanSettings:
    return parse_plan(file.read_text(encoding="utf-8"), file.name)


def _shipped_root() -> Traversable:
    # Beside the package where it is installed; in a checkout plans have a folder
    # of their own, as the targets do. No test environment is both or neither.
    installed = resources.files("cloudgauge") / "_plans"
    if installed.is_dir():  # pragma: no cover
        return installed
    checkout = Path(__file__).parents[3] / "benchmarks" / "plans"
    if checkout.is_dir():  # pragma: no branch
        return checkout
    msg = "this installation of cloudgauge has no plans; install it again"
    raise MachineError(msg)  # pragma: no cover
