"""What pictures and the page stand on is an extra, which may not be installed."""

from cloudgauge.errors import MachineError


def missing_extra(error: ModuleNotFoundError) -> MachineError:
    """Say in one sentence what is not there and how it is had."""
    return MachineError(
        f"pictures and the page need {error.name}, which is not installed: "
        'pip install "cloudgauge[report]"'
    )
