"""AWS's bulk files: which ones to fetch. No credential."""

from cloudgauge.pricefeed.aws import parse_price_file
from cloudgauge.pricefeed.fetching import MIB, Ask
from cloudgauge.pricefeed.question import Fetched, Question, joined

# One region of EC2 was 450 MB in 2026; all of AWSDataTransfer is far below.
_EC2_LIMIT_BYTES = 1536 * MIB
_TRANSFER_LIMIT_BYTES = 256 * MIB
_EC2_LIMIT_S = 3600.0
_TRANSFER_LIMIT_S = 600.0
_LARGE = (
    "machines were left out: their file has some 450 MB a region; name regions with "
    "--region to read it"
)


def fetch_aws(question: Question) -> Fetched:
    """Fetch traffic of all wanted regions, and machines of those the user named.

    Raises:
        AnswerError: A file did not come whole; nothing of any is given.
        ConfigError: The host refuses the request.
    """
    root = f"{question.hosts.aws}/offers/v1.0/aws"
    codes = tuple(question.wanted.regions) if question.named else ()
    asks = [
        Ask(
            url=f"{root}/AWSDataTransfer/current/{where}index.json",
            limit_bytes=_TRANSFER_LIMIT_BYTES,
            limit_s=_TRANSFER_LIMIT_S,
        )
        for where in ([f"{code}/" for code in codes] or [""])
    ]
    asks += [
        Ask(
            url=f"{root}/AmazonEC2/current/{code}/index.json",
            limit_bytes=_EC2_LIMIT_BYTES,
            limit_s=_EC2_LIMIT_S,
        )
        for code in codes
    ]
    parts = []
    for ask in asks:
        question.fetcher.tell(f"reading {ask.url}")
        pieces = question.fetcher.pieces(ask)
        source = question.source(ask.url)
        parts.append(parse_price_file(pieces, source, question.wanted))
    return joined(parts, () if question.named else (_LARGE,))
