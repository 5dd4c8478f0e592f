"""What all conversations of a private network share."""

from collections.abc import Mapping

from cloudgauge.world.answer import Answer, answer_to
from cloudgauge.world.certificates import Trust
from cloudgauge.world.packet_log import ExchangeLog
from cloudgauge.world.request import Request
from cloudgauge.world.site import Fault, Site, remote_id_of

_ANSWERS_LIMIT_BYTES = 256 * 1024 * 1024
# About what an entry takes beside its bytes.
_ANSWER_COSTS_BYTES = 1024


class House:
    """What all conversations of a world share.

    Attributes:
        trust: The contexts.
        log: Where exchanges are written.
        seed: Decides which connections meet a fault.
    """

    def __init__(
        self, sites: Mapping[str, Site], trust: Trust, log: ExchangeLog, *, seed: int
    ) -> None:
        self.trust = trust
        self.log = log
        self.seed = seed
        self._sites = sites
        self._answers: dict[tuple[str, Request, Fault], Answer] = {}
        self._kept_bytes = 0
        self._remote_ids = {address: remote_id_of(address) for address in sites}

    def site_at(self, address: str) -> tuple[Site, int] | None:
        """The site at an address of the private network, and its id in the logs."""
        site = self._sites.get(address)
        return None if site is None else (site, self._remote_ids[address])

    def answer(self, site: Site, request: Request, fault: Fault) -> Answer:
        """What a site answers; made once, since most requests are alike."""
        key = (site.host, request, fault)
        known = self._answers.get(key)
        if known is not None:
            return known
        answer = answer_to(site, request, fault)
        self._kept_bytes += len(answer.first) + _ANSWER_COSTS_BYTES
        if self._kept_bytes > _ANSWERS_LIMIT_BYTES:
            self._answers.clear()
            self._kept_bytes = 0
        self._answers[key] = answer
        return answer
