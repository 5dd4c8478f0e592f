"""The machine's clocks, with a wall clock that a test can set."""

from cloudgauge.measure.clock import MachineClock


class SteppingClock(MachineClock):
    """Attributes: step_ns, how far the wall clock has been set forward."""

    def __init__(self) -> None:
        super().__init__()
        self.step_ns = 0

    def wall_ns(self) -> int:
        return super().wall_ns() + self.step_ns
