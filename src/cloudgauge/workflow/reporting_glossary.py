"""What the words of a report mean, and which paper a method is from."""

from collections.abc import Iterator

from cloudgauge.report.page import Facts, Part, Words

_WORDS = (
    ("target", "an endpoint of a region that answers HTTPS"),
    ("vantage", "where it was measured from"),
    (
        "round",
        "a time in which every series was visited once, in an order drawn anew; "
        "regions are held against each other round by round",
    ),
    ("series", "one target over one IP version; a control is a target measured as two"),
    (
        "connect",
        "the kernel's round trip of the first packet (SYN), whatever service answers; "
        "by the program's clock where the kernel gave none, which is then said",
    ),
    ("p50, p95", "half of the values, or 19 of 20, are below"),
    (
        "low, high",
        "the ends of an interval that holds what is meant 19 times of 20; - where so "
        "few rounds bound no end",
    ),
    (
        "rank",
        "the places that a region may hold, all regions at once with 95 %: 1 to 3 is "
        "surely no better than first and no worse than third",
    ),
    (
        "ties",
        "regions that share a letter are not shown to differ; that is not shown to be "
        "the same",
    ),
    ("behind", "by how much a region is worse than the first, round by round"),
    (
        "failed, timed out",
        "a failure is counted and is in no latency; a timeout is longer than anything "
        "that came and ranks so",
    ),
    ("answered", "the share of visits whose first request got its answer"),
    (
        "rate",
        "bodies a second once a download has settled; not settled is an answer too",
    ),
    ("burst", "rounds in less than three quarters of a day: nothing of other hours"),
    (
        "A/A control",
        "a target measured as two: how often the two seem to differ says how often "
        "equal things do; 1 in 20 is expected",
    ),
    ("lateness", "how much later than planned a visit began: our own error"),
    ("±", "how far the instrument itself may be off, by a calibration of its machine"),
)
_METHODS = (
    (
        "interval of a median",
        "order statistics: Thompson, Annals of Mathematical Statistics 7 (1936); over "
        "rounds, with the effective size of dependent series: Geyer, Statistical "
        "Science 7 (1992)",
    ),
    (
        "shift of two regions",
        "Hodges and Lehmann, Annals of Mathematical Statistics 34 (1963), of the "
        "differences of the rounds",
    ),
    (
        "places",
        "Mogstad, Romano, Shaikh and Wilhelm, Review of Economic Studies 91 (2024), "
        "by intervals of all pairs that hold at once",
    ),
    (
        "letters",
        "Piepho, Journal of Computational and Graphical Statistics 13 (2004)",
    ),
    (
        "change points",
        "PELT: Killick, Fearnhead and Eckley, JASA 107 (2012), on a series whose "
        "variance was made even",
    ),
    ("share answered", "Wilson, JASA 22 (1927)"),
    ("many comparisons", "Holm, Scandinavian Journal of Statistics 6 (1979)"),
    (
        "what cannot be true",
        "constraint-based geolocation: Gueye et al., IEEE/ACM Transactions on "
        "Networking 14 (2006)",
    ),
)


def glossary_parts() -> Iterator[Part]:
    """Words, then methods with their papers."""
    yield Facts(pairs=_WORDS)
    yield Words(lines=("Methods and where they are from:",))
    yield Facts(pairs=_METHODS)
