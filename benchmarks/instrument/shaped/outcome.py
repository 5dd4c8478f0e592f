"""What a download over a link of known width came to, beside what it should; pure."""

from dataclasses import dataclass

from benchmarks.instrument.shaped.trial import Trial

# A line that comes to less of the link's width, whoever sends, does not carry it.
_CARRIED_SHARE = 0.97


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the result set's figures say of a download.

    Attributes:
        bits_per_s: The settled rate; None where it did not settle, or failed.
        low_bits_per_s: The lowest level; None where nothing is known.
        high_bits_per_s: The highest.
        failures: Kinds; "" for none.
        caveats: Their names, weightiest first.
    """

    bits_per_s: float | None
    low_bits_per_s: float | None
    high_bits_per_s: float | None
    failures: str = ""
    caveats: tuple[str, ...] = ()
    idle_p50_ms: float | None = None
    added_p50_ms: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One download of a trial, and the peer's.

    Attributes:
        told: None where the run left nothing.
        peer_bits_per_s: None where the peer is missing or failed.
        line_bits_per_s: What the delay line came to at most in the trial, ours or the
            peer's, on the wire; None if unknown.
    """

    trial: Trial
    streams: int
    told: Told | None
    peer_bits_per_s: float | None
    line_bits_per_s: float | None

    @property
    def ratio(self) -> float | None:
        """The settled rate over the link's goodput; None where there is none."""
        if self.told is None or self.told.bits_per_s is None:
            return None
        return self.told.bits_per_s / self.trial.goodput_bits_per_s

    @property
    def peer_ratio(self) -> float | None:
        """What the peer says over the goodput of plain TCP."""
        if self.peer_bits_per_s is None:
            return None
        return self.peer_bits_per_s / self.trial.peer_goodput_bits_per_s

    @property
    def verdict(self) -> str:
        """What we say of the download, in words."""
        if self.told is None:
            return "left no result"
        if self.told.failures:
            return f"failed ({self.told.failures})"
        return "not settled" if self.told.bits_per_s is None else "settled"

    @property
    def was_carried(self) -> bool:
        """Whether the delay line kept up, so that the link was as wide as it says.

        Where there is no peer to try it with, it is taken to have.
        """
        if self.peer_bits_per_s is None or self.line_bits_per_s is None:
            return True
        return self.line_bits_per_s >= _CARRIED_SHARE * self.trial.bits_per_s
