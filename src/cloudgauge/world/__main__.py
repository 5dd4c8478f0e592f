"""The processes of a private network: ``python -m cloudgauge.world ROLE …``.

They are started by one another, not by hand: `session` starts the keeper, the
keeper starts the delay line and the servers; `fountain` starts its own two.
"""

import contextlib
import sys
from pathlib import Path

from cloudgauge.world.disk import refusal

_EXIT_MACHINE = 74


def main(arguments: list[str]) -> int:
    """Play one role until the world ends.

    Args:
        arguments: Role, the world's folder, the truth's folder, and what the role
            needs besides.
    """
    role, folder, truth, *rest = arguments
    if role == "keeper":
        from cloudgauge.world import keeper  # noqa: PLC0415  a role loads its own only

        told_fd, *command = rest
        return keeper.keep(Path(folder), Path(truth), int(told_fd), command)
    try:
        return _serve(role, Path(folder), Path(truth), rest)
    except OSError as exc:
        # The keeper reads our last words, and may be gone.
        with contextlib.suppress(OSError):
            sys.stdout.write(f"{refusal(exc, Path(truth))}\n")
            sys.stdout.flush()
        return _EXIT_MACHINE


def _serve(role: str, folder: Path, truth: Path, rest: list[str]) -> int:
    # The line must stay small and fast.
    match role:
        case "line":
            from cloudgauge.world import delay_line  # noqa: PLC0415  a role's own

            return delay_line.serve(folder, truth, int(rest[0]))
        case "servers":
            from cloudgauge.world import hall  # noqa: PLC0415  a role loads its own

            return hall.serve(folder, truth)
        case "fountain":
            from cloudgauge.world import fountain  # noqa: PLC0415  a role's own

            return fountain.serve(folder, rest[0], int(rest[1]))
        case _:
            msg = f"want keeper, line, servers or fountain, got {role}"
            raise ValueError(msg)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
