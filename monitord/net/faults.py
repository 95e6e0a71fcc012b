"""What went wrong on the network, in words that continue "shop.example.org …"; and whose fault it is."""

import errno
import os
import socket
import ssl
from dataclasses import dataclass

from monitord.net.egress import EgressError
from monitord.net.tls import certificate_words


@dataclass(frozen=True, slots=True)
class Fault:
    """`words` continue a sentence about the target; if it is `ours`, they say nothing about the target."""

    words: str
    ours: bool = False


class GarbledError(Exception):
    """The other side broke the rules of its protocol; the text continues a sentence about it."""


THEIRS = {
    errno.ECONNREFUSED: "refused the connection",
    errno.ECONNRESET: "reset the connection",
    errno.ECONNABORTED: "aborted the connection",
    errno.EPIPE: "closed the connection while we were sending",
    errno.ETIMEDOUT: "did not accept the connection in time",
    errno.EHOSTUNREACH: "cannot be reached: no route to that host",
    errno.EHOSTDOWN: "cannot be reached: the host is down",
    errno.EPROTO: "broke the protocol",
}
OURS = {
    errno.EMFILE: "this process has no file descriptor left",
    errno.ENFILE: "this machine has no file descriptor left",
    errno.ENOBUFS: "this machine has no network buffers left",
    errno.ENOMEM: "this machine has no memory left",
    errno.ENETUNREACH: "this machine has no route to that network",
    errno.ENETDOWN: "the network of this machine is down",
    errno.EADDRNOTAVAIL: "this machine has no address or port left to connect from",
    errno.EAFNOSUPPORT: "this machine does not speak that address family",
    errno.EPERM: "this machine's firewall does not let us out",
    errno.EACCES: "this machine's firewall does not let us out",
}
LOOKUPS = {
    socket.EAI_NONAME: Fault("does not exist in DNS"),
    socket.EAI_NODATA: Fault("has no address in DNS"),
    socket.EAI_AGAIN: Fault("could not be looked up: the name servers did not answer"),
    socket.EAI_FAIL: Fault("could not be looked up: the name servers failed"),
    socket.EAI_MEMORY: Fault(OURS[errno.ENOMEM], ours=True),
    socket.EAI_SYSTEM: Fault("this machine's resolver failed", ours=True),
}
HANDSHAKES = {
    "WRONG_VERSION_NUMBER": "does not speak TLS on this port",
    "HTTP_REQUEST": "does not speak TLS on this port",
    "UNSUPPORTED_PROTOCOL": "only speaks versions of TLS that are too old",
    "TLSV1_ALERT_PROTOCOL_VERSION": "only speaks versions of TLS that are too old",
    "SSLV3_ALERT_HANDSHAKE_FAILURE": "has no TLS cipher in common with us, or wants a client certificate",
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": "wants a client certificate",
    "TLSV1_UNRECOGNIZED_NAME": "does not know this name (TLS alert unrecognized_name)",
    "UNEXPECTED_EOF_WHILE_READING": "closed the connection during the TLS handshake",
}


def fault(error: OSError | GarbledError, host: str) -> Fault:
    """What an error means that came up while we were talking to `host`."""
    match error:
        case GarbledError():
            return Fault(str(error))
        case ssl.SSLCertVerificationError():
            return Fault(certificate_words(error, host))
        case ssl.SSLError():
            reason = getattr(error, "reason", None) or error.strerror or "no reason was given"
            return Fault(
                HANDSHAKES.get(reason, f"cannot speak TLS with us: {reason.replace('_', ' ').lower()}")
            )
        case socket.gaierror():
            return LOOKUPS.get(error.errno or 0, Fault(f"could not be looked up: {error.strerror}"))
        case EgressError():
            return Fault(f"leads to the private address {error.address}, which strangers may not send us to")
    return by_number(error)


def by_number(error: OSError) -> Fault:
    """What an errno means; a reset without a number is how asyncio says that the other side hung up."""
    if error.errno in OURS:
        return Fault(OURS[error.errno], ours=True)
    if error.errno in THEIRS:
        return Fault(THEIRS[error.errno])
    if isinstance(error, ConnectionError):
        return Fault("closed the connection too early")
    words = os.strerror(error.errno) if error.errno else str(error) or type(error).__name__
    return Fault(f"failed: {words}")


def most_telling(errors: list[OSError]) -> OSError:
    """Of the errors of all addresses of one name: rather what the target did than what we lack."""
    return next((error for error in errors if not by_number(error).ours), errors[0])
