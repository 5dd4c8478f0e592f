"""Prices asked for anew: fetched, held against what was known, kept as an overlay."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path

from cloudgauge import __version__
from cloudgauge.catalog.files import shipped_files
from cloudgauge.catalog.index import Catalog
from cloudgauge.catalog.loader import load_catalog
from cloudgauge.catalog.price_overlay import overlay_files, overlay_of
from cloudgauge.catalog.tariffs import Tariffs, build_tariffs, load_tariffs
from cloudgauge.errors import ConfigError, ConfigErrors
from cloudgauge.model.tariff import Charge, Tariff
from cloudgauge.pricefeed.alibaba_feed import fetch_alibaba
from cloudgauge.pricefeed.answer import AnswerError, Machine, Wanted
from cloudgauge.pricefeed.aws_feed import fetch_aws
from cloudgauge.pricefeed.azure_feed import fetch_azure
from cloudgauge.pricefeed.fetching import Fetcher, Waiting, open_client
from cloudgauge.pricefeed.google_feed import fetch_google
from cloudgauge.pricefeed.hosts import Hosts, Site, hosts_of
from cloudgauge.pricefeed.huawei_feed import fetch_huawei
from cloudgauge.pricefeed.keys import key_of
from cloudgauge.pricefeed.overlay import Overlay, overlay_to_toml, write_overlay
from cloudgauge.pricefeed.question import Fetched, Question
from cloudgauge.pricefeed.tencent_feed import fetch_tencent
from cloudgauge.report.document import Document
from cloudgauge.settings.toml_file import nearest
from cloudgauge.workflow.refreshing_view import changes_between, refresh_document

_FEEDS: dict[str, Callable[[Question], Fetched]] = {
    "alibaba": fetch_alibaba,
    "aws": fetch_aws,
    "azure": fetch_azure,
    "gcp": fetch_google,
    "huawei": fetch_huawei,
    "tencent": fetch_tencent,
}
# Machines to ask for beside those of the shipped sheets, which know few there.
_ALSO = {
    "huawei": (
        Machine(sku="s6.large.4", vcpus=2, memory_gib=Decimal(8)),
        Machine(sku="s7n.large.4", vcpus=2, memory_gib=Decimal(8)),
    )
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshChoice:
    """What the user asked for.

    Attributes:
        region_ids: Only these; none for all of the provider.
        site: Where the account is, where that matters.
        folder: That overlays are kept in.
        dry_run: Say what would change, and write nothing.
    """

    provider: str
    region_ids: tuple[str, ...] = ()
    site: Site = Site.INTERNATIONAL
    folder: Path
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshMeans:
    """What a refresh works with.

    Attributes:
        waiting: How time passes.
        tell: Takes lines of progress.
        environment: To look for keys in.
        home: The user's, to look for files of keys in.
        hosts: Whom to ask; None for the providers themselves.
    """

    waiting: Waiting
    tell: Callable[[str], None]
    environment: Mapping[str, str] = field(repr=False)
    home: Path
    hosts: Hosts | None = None


def refresh_prices(choice: RefreshChoice, means: RefreshMeans) -> Document:
    """Ask a provider for its list prices, and keep them as a dated overlay.

    All or nothing: an answer that does not come whole leaves everything as it was.

    Raises:
        ConfigError: An unknown provider or region, no key, a key that is refused, or
            a price file of the user's that is wrong.
        AnswerError: The provider gave no usable answer.
        MachineError: The overlay cannot be written.
    """
    if choice.provider not in _FEEDS:
        raise _unknown(choice.provider, "provider", _FEEDS)
    before = load_tariffs(overlay=choice.folder)
    key = key_of(choice.provider, means.environment, means.home)
    now = means.waiting.today()
    with open_client(__version__) as client:
        question = Question(
            fetcher=Fetcher(client=client, waiting=means.waiting, tell=means.tell),
            wanted=_wanted(choice, load_catalog(), before),
            named=bool(choice.region_ids),
            retrieved=now.date(),
            hosts=means.hosts or hosts_of(choice.site),
            key=key,
        )
        fetched = _FEEDS[choice.provider](question)
    if not fetched.tariffs:
        reasons = "; ".join(one.reason for one in fetched.skipped) or "no row fits"
        msg = f"{choice.provider} answered without one usable price: {reasons}"
        raise AnswerError(msg)
    overlay = Overlay(
        tool_version=__version__,
        provider=choice.provider,
        retrieved_at=now,
        tariffs=standing(fetched.tariffs, before),
    )
    changes = changes_between(before, _with(choice.folder, overlay), overlay.file_name)
    path = None if choice.dry_run else write_overlay(choice.folder, overlay)
    return refresh_document(changes, fetched, overlay, path)


def standing(tariffs: tuple[Tariff, ...], before: Tariffs) -> tuple[Tariff, ...]:
    """Let one machine of each region stand for it: the one that did.

    Where that one was not answered for, its older price stands on, with its age.
    """
    by_place: dict[tuple[str, str], list[str]] = {}
    for one in tariffs:
        if one.charge is Charge.MACHINE:
            for region_id in one.region_ids:
                by_place.setdefault((region_id, one.currency), []).append(one.sku)
    chosen = {place: _stands(place, skus, before) for place, skus in by_place.items()}
    return tuple(
        replace(
            one,
            region_ids=(region_id,),
            by_default=chosen[region_id, one.currency] == one.sku,
        )
        if one.charge is Charge.MACHINE
        else replace(one, region_ids=(region_id,))
        for one in tariffs
        for region_id in one.region_ids
    )


def _stands(place: tuple[str, str], skus: list[str], before: Tariffs) -> str:
    known = before.of(place[0], Charge.MACHINE)
    stood = [one for one in known if one.by_default]
    answered = [one.sku for one in stood if one.sku in skus]
    if answered:
        return answered[0]
    if any(one.currency == place[1] for one in stood):
        return ""
    return skus[0]


def _with(folder: Path, overlay: Overlay) -> Tariffs:
    """All prices as they will be read with a new overlay, which is checked by that."""
    where = overlay.file_name
    fresh = overlay_of(overlay_to_toml(overlay), where=where)
    try:
        return build_tariffs((*shipped_files(), *overlay_files(folder), fresh))
    except ConfigErrors as exc:
        msg = f"the answers of {overlay.provider} make no price sheet: {exc.errors[0]}"
        raise AnswerError(msg) from exc


def _wanted(choice: RefreshChoice, catalog: Catalog, before: Tariffs) -> Wanted:
    known = {
        region.region_id: region.code
        for region in catalog.regions
        if region.provider == choice.provider
    }
    for region_id in choice.region_ids:
        if region_id not in known:
            raise _unknown(region_id, "region", known)
    machines = {
        one.sku: Machine(sku=one.sku, vcpus=one.vcpus, memory_gib=one.memory_gib)
        for region_id in known
        for one in before.of(region_id, Charge.MACHINE)
        if one.vcpus is not None and one.memory_gib is not None
    }
    machines |= {one.sku: one for one in _ALSO.get(choice.provider, ())}
    codes = {code: region_id for region_id, code in known.items()}
    return Wanted(
        regions={
            code: region_id
            for code, region_id in codes.items()
            if not choice.region_ids or region_id in choice.region_ids
        },
        all_regions=codes,
        machines=machines,
    )


def _unknown(found: str, what: str, known: Mapping[str, object]) -> ConfigError:
    meant = nearest(found, known)
    hint = f'; did you mean "{meant}"?' if meant else ""
    return ConfigError(
        f"--{what}", f'no {what} "{found}" whose prices can be had{hint}'
    )
