"""Certificates that were made, as a table."""

from collections.abc import Sequence
from pathlib import Path

from cloudgauge.fleet.identity import Identity
from cloudgauge.report.document import Column, Document, Table

_MADE = (
    Column(name="role", label="for"),
    Column(name="name", label="name"),
    Column(name="expires", label="expires"),
    Column(name="folder", label="folder"),
)


def made_document(folder: Path, made: Sequence[Identity], *, founded: bool) -> Document:
    """Show whose certificates were made."""
    what = "a new authority" if founded else "the authority that was there"
    return Document(
        kind="fleet-init",
        title=f"{len(made)} certificates in {folder}, signed by {what}",
        tables=(
            Table(
                name="certificates",
                title="",
                columns=_MADE,
                rows=tuple(
                    (
                        one.role.value,
                        one.name,
                        f"{one.expires:%Y-%m-%d}",
                        str(one.folder),
                    )
                    for one in made
                ),
            ),
        ),
        notes=(
            "each folder goes to that machine alone, with its key.pem; the folder "
            "authority stays here: who has its key can make members",
        ),
    )
