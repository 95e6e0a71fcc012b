"""Faults: errors as words for the person who is woken by them, and whose fault they are."""

import errno
import socket
import ssl

import pytest

from monitord.net.egress import EgressError
from monitord.net.faults import Fault, GarbledError, fault, most_telling

REFUSED = ConnectionRefusedError(errno.ECONNREFUSED, "x")
NO_ROUTE = OSError(errno.ENETUNREACH, "x")


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (REFUSED, Fault("refused the connection")),
        (ConnectionResetError(errno.ECONNRESET, "x"), Fault("reset the connection")),
        (ConnectionResetError(), Fault("closed the connection too early")),
        (TimeoutError(errno.ETIMEDOUT, "x"), Fault("did not accept the connection in time")),
        (OSError(errno.EHOSTUNREACH, "x"), Fault("cannot be reached: no route to that host")),
        (NO_ROUTE, Fault("this machine has no route to that network", ours=True)),
        (OSError(errno.EMFILE, "x"), Fault("this process has no file descriptor left", ours=True)),
        (OSError(errno.EISDIR, "x"), Fault("failed: Is a directory")),
        (socket.gaierror(socket.EAI_NONAME, "x"), Fault("does not exist in DNS")),
        (
            socket.gaierror(socket.EAI_AGAIN, "x"),
            Fault("could not be looked up: the name servers did not answer"),
        ),
        (GarbledError("sent nonsense"), Fault("sent nonsense")),
        (
            EgressError("10.0.0.1"),
            Fault("leads to the private address 10.0.0.1, which strangers may not send us to"),
        ),
        (ssl.SSLError(1, "x"), Fault("cannot speak TLS with us: x")),
    ],
)
def test_an_error_is_a_sentence(error: OSError | GarbledError, expected: Fault) -> None:
    assert expected == fault(error, "shop.example.org")


def test_of_several_errors_what_the_target_did_counts_for_more_than_what_we_lack() -> None:
    assert REFUSED is most_telling([NO_ROUTE, REFUSED])
    assert NO_ROUTE is most_telling([NO_ROUTE])
