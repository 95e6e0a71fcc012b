"""TLS: contexts (built once, because one takes 46 ms), and what is wrong with a certificate, in words."""

import ssl
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from monitord.core.check import Instant

# X509_V_ERR_* of OpenSSL, as words that continue "shop.example.org …".
EXPIRED = 10
NOT_YET_VALID = 9
REFUSALS = {
    EXPIRED: "has a certificate that has expired, or one in its chain has",
    NOT_YET_VALID: "has a certificate that is not valid yet, unless the clock of this machine is wrong",
    18: "has a self-signed certificate that nobody here trusts",
    19: "has a certificate of a private authority that nobody here trusts",
    20: "has a certificate of an unknown authority, or does not send the intermediate certificates",
    21: "has a certificate of an unknown authority, or does not send the intermediate certificates",
    23: "has a certificate that was revoked",
}
OTHER_NAME = (62, 64)  # host name, IP address
NO_CHECK_TIME = 0x200000  # X509_V_FLAG_NO_CHECK_TIME, which the ssl module does not name
HTTP = ("http/1.1",)  # what is offered by ALPN (RFC 7301)
NOTHING_OFFERED = ()  # some mail servers hang up on whoever offers HTTP


def verifying(authorities: str | None = None, offers: Iterable[str] = HTTP) -> ssl.SSLContext:
    """A context that trusts this machine's authorities (or those of one PEM text) and checks names."""
    return offering(ssl.create_default_context(cadata=authorities), offers)


def trusting(offers: Iterable[str] = HTTP) -> ssl.SSLContext:
    """A context for `verify: false`: it encrypts and believes everybody."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return offering(context, offers)


def offering(context: ssl.SSLContext, offers: Iterable[str]) -> ssl.SSLContext:
    """The context, which offers these protocols from now on."""
    if protocols := list(offers):
        context.set_alpn_protocols(protocols)
    return context


def timeless(authorities: str | None = None) -> ssl.SSLContext:
    """A context that looks at everything but validity in time: with it an expired certificate can be read."""
    context = verifying(authorities)
    context.verify_flags |= NO_CHECK_TIME
    return context


def about_time(error: BaseException) -> bool:
    """Whether a certificate was refused because of its time only."""
    return isinstance(error, ssl.SSLCertVerificationError) and error.verify_code in (EXPIRED, NOT_YET_VALID)


def certificate_words(error: ssl.SSLCertVerificationError, host: str) -> str:
    """Why a certificate was refused."""
    if error.verify_code in OTHER_NAME:
        return f"has a certificate that is not for the name {host}"
    return REFUSALS.get(error.verify_code, f"has a certificate we cannot accept: {error.verify_message}")


def validity_words(certificate: Mapping[str, Any], now: Instant) -> str | None:
    """Since when a certificate (as `getpeercert` gives it) is out of its time; None if it is not."""
    begins, ends = (instant(str(certificate[key])) for key in ("notBefore", "notAfter"))
    if ends <= now:
        return f"has a certificate that expired {ago(ends, now)} ago, on {ends:%Y-%m-%d %H:%M} UTC"
    if begins > now:
        day = f"{begins:%Y-%m-%d %H:%M} UTC"
        return f"has a certificate that is only valid from {day}, unless the clock of this machine is wrong"
    return None


def instant(text: str) -> Instant:
    """An instant as certificates are printed (`Nov 22 03:06:00 2026 GMT`)."""
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(text), UTC)


def ago(then: Instant, now: Instant) -> str:
    """How long ago, in the largest unit that says something."""
    seconds = int((now - then).total_seconds())
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= length:
            count = seconds // length
            return f"{count} {unit}{'s' if count > 1 else ''}"
    return "less than a minute"
