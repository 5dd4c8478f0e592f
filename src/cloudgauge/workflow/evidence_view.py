"""What live checks found of a region's targets, for who looks at the region."""

from collections.abc import Sequence

from cloudgauge.catalog.evidence import Witness, witnesses_of
from cloudgauge.model.target import Target
from cloudgauge.report.document import Cell, Column, Scale, Table
from cloudgauge.workflow.choosing import EvidenceShelf

VERDICTS = {True: "holds", False: "does not hold", None: "not known"}
_COLUMNS = (
    Column(name="service", label="service"),
    Column(name="row", label="row"),
    Column(name="outcome", label="outcome"),
    Column(name="checked", label="checked"),
    Column(name="vantage", label="from"),
    Column(name="status", label="status", scale=Scale.PLAIN),
    Column(name="size_bytes", label="size", scale=Scale.BYTES),
    Column(name="families", label="IP versions", scale=Scale.COUNT),
    Column(name="note", label="note"),
)


def evidence_tables(
    targets: Sequence[Target], shelf: EvidenceShelf | None
) -> tuple[Table, ...]:
    """One table of what was found, or none if nothing was.

    Of each target the newest finding, and below it the newest that says something of
    its row, where that is another one.

    Raises:
        ConfigError: An evidence file is wrong; names file and key.
    """
    if shelf is None:
        return ()
    evidence, network = shelf.evidence(), shelf.network
    rows = tuple(
        _row(target, witness)
        for target in targets
        for witness in _told(witnesses_of(target, evidence, network=network))
    )
    title = "live checks"
    if not rows:
        return ()
    return (Table(name="evidence", title=title, columns=_COLUMNS, rows=rows),)


def _told(witnesses: Sequence[Witness]) -> Sequence[Witness]:
    speaking = [one for one in witnesses if one.finding.holds is not None]
    newest = witnesses[:1]
    return (*newest, *(one for one in speaking[:1] if one not in newest))


def _row(target: Target, witness: Witness) -> tuple[Cell, ...]:
    finding = witness.finding
    return (
        target.endpoint.service,
        VERDICTS[finding.holds],
        finding.outcome,
        finding.checked.isoformat(),
        witness.evidence.place,
        finding.status,
        finding.size_bytes,
        finding.families,
        finding.note or None,
    )
