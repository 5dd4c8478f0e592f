"""The processes of a private network: ``python -m cloudgauge.world ROLE …``.

They are started by one another, not by hand: `session` starts the keeper, the
keeper starts the delay line and the servers.
"""

import sys
from pathlib import Path


def main(arguments: list[str]) -> int:
    """Play one role until the world ends.

    Args:
        arguments: Role, the world's folder, the truth's folder, and what the role
            needs besides.
    """
    role, folder, truth, *rest = arguments
    # Each role loads only what it needs: the line must stay small and fast.
    match role:
        case "keeper":
            from cloudgauge.world import keeper  # noqa: PLC0415

            return keeper.keep(Path(folder), Path(truth), rest)
        case "line":
            from cloudgauge.world import delay_line  # noqa: PLC0415

            return delay_line.serve(Path(folder), Path(truth), int(rest[0]))
        case "servers":
            from cloudgauge.world import hall  # noqa: PLC0415

            return hall.serve(Path(folder), Path(truth))
        case _:
            msg = f"want keeper, line or servers, got {role}"
            raise ValueError(msg)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
