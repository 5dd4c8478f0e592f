"""Where a person wrote what chooses the targets, as messages name it."""

from collections.abc import Callable

_OPTIONS = {
    "": "selection",
    "providers": "--provider",
    "areas": "--area",
    "regions": "--region",
    "countries": "--country",
    "service": "--service",
}


def by_option(field: str) -> str:
    """The option that a field of a `Selection` comes from; all of them for ""."""
    return _OPTIONS[field]


def in_plan_file(name: str) -> Callable[[str], str]:
    """The same for the plan file of that name, whose keys are the fields."""

    def key(field: str) -> str:
        return f"{name}: select.{field}" if field else f"{name}: select"

    return key
