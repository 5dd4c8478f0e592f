"""The one exception tree.

What the user can mend is a `CloudgaugeError`; a programmer's mistake stays a
`ValueError` or `TypeError` and is not caught anywhere.
"""


class CloudgaugeError(Exception):
    """Something went wrong that a message can explain."""


class ConfigError(CloudgaugeError):
    """Something the user wrote is wrong.

    Attributes:
        where: File and key, such as ``targets/aws/endpoints.toml: endpoint[3].url``.
        problem: What was found and what was wanted, one sentence, no markup.
    """

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(f"{where}: {problem}")
        self.where = where
        self.problem = problem


class ConfigErrors(ConfigError):
    """Several mistakes of the user's, all of them told at once.

    Attributes:
        errors: At least one, in the order of the file.
    """

    def __init__(self, errors: tuple[ConfigError, ...]) -> None:
        if not errors:
            msg = "want at least one error"
            raise ValueError(msg)
        super().__init__(errors[0].where, errors[0].problem)
        self.errors = errors

    def __str__(self) -> str:
        return "\n".join(str(error) for error in self.errors)


class LimitExceeded(CloudgaugeError):
    """A plan asks for more than its ceilings allow; nothing was sent.

    Attributes:
        limit: The ceiling's name, such as ``requests``.
    """

    def __init__(self, limit: str, problem: str) -> None:
        super().__init__(f"{limit}: {problem}")
        self.limit = limit


class StoreError(CloudgaugeError):
    """A result set is corrupt, locked, of a future version or does not fit.

    Attributes:
        path: The file or folder that is at fault, as the user named it.
        problem: What is wrong with it, one sentence.
    """

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.path = path
        self.problem = problem

    def __reduce__(self) -> tuple[type["StoreError"], tuple[str, str]]:
        """Let it come back from another process, which read the file there."""
        return (StoreError, (self.path, self.problem))


class NothingUsable(CloudgaugeError):
    """What was asked for is in no sample: nothing usable was measured."""


class MachineError(CloudgaugeError):
    """The machine failed us: disk full, folder not writable, no such device."""


class WorldError(MachineError):
    """The private network cannot be made here, or died while it was used."""
