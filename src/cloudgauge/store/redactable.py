"""What of a result set is taken out of a copy for sharing, and why.

Every column and every key of the manifest has its treatment here; a test holds the list
against the code and FORMAT.md against the list, so what is new has to be judged too.
"""

from dataclasses import dataclass
from enum import StrEnum


class Treatment(StrEnum):
    """What becomes of a field.

    ``OUT``: taken out unless one says to keep it. ``ASKED``: taken out where one asks
    for it. ``STAYS``: without it the copy could not be read, checked or judged.
    """

    OUT = "out"
    ASKED = "asked"
    STAYS = "stays"


@dataclass(frozen=True, slots=True, kw_only=True)
class Redactable:
    """One field and what becomes of it.

    Attributes:
        name: A column of the samples; ``bins.`` and one of the bins; a key of the
            manifest, without ``run.`` where it is inside a table of it; or ``files``.
        why: The reason, for people.
    """

    name: str
    treatment: Treatment
    why: str


def _fields(treatment: Treatment, why: str, *names: str) -> tuple[Redactable, ...]:
    return tuple(Redactable(name=n, treatment=treatment, why=why) for n in names)


FILES = "files"
VANTAGE_NAME = "vantage.name"
COORDINATES = "vantage.coordinates"
_OUT: tuple[tuple[str, str], ...] = (
    (
        "remote_address",
        "what the names resolved to: it tells which resolver was asked and from which "
        "network",
    ),
    (
        "local_port",
        "with the time it names the machine in the log of a translator of addresses or "
        "of a server",
    ),
    (
        "failure_detail",
        "free text with addresses, names of resolvers and of whose certificates stood "
        "in between; the kind of failure stays",
    ),
    (
        "environment.system",
        "the release of a kernel of one's own names its maker; system and the first "
        "two numbers stay",
    ),
    (
        "environment.trust_store",
        "name and hash of a file of roots tell whose network it is; which kind of "
        "roots they are stays",
    ),
    (
        "calibration.machine",
        "the fingerprint of the machine is the same in all its sets; its errors stay",
    ),
    ("imported.source", "the name of a file of the user's own"),
    ("outcome.detail", "free text with paths of the machine; the reason's word stays"),
    (FILES, "what others put into the folder; nobody knows what is in it"),
)
_PLACE = "said by the vantage's owner for the analysis, in vantage.toml"
_MACHINE = "bears on the numbers, and is that of very many machines"
_SECONDARY = "a measured value that is in no other figure"
_SEES = "figures and their doubts are made of it"
_NAMES = "names what was measured and when; without it nothing can be compared"
_KEPT = "without it the copy cannot be checked or told from another run"

REDACTABLE: tuple[Redactable, ...] = (
    *(Redactable(name=n, treatment=Treatment.OUT, why=why) for n, why in _OUT),
    *_fields(
        Treatment.ASKED,
        _PLACE,
        "vantage.city",
        "vantage.country",
        COORDINATES,
        "vantage.network_type",
        "vantage.asn",
        "vantage.cloud_region",
    ),
    *_fields(
        Treatment.ASKED,
        _MACHINE,
        "environment.python",
        "environment.machine",
        "environment.cpu_count",
        "environment.event_loop",
        "environment.packages",
    ),
    *_fields(
        Treatment.ASKED,
        "the error bounds beside the figures are made of it",
        "calibration",
    ),
    *_fields(
        Treatment.ASKED,
        _SECONDARY,
        "resolve_ns",
        "body_ns",
        "rtt_us",
        "rttvar_us",
        "min_rtt_us",
        "retransmits",
        "bins.receive_rtt_us",
        "bins.receive_space_bytes",
    ),
    *_fields(
        Treatment.STAYS,
        _NAMES,
        "target_id",
        "replica",
        "family",
        "kind",
        "seq",
        "round_index",
        "exchange",
        "streams",
        "part",
        "due_ns",
        "sent_ns",
        "wall_offset_ns",
        "bins.target_id",
        "bins.family",
        "bins.streams",
        "bins.seq",
        "bins.round_index",
        "bins.bin",
        "bins.began_ns",
        "bins.length_ns",
        "run.started_wall_ns",
        "outcome.ended_wall_ns",
        "plan",
        "run.plan_hash",
    ),
    *_fields(
        Treatment.STAYS,
        _SEES,
        "connect_ns",
        "connect_rtt_us",
        "tls_ns",
        "first_byte_ns",
        "syn_retransmits",
        "tls_version",
        "http_version",
        "status",
        "body_bytes",
        "clock",
        "wall_stepped",
        "loop_lag_ns",
        "failure",
        "bins.body_bytes",
        "bins.wire_bytes",
        "bins.requests",
        "bins.rtt_us",
        "bins.window_bytes",
        "bins.unread_bytes",
        "bins.drain_ns",
        "bins.cpu_ns",
        "bins.object_bytes",
        "bins.ending",
        "run.hosts_file",
        "run.private_allowed",
        "run.simulation",
        "imported.measured",
        "imported.rounds_given",
        "outcome.complete",
        "outcome.stop_reason",
        "outcome.skipped",
        "outcome.decision",
    ),
    *_fields(
        Treatment.STAYS,
        _KEPT,
        "run_id",
        "bins.run_id",
        "run.run_id",
        "run.tool_version",
        "run.part",
        "run.redacted",
        "imported.source_sha256",
        "counts",
        "schema_version",
    ),
    Redactable(
        name=VANTAGE_NAME,
        treatment=Treatment.STAYS,
        why="every table names it; another name can be given",
    ),
)
BY_NAME = {field.name: field for field in REDACTABLE}
DEFAULT = frozenset(one.name for one in REDACTABLE if one.treatment is Treatment.OUT)
"""What is taken out unless one says to keep it."""
