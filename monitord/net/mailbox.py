"""A mail address as a value: what may stand on a command line of SMTP (RFC 5321 §4.5.3.1, RFC 6531)."""

import re
from dataclasses import dataclass
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

from monitord.net.target import host_name

ADDRESS_BYTES_MAX = 254  # RFC 5321 §4.5.3.1.3: a path of 256 with its angle brackets
LOCAL_BYTES_MAX = 64
LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
ATOM = r"[\w!#$%&'*+/=?^`{|}~-]+"
LOCAL = re.compile(rf"{ATOM}(?:\.{ATOM})*")
DOMAIN = re.compile(rf"{LABEL}(?:\.{LABEL})*")


def mail_address(written: str) -> str:
    """The address with its domain in lower-case ASCII; ValueError says what is wrong with it.

    Quoted local parts (`"ann b"@example.org`) and domains in brackets are refused: nobody has one, and they
    are how commands are smuggled.
    """
    local, at, domain = written.strip(" ").rpartition("@")
    if not at or not local or not domain:
        raise ValueError(f"{written[:80]!r} is not a mail address; write it as ann@example.org")
    if not LOCAL.fullmatch(local):
        raise ValueError(f"{local[:80]!r} cannot stand before the @ of a mail address")
    name = host_name(domain)
    if not DOMAIN.fullmatch(name):
        raise ValueError(f"{domain[:80]!r} is not a domain; write it as example.org")
    if len(local.encode()) > LOCAL_BYTES_MAX or len(f"{local}@{name}".encode()) > ADDRESS_BYTES_MAX:
        raise ValueError(
            f"a mail address has at most {LOCAL_BYTES_MAX} bytes before its @ and {ADDRESS_BYTES_MAX} in all"
        )
    return f"{local}@{name}"


@dataclass(frozen=True, slots=True)
class Sender:
    """Who a mail is from: a name to be read, which may be empty, and an address."""

    name: str
    address: str

    def __str__(self) -> str:
        return f"{self.name} <{self.address}>" if self.name else self.address


def sender(written: object) -> Sender:
    """`Example Shop <monitord@example.org>` as a value; ValueError as in `mail_address`."""
    if isinstance(written, Sender):
        return written
    text = str(written).strip(" ")
    if not text.isprintable():
        raise ValueError("a sender holds no line breaks or control characters")
    name, bracket, rest = text.rpartition("<")
    if bracket and not rest.endswith(">"):
        raise ValueError("the sender's address ends with >, as in Example Shop <monitord@example.org>")
    address = mail_address(rest.removesuffix(">"))
    if not address.isascii():
        raise ValueError("the sender's address holds only ASCII before its @: every mail server must take it")
    return Sender(name.strip(' "'), address)


MailSender = Annotated[
    Sender,
    BeforeValidator(sender),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "string"}),
]
