"""Executes a notebook in a process of its own: python -m tests.executing NOTEBOOK.

What talks with the kernel leaves sockets for the collector, which would warn there.
"""

import sys
import tempfile
from pathlib import Path

import nbformat
from jupyter_client.manager import AsyncKernelManager
from nbclient.client import NotebookClient
from nbclient.exceptions import CellExecutionError


def main(notebook: Path) -> None:
    # In /tmp itself, since the path of a Unix socket must be short. No port is taken:
    # one that is chosen beforehand may be another's when the kernel wants it.
    with tempfile.TemporaryDirectory() as folder:
        client = NotebookClient(
            nbformat.read(notebook, as_version=4),  # type: ignore[no-untyped-call]  # theirs
            km=AsyncKernelManager(transport="ipc", ip=f"{folder}/kernel"),
            timeout=None,
            resources={"metadata": {"path": str(notebook.parent)}},
        )
        try:
            client.execute()
        except CellExecutionError as exc:
            sys.exit(str(exc))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
