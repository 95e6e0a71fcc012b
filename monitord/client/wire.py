"""One question over HTTP, through a unix socket or to a URL; imported late, for HTTP libraries are heavy."""

import json
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx2 as httpx

from monitord.client.faults import DaemonUnreachable, WrongUse
from monitord.client.place import Place, reachable

ANSWER_BYTES_MAX = 32 * 1024 * 1024
START_IT = "start it with `monitord run`, or name its configuration with --config"
CUT_OFF = (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError)


class HungUp(DaemonUnreachable):
    """The connection broke before there was an answer: nobody knows whether it was heard."""


@dataclass(frozen=True, slots=True)
class Question:
    """`body` None is a GET."""

    path: str
    query: Mapping[str, Any]
    body: Mapping[str, Any] | None
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Reply:
    """`following` is where the next page of a list is."""

    status: int
    body: bytes
    following: str = ""


def ask(place: Place, question: Question, within: float) -> Reply:
    """The answer; every step of it may take `within` seconds. Raises DaemonUnreachable, WrongUse."""
    try:
        with connected(place, within) as http:
            return answered(http, question)
    except UnicodeError as error:
        raise WrongUse("what was said is not text", "write it in UTF-8") from error
    except CUT_OFF as error:
        raise HungUp(f"the daemon at {place} hung up before it answered", "look into its log") from error
    except (httpx.TimeoutException, TimeoutError) as error:
        late = f"the daemon at {place} did not answer within {within:g} s"
        raise DaemonUnreachable(late, "look into its log") from error
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        raise DaemonUnreachable(f"no daemon answers at {place} ({why(error)})", START_IT) from error


@contextmanager
def connected(place: Place, within: float) -> Iterator[httpx.Client]:
    """An HTTP client for the place."""
    if place.socket is None:
        token = {"authorization": f"Bearer {place.token}"} if place.token else {}
        with httpx.Client(base_url=place.url, headers=token, timeout=within, trust_env=False) as http:
            yield http
        return
    with reachable(place.socket) as name:
        knock(name, within)
        transport = httpx.HTTPTransport(uds=name, trust_env=False, verify=False)
        with httpx.Client(
            base_url="http://monitord", transport=transport, timeout=within, trust_env=False
        ) as http:
            yield http


def knock(name: str, within: float) -> None:
    """Is anybody there? Asked apart, because the library forgets the socket of a connection that failed."""
    with socket.socket(socket.AF_UNIX) as asking:
        asking.settimeout(within)
        asking.connect(name)


def answered(http: httpx.Client, question: Question) -> Reply:
    body = bytearray()
    with http.stream(
        "GET" if question.body is None else "POST",
        f"/api/v1/{question.path}",
        params=dict(question.query) or None,
        content=None if question.body is None else json.dumps(question.body).encode(),
        headers={"content-type": "application/json", **question.headers},
    ) as answer:
        for part in answer.iter_bytes():
            body += part
            if len(body) > ANSWER_BYTES_MAX:
                raise DaemonUnreachable(f"the daemon's answer is longer than {ANSWER_BYTES_MAX} bytes")
    return Reply(answer.status_code, bytes(body), answer.links.get("next", {}).get("url", ""))


def why(error: BaseException) -> str:
    """The reason in a few words: the system's, if there is one below the library's."""
    below: BaseException | None = error
    while below is not None:
        if isinstance(below, OSError) and below.strerror:
            return below.strerror.lower()
        below = below.__cause__ or below.__context__
    return str(error) or type(error).__name__
