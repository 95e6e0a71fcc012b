"""The shared HTTP client of the channels; the only file that knows which library it comes from.

httpx lost its connection pool for good when requests were cancelled under contention; httpx2 is its
maintained continuation. One client for all, because each costs an SSL context. It takes no proxy from the
environment and follows no redirect, so that it only goes where a file says.
"""

import ssl

import httpx2 as httpx

from monitord.net.limits import CLIENT_CONNECTIONS_MAX, CLIENT_TIMEOUT

HttpError = httpx.HTTPError  # every way in which a request can fail


def client(context: ssl.SSLContext) -> httpx.AsyncClient:
    """A client that verifies with the context; who builds it closes it."""
    return httpx.AsyncClient(
        verify=context,
        timeout=CLIENT_TIMEOUT.total_seconds(),
        limits=httpx.Limits(max_connections=CLIENT_CONNECTIONS_MAX),
        headers={"User-Agent": "monitord"},
        follow_redirects=False,
        trust_env=False,
    )
