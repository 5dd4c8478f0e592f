"""What the processes of a monitor tell one another, a line of JSON each."""

from dataclasses import dataclass

from cloudgauge.planning.plain import (
    canonical_json,
    from_plain,
    parse_json_table,
    to_plain,
)
from cloudgauge.store.long_term_layout import FoldedRun
from cloudgauge.workflow.monitor_bounds import Bounds, Kept
from cloudgauge.workflow.monitor_endpoint import Address
from cloudgauge.workflow.monitor_metrics import MonitorFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """What a keeper is to do, said once.

    Attributes:
        results: The monitor's folder.
        metrics: Where to listen; None for nowhere.
    """

    results: str
    facts: MonitorFacts
    bounds: Bounds
    metrics: Address | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What the process that probes says as it goes on.

    Attributes:
        begun: Folder of a part that has begun; "" for none.
        ended: Folder of a part whose journal is finished; "" for none.
        waiting: Nothing is measured until the disk has room.
        tend: A pass is wanted.
    """

    begun: str = ""
    ended: str = ""
    waiting: bool = False
    tend: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """What a keeper answers when it has begun, or cannot.

    Attributes:
        address: Where its metrics are; None for nowhere.
        newest: The newest run in the record; None if there is none.
        problem: Why it cannot; "" if it can.
        is_machine: The machine is why, not what lies in the folder.
    """

    address: Address | None = None
    newest: FoldedRun | None = None
    problem: str = ""
    is_machine: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PassReport:
    """What came of a pass.

    Attributes:
        kept: What it did; None if it failed.
        problem: Why it failed; "" if it did not.
        is_machine: The machine is why.
        is_busy: Another pass was at work.
    """

    kept: Kept | None = None
    problem: str = ""
    is_machine: bool = False
    is_busy: bool = False


def to_line(message: Orders | Word | Ready | PassReport) -> bytes:
    """A message as a line."""
    return f"{canonical_json(to_plain(message))}\n".encode("ascii")


def orders_from(line: bytes) -> Orders:
    """Read orders.

    Raises:
        ConfigError: They are none.
    """
    return from_plain(Orders, _table(line), _WHERE)


def word_from(line: bytes) -> Word:
    """Read a word.

    Raises:
        ConfigError: It is none.
    """
    return from_plain(Word, _table(line), _WHERE)


def ready_from(line: bytes) -> Ready:
    """Read a keeper's answer.

    Raises:
        ConfigError: It is none.
    """
    return from_plain(Ready, _table(line), _WHERE)


def pass_report_from(line: bytes) -> PassReport:
    """Read what came of a pass.

    Raises:
        ConfigError: It is none.
    """
    return from_plain(PassReport, _table(line), _WHERE)


_WHERE = "monitor"


def _table(line: bytes) -> object:
    return parse_json_table(line.decode("ascii", "replace"), _WHERE)
