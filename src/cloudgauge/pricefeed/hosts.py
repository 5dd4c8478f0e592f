"""Whom a refresh asks: the providers' own price hosts, one table of them."""

from dataclasses import dataclass
from enum import StrEnum


class Site(StrEnum):
    """Where an account of Alibaba, Huawei or Tencent is; it can ask only there."""

    INTERNATIONAL = "international"
    CHINA = "china"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hosts:
    """Where each interface is, scheme and host; a test names its own.

    Attributes:
        alibaba_ecs: With ``{region}`` where the region's code stands.
        currency: Of the account's site; some answers do not say it.
    """

    aws: str = "https://pricing.us-east-1.amazonaws.com"
    azure: str = "https://prices.azure.com"
    google: str = "https://cloudbilling.googleapis.com"
    alibaba_bss: str = "https://business.ap-southeast-1.aliyuncs.com"
    alibaba_ecs: str = "https://ecs.{region}.aliyuncs.com"
    huawei_bss: str = "https://bss-intl.myhuaweicloud.com"
    huawei_iam: str = "https://iam.myhuaweicloud.com"
    tencent_cvm: str = "https://cvm.intl.tencentcloudapi.com"
    tencent_vpc: str = "https://vpc.intl.tencentcloudapi.com"
    currency: str = "USD"


_HOSTS = {
    Site.INTERNATIONAL: Hosts(),
    Site.CHINA: Hosts(
        alibaba_bss="https://business.aliyuncs.com",
        huawei_bss="https://bss.myhuaweicloud.com",
        tencent_cvm="https://cvm.tencentcloudapi.com",
        tencent_vpc="https://vpc.tencentcloudapi.com",
        currency="CNY",
    ),
}


def hosts_of(site: Site) -> Hosts:
    """Give the hosts that an account of a site may ask."""
    return _HOSTS[site]
