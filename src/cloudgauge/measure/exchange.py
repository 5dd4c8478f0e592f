"""The stamps of one question and its answer, and how exact the answer's is."""

from cloudgauge.measure.instant import Arrival, Instant


class Exchange:
    """The stamps of one question and its answer.

    Attributes:
        sent: Directly before the first byte of the question left.
        early: Bytes that nobody had asked for were waiting at that moment.
        first: When the answer's first byte came; None if none has come yet.
        last: When the latest byte of the answer came.
    """

    __slots__ = ("_apart", "_latest_ns", "_segments", "early", "first", "last", "sent")

    def __init__(
        self, sent: Instant, *, segments: int | None = None, early: bool = False
    ) -> None:
        self.sent = sent
        self.early = early
        self.first: Arrival | None = None
        self.last: Arrival | None = None
        self._segments = segments
        # Records whose stamps differ came in segments that the kernel kept apart.
        self._apart = 0
        self._latest_ns: int | None = None

    def note_record(self, kernel_ns: int | None) -> None:
        """Take note of a whole record that came before or with the first answer."""
        if kernel_ns != self._latest_ns:
            self._apart += 1
            self._latest_ns = kernel_ns

    def judge_first(self, segments: int | None) -> None:
        """Mark the first arrival unless each segment so far has shown its own stamp.

        Args:
            segments: Data segments that have come over the connection until now.
        """
        if self.first is None or self._segments is None or segments is None:
            return
        if segments - self._segments > self._apart:
            self.first = self.first._replace(several=True)
