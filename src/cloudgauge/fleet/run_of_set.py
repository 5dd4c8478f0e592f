"""Whose set a sealed folder is, by its manifest alone."""

from pathlib import Path

from cloudgauge.errors import StoreError
from cloudgauge.model.run import RunInfo
from cloudgauge.store.folder import MANIFEST, read_bytes
from cloudgauge.store.manifest import JSON_LIMIT_BYTES, from_json


def run_of(folder: Path) -> RunInfo:
    """Read who measured a sealed set; its other files are not looked at.

    Raises:
        StoreError: There is no manifest, or it is none.
        MachineError: The file system refuses.
    """
    content = read_bytes(folder, MANIFEST, limit_bytes=JSON_LIMIT_BYTES)
    try:
        text = content.decode("ascii")
    except UnicodeDecodeError as exc:
        raise StoreError(str(folder / MANIFEST), "is not ASCII text") from exc
    return from_json(text, str(folder / MANIFEST)).run
