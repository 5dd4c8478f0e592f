"""``users.toml``: how many users each vantage stands for."""

from pathlib import Path

from cloudgauge.settings.toml_file import Row, read_toml


class _UsersRow(Row):
    """One table, ``[users]``, with a number for each vantage."""

    users: dict[str, float]


def read_users(path: Path) -> dict[str, float]:
    """Read the weights of vantages by name, of any sum.

    Raises:
        ConfigError: Naming file and key.
    """
    return dict(read_toml(path, _UsersRow).users)
