"""Signatures of Alibaba, Huawei and Tencent: pure, from a request to a signed one.

Sources: Alibaba "V3 request body and signature" (ACS3-HMAC-SHA256), Huawei "AK/SK
signing algorithm" (SDK-HMAC-SHA256), Tencent "Signature v3" (TC3-HMAC-SHA256).
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import SplitResult, parse_qsl, quote, urlsplit

from cloudgauge.pricefeed.fetching import Ask
from cloudgauge.settings.keys import Key

_JSON = "application/json"
_TENCENT_JSON = "application/json; charset=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """What is called.

    Attributes:
        name: Such as ``DescribePrice``.
        version: Of the interface, a date.
        region: Of the answer, where that stands in a header; else "".
    """

    name: str
    version: str
    region: str = ""


def sign_alibaba(
    ask: Ask, action: Action, key: Key, *, at: datetime, nonce: str
) -> Ask:
    """Sign by ACS3-HMAC-SHA256.

    Args:
        ask: Its parameters are in the query; a body makes it a POST.
        action: What is called.
        key: AccessKey id and secret.
        at: UTC, now.
        nonce: Never the same twice.
    """
    parts = urlsplit(ask.url)
    headers = {
        "host": parts.netloc,
        "x-acs-action": action.name,
        "x-acs-content-sha256": _hash(ask.body or b""),
        "x-acs-date": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "x-acs-signature-nonce": nonce,
        "x-acs-version": action.version,
    }
    if key.token:
        headers["x-acs-security-token"] = key.token
    canonical, names = _canonical(ask, parts, headers, path=parts.path or "/")
    to_sign = f"ACS3-HMAC-SHA256\n{_hash(canonical.encode())}"
    signature = _hmac(key.secret.encode(), to_sign).hex()
    headers["authorization"] = (
        f"ACS3-HMAC-SHA256 Credential={key.name},"
        f"SignedHeaders={names},Signature={signature}"
    )
    return replace(ask, headers={**ask.headers, **headers})


def sign_huawei(ask: Ask, key: Key, *, at: datetime) -> Ask:
    """Sign by SDK-HMAC-SHA256."""
    parts = urlsplit(ask.url)
    stamp = f"{at:%Y%m%dT%H%M%SZ}"
    headers = {"content-type": _JSON, "host": parts.netloc, "x-sdk-date": stamp}
    if key.token:
        headers["x-security-token"] = key.token
    path = parts.path if parts.path.endswith("/") else f"{parts.path}/"
    canonical, names = _canonical(ask, parts, headers, path=path)
    to_sign = f"SDK-HMAC-SHA256\n{stamp}\n{_hash(canonical.encode())}"
    signature = _hmac(key.secret.encode(), to_sign).hex()
    headers["authorization"] = (
        f"SDK-HMAC-SHA256 Access={key.name}, "
        f"SignedHeaders={names}, Signature={signature}"
    )
    return replace(ask, headers={**ask.headers, **headers})


def sign_tencent(ask: Ask, action: Action, key: Key, *, at: datetime) -> Ask:
    """Sign by TC3-HMAC-SHA256; the service is the first name of the host."""
    parts = urlsplit(ask.url)
    service, day = parts.netloc.partition(".")[0], f"{at:%Y-%m-%d}"
    signed = {
        "content-type": _TENCENT_JSON,
        "host": parts.netloc,
        "x-tc-action": action.name.lower(),
    }
    canonical, names = _canonical(ask, parts, signed, path="/")
    stamp, scope = int(at.timestamp()), f"{day}/{service}/tc3_request"
    to_sign = f"TC3-HMAC-SHA256\n{stamp}\n{scope}\n{_hash(canonical.encode())}"
    secret = f"TC3{key.secret}".encode()
    for step in (day, service, "tc3_request"):
        secret = _hmac(secret, step)
    headers = {
        **signed,
        "x-tc-action": action.name,
        "x-tc-version": action.version,
        "x-tc-timestamp": str(stamp),
        "authorization": (
            f"TC3-HMAC-SHA256 Credential={key.name}/{scope}, "
            f"SignedHeaders={names}, Signature={_hmac(secret, to_sign).hex()}"
        ),
    }
    if action.region:
        headers["x-tc-region"] = action.region
    if key.token:
        headers["x-tc-token"] = key.token
    return replace(ask, headers={**ask.headers, **headers})


def _canonical(
    ask: Ask, parts: SplitResult, headers: Mapping[str, str], *, path: str
) -> tuple[str, str]:
    """The request as all three write it before it is hashed, and the signed names."""
    names = sorted(headers)
    query = "&".join(
        f"{_quoted(name)}={_quoted(value)}"
        for name, value in sorted(parse_qsl(parts.query, keep_blank_values=True))
    )
    lines = [
        "GET" if ask.body is None else "POST",
        path,
        query,
        *(f"{name}:{headers[name].strip()}" for name in names),
        "",
        ";".join(names),
        _hash(ask.body or b""),
    ]
    return "\n".join(lines), ";".join(names)


def _quoted(text: str) -> str:
    return quote(text, safe="-_.~")


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _hmac(secret: bytes, text: str) -> bytes:
    return hmac.new(secret, text.encode(), hashlib.sha256).digest()
