"""Is this a mail address that we can write to? Says in a sentence what is wrong with it."""

import re

ADDRESS_CHARS_MAX = 254  # RFC 5321, 4.5.3.1.3
LOCAL_CHARS_MAX = 64
LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*", re.ASCII)
LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)


class AddressRefused(Exception):
    """The text is the sentence."""


def mailbox(written: str) -> str:
    """The address as it is stored: without spaces around it, its domain in lower case and ASCII."""
    address = written.strip()
    if not address:
        raise AddressRefused("Please write your mail address, as in you@example.org.")
    if len(address) > ADDRESS_CHARS_MAX:
        raise AddressRefused(f"A mail address has at most {ADDRESS_CHARS_MAX} characters.")
    local, at, domain = address.rpartition("@")
    if not (local and at and domain):
        raise AddressRefused("A mail address has an @ between a name and a domain, as in you@example.org.")
    if len(local) > LOCAL_CHARS_MAX or not LOCAL.fullmatch(local):
        raise AddressRefused("What stands before the @ has characters that we cannot write to.")
    return f"{local}@{domain_of(domain)}"


def domain_of(written: str) -> str:
    """The domain, with umlauts and the like as the DNS spells them."""
    try:
        domain = written.rstrip(".").encode("idna").decode("ascii").lower()
    except UnicodeError:
        domain = ""
    labels = domain.split(".")
    if len(labels) < 2 or not all(map(LABEL.fullmatch, labels)) or labels[-1].isdigit():
        raise AddressRefused("What stands after the @ is not a domain, as in you@example.org.")
    return domain
