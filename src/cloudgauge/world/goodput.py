"""What of a shaped link is left for the bodies of downloads; pure arithmetic."""

from cloudgauge.world.site import Link

MTU_BYTES = 1500
_IPV4_BYTES, _IPV6_BYTES = 20, 40
# With time stamps, which Linux sends in every segment (RFC 7323).
_TCP_BYTES = 20 + 12
# Header, tag and content type of each record of TLS 1.3 (RFC 8446 section 5.2), and
# what one holds at most.
_RECORD_EXTRA_BYTES = 5 + 16 + 1
_RECORD_BYTES = 16_384


def goodput_bits_per_s(
    link: Link, *, tls: bool = True, ipv6: bool = False, mtu_bytes: int = MTU_BYTES
) -> float | None:
    """The rate at which bodies can come over *link* when it is full, bits per second.

    Of a link with a token bucket the sustained rate, or the full one if that is
    lower. The heads of answers, some hundred bytes each, are not counted, nor are
    losses.

    Returns:
        The rate; None for a link that is not shaped.
    """
    rates = (link.bits_per_s, link.sustained_bits_per_s)
    known = [rate for rate in rates if rate is not None]
    if not known:
        return None
    segment_bytes = mtu_bytes - (_IPV6_BYTES if ipv6 else _IPV4_BYTES) - _TCP_BYTES
    share = segment_bytes / mtu_bytes
    if tls:
        share *= _RECORD_BYTES / (_RECORD_BYTES + _RECORD_EXTRA_BYTES)
    return min(known) * share
