"""What a person asks of a plan, before targets are looked up."""

from dataclasses import dataclass

from cloudgauge.model.download import DownloadSpec
from cloudgauge.model.plan import Ceilings, ProbeSpec
from cloudgauge.model.target import Selection, check_slug

# The same options give the same plan, and so the same hash, at every vantage.
DEFAULT_SEED = 1
# Of a question: it stands in one line above a table.
_QUESTION_LIMIT = 300
_NAME_LIMIT = 64
_EVERYTHING = Selection()
_DEFAULT_PROBE = ProbeSpec()
_DEFAULT_CEILINGS = Ceilings()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSettings:
    """A plan before its targets are looked up.

    Attributes:
        name: Lower-case letters, digits and hyphens, at most 64.
        question: What the plan is to answer, one line; "" where nobody said.
        rounds: None to let `duration_ns` or the default decide.
        round_ns: Length of a round; None to let the others or the default decide.
        duration_ns: Length of the run; None to let the others decide. Of rounds,
            round and duration at most two are given.
        jitter: Share of its place over which a visit is shifted, in [0, 0.8].
        controls: Target ids to be probed as two; True for one of each provider,
            chosen by the seed; False for none.
        probe: How latency is measured; None where it is not.
        download: How objects are downloaded; None where they are not. One of the
            two is given, or both.
    """

    name: str
    question: str = ""
    seed: int = DEFAULT_SEED
    rounds: int | None = None
    round_ns: int | None = None
    duration_ns: int | None = None
    jitter: float = 0.5
    controls: bool | tuple[str, ...] = True
    selection: Selection = _EVERYTHING
    probe: ProbeSpec | None = _DEFAULT_PROBE
    ceilings: Ceilings = _DEFAULT_CEILINGS
    download: DownloadSpec | None = None

    def __post_init__(self) -> None:
        check_slug("name", self.name)
        if len(self.name) > _NAME_LIMIT:
            msg = f"name must have at most {_NAME_LIMIT} characters"
            raise ValueError(msg)
        if len(self.question) > _QUESTION_LIMIT or not self.question.isprintable():
            msg = f"question must be one line of at most {_QUESTION_LIMIT} characters"
            raise ValueError(msg)
        if not 0 <= self.seed < 2**63:
            msg = f"seed must be in [0, 2^63), got {self.seed}"
            raise ValueError(msg)
        if not 0 <= self.jitter <= 0.8:
            msg = f"jitter must be in [0, 0.8], got {self.jitter}"
            raise ValueError(msg)
        times = (self.rounds, self.round_ns, self.duration_ns)
        if any(time is not None and time < 1 for time in times):
            msg = "rounds, round and duration must be above 0"
            raise ValueError(msg)
        if None not in times:
            msg = "give at most two of rounds, round and duration; they make the third"
            raise ValueError(msg)
        if self.round_ns and self.duration_ns and self.duration_ns < self.round_ns:
            msg = "duration must be at least one round"
            raise ValueError(msg)
        if self.probe is None and self.download is None:
            msg = "a plan measures latency, downloads, or both"
            raise ValueError(msg)
