"""A provider of OpenID Connect: Authlib's own server on a real port, which does wrong when it is told to.

with provider(now=clock.now) as it:
    it.people["ann"] = {"email": "ann@example.org", "email_verified": True}
    there = it.sign_in(location, "ann")              # what ann's browser is sent back to
    it.claims = {"aud": "somebody-else"}             # from now on its tokens say that
    it.instead["/token"] = huge                      # a whole answer in place of its own
"""

import hmac
import json
import threading
from base64 import urlsafe_b64encode
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2 as httpx
from authlib.oauth2 import OAuth2Request
from authlib.oauth2.rfc6749 import AuthorizationServer, ClientMixin
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import AuthorizationCodeMixin
from authlib.oidc.core.grants import OpenIDCode
from joserfc import jwt
from joserfc.jwk import RSAKey

from monitord.engine.clock import RealClock

CLOCK = RealClock()
DISCOVERY = "/.well-known/openid-configuration"
CLIENT, SECRET = "monitord", "a secret: between us & them"
Reply = tuple[int, dict[str, str], bytes]
Instead = Callable[[BaseHTTPRequestHandler], None]
FORM = """<!doctype html><html lang="en"><title>Example Login</title><link rel="icon" href="data:,">
<main><h1>Example Login</h1>
<form method="post" action="/authorize?%s"><label>Name <input name="login"></label><button>Continue</button>
</form></main></html>"""


@dataclass
class Known(ClientMixin):  # type: ignore[misc]
    """We, as the provider knows us."""

    redirect_uri: str
    method: str = "client_secret_basic"

    def get_client_id(self) -> str:
        return CLIENT

    def get_default_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_allowed_scope(self, scope: str) -> str:
        return scope

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri == self.redirect_uri

    def check_client_secret(self, secret: str) -> bool:
        return secret == SECRET

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == self.method

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


@dataclass
class Code(AuthorizationCodeMixin):  # type: ignore[misc]
    code: str
    person: str
    asked: dict[str, str]

    @property
    def code_challenge(self) -> str | None:
        return self.asked.get("code_challenge")

    @property
    def code_challenge_method(self) -> str | None:
        return self.asked.get("code_challenge_method")

    def get_redirect_uri(self) -> str:
        return self.asked["redirect_uri"]

    def get_scope(self) -> str:
        return self.asked["scope"]

    def get_nonce(self) -> str | None:
        return self.asked.get("nonce")

    def get_auth_time(self) -> None:
        return None

    def get_acr(self) -> None:
        return None

    def get_amr(self) -> None:
        return None


@cache
def made(kid: str, kind: Any, size: Any) -> Any:
    """A key pair, made once a process: it takes a tenth of a second."""
    return kind.generate_key(size, {"kid": kid}, private=True)


@dataclass
class Provider:
    """`people` are its accounts; `claims`, `told` and `instead` lie over what it would say."""

    url: str
    now: Callable[[], datetime]
    redirect_uri: str
    people: dict[str, dict[str, Any]] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)
    told: dict[str, Any] = field(default_factory=dict)
    instead: dict[str, Instead] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    codes: dict[str, Code] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    in_token: tuple[str, ...] = ("email", "email_verified", "preferred_username")
    method: str = "client_secret_basic"
    algorithm: str = "RS256"
    leaving: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.key: Any = None
        self.published: list[dict[str, Any]] = []
        self.rotate("first")
        self.server = Server(self)

    def rotate(self, kid: str, kind: Any = RSAKey, size: Any = 2048) -> None:
        """From now on it signs by another key, and lists it alone."""
        self.key = made(kid, kind, size)
        self.published = [self.key.as_dict(private=False)]

    def sign_in(self, location: str, person: str) -> str:
        """Somebody signs in where their browser was sent; where it is sent back to."""
        reply = httpx.post(location, data={"login": person}, follow_redirects=False, verify=False)
        assert 302 == reply.status_code, reply.text
        return str(reply.headers["location"])

    # What it says.

    def discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "userinfo_endpoint": f"{self.url}/userinfo",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [self.algorithm],
            "token_endpoint_auth_methods_supported": [self.method],
            "code_challenge_methods_supported": ["S256"],
            **self.told,
        }

    def answer(self, method: str, path: str, query: str, headers: dict[str, str], body: bytes) -> Reply:
        match method, path:
            case "GET", path if path == DISCOVERY:
                return as_json(200, self.discovery())
            case "GET", "/keys":
                return as_json(200, {"keys": self.published})
            case "GET", "/authorize":
                return 200, {"content-type": "text/html"}, (FORM % query).encode()
            case "POST", "/authorize":
                login = dict(parse_qsl(body.decode())).get("login", "")
                request = asked(self.url, method, path, dict(parse_qsl(query)), headers)
                grant = self.server.get_authorization_grant(request)
                return self.server.create_authorization_response(request, login or None, grant)
            case "POST", "/token":
                return self.server.create_token_response(
                    asked(self.url, method, path, dict(parse_qsl(body.decode())), headers)
                )
            case "GET", "/userinfo":
                return self.userinfo(headers.get("authorization", "").removeprefix("Bearer "))
        return as_json(404, {"error": "not_found"})

    def userinfo(self, token: str) -> Reply:
        person = self.tokens.get(token)
        if person is None:
            return as_json(401, {"error": "invalid_token"})
        return as_json(200, {"sub": person, **self.people[person], **self.told.get("userinfo", {})})


def asked(url: str, method: str, path: str, said: dict[str, str], headers: dict[str, str]) -> OAuth2Request:
    """What Authlib calls a request; it wants to be told that somebody encrypts."""
    request = OAuth2Request(method, f"https://login.example.org{path}", headers=Headers(headers))
    request.payload = BasicOAuth2Payload(said)
    request.__class__ = type("Asked", (OAuth2Request,), {"form": said, "args": said})
    return request


class Headers(dict[str, str]):
    """Names in any case."""

    def get(self, name: str, default: Any = None) -> Any:
        return super().get(name.lower(), default)

    def __contains__(self, name: object) -> bool:
        return super().__contains__(str(name).lower())

    def __getitem__(self, name: str) -> str:
        return super().__getitem__(name.lower())


class Server(AuthorizationServer):  # type: ignore[misc]
    """Authlib's, without a framework."""

    def __init__(self, provider: Provider) -> None:
        super().__init__(scopes_supported=["openid", "email", "profile"])
        self.provider = provider
        self.register_token_generator("default", BearerTokenGenerator(lambda **_: self.opaque()))
        self.register_grant(Grant, [Identity(), CodeChallenge(required=True)])

    def opaque(self) -> str:
        return f"opaque-{len(self.provider.tokens)}"

    def query_client(self, client_id: str) -> Known | None:
        return Known(self.provider.redirect_uri, self.provider.method) if client_id == CLIENT else None

    def save_token(self, token: dict[str, Any], request: OAuth2Request) -> None:
        self.provider.tokens[token["access_token"]] = request.user

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """Nobody listens."""

    def create_oauth2_request(self, request: OAuth2Request) -> OAuth2Request:
        return request

    def handle_response(self, status: int, body: Any, headers: Any) -> Reply:
        if isinstance(body, dict):
            return as_json(status, body)
        return status, {name.lower(): value for name, value in headers}, str(body).encode()


class Grant(AuthorizationCodeGrant):  # type: ignore[misc]
    TOKEN_ENDPOINT_AUTH_METHODS: tuple[str, ...] = ("client_secret_basic", "client_secret_post")

    def save_authorization_code(self, code: str, request: OAuth2Request) -> None:
        self.server.provider.codes[code] = Code(code, request.user, dict(request.payload.data))

    def query_authorization_code(self, code: str, client: Known) -> Code | None:
        return self.server.provider.codes.get(code)  # type: ignore[no-any-return]

    def delete_authorization_code(self, code: Code) -> None:
        del self.server.provider.codes[code.code]

    def authenticate_user(self, code: Code) -> str:
        return code.person


class Identity(OpenIDCode):  # type: ignore[misc]
    """The ID token, which says who it was."""

    def __call__(self, grant: Any) -> None:
        self.provider = grant.server.provider
        super().__call__(grant)

    def exists_nonce(self, nonce: str, request: OAuth2Request) -> bool:
        return any(code.get_nonce() == nonce for code in self.provider.codes.values())

    def encode_id_token(self, token: dict[str, Any], request: OAuth2Request) -> str:
        it: Provider = self.provider
        now = int(it.now().timestamp())
        said = {"iss": it.url, "aud": CLIENT, "sub": request.user, "iat": now, "exp": now + 300}
        said |= self.get_authorization_code_claims(request.authorization_code)
        said |= {k: v for k, v in it.people[request.user].items() if k in it.in_token}
        said = {k: v for k, v in {**said, **it.claims}.items() if v is not None}
        header = {"alg": it.algorithm, **({"kid": it.key.kid} if it.key.kid else {})}
        if it.algorithm in ("none", "HS256"):
            return by_hand(header, said, it.key.as_pem(private=False))
        return jwt.encode(header, said, it.key, [it.algorithm])


def by_hand(header: dict[str, Any], said: dict[str, Any], public: bytes) -> str:
    """A token as a liar makes one: without a signature, or with the public key as a shared secret."""
    text = ".".join(base64url(json.dumps(part).encode()) for part in (header, said))
    mark = base64url(hmac.digest(public, text.encode(), "sha256")) if header["alg"] == "HS256" else ""
    return f"{text}.{mark}"


def base64url(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


def as_json(status: int, said: Any) -> Reply:
    return status, {"content-type": "application/json"}, json.dumps(said).encode()


# What it may do instead.


def saying(status: int, body: Any, **headers: str) -> Instead:
    """Another answer."""

    def reply(handler: BaseHTTPRequestHandler) -> None:
        send(handler, (status, headers, body if isinstance(body, bytes) else json.dumps(body).encode()))

    return reply


def hanging_up(handler: BaseHTTPRequestHandler) -> None:
    """Nothing at all."""
    handler.connection.close()


def endless(handler: BaseHTTPRequestHandler) -> None:
    """More than anybody wants."""
    send(handler, (200, {}, b'{"issuer": "' + b"x" * 2_000_000 + b'"}'))


def silent(it: Provider) -> Instead:
    """No answer before the provider leaves."""

    def wait(handler: BaseHTTPRequestHandler) -> None:
        it.leaving.wait(60)

    return wait


def send(handler: BaseHTTPRequestHandler, reply: Reply) -> None:
    status, headers, body = reply
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.send_header("content-length", str(len(body)))
    handler.end_headers()
    try:
        handler.wfile.write(body)
    except ConnectionError:
        """Whoever asked has heard enough."""


@contextmanager
def provider(redirect_uri: str = "", now: Callable[[], datetime] = CLOCK.now) -> Iterator[Provider]:
    """The server, until the end of the block."""

    class Answering(BaseHTTPRequestHandler):
        def answer(self) -> None:
            raw = self.rfile.read(int(self.headers.get("content-length", 0)))
            parts = urlsplit(self.path)
            it.asked[parts.path] += 1
            instead = it.instead.get(parts.path)
            if instead is not None:
                instead(self)
                return
            headers = {name.lower(): value for name, value in self.headers.items()}
            send(self, it.answer(self.command, parts.path, parts.query, headers, raw))

        do_GET = do_POST = answer  # noqa: N815 - as http.server calls them

        def log_message(self, *args: object) -> None:
            """Not on the test's terminal."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    server.daemon_threads = True
    it = Provider(f"http://127.0.0.1:{server.server_port}", now, redirect_uri)
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    serving.start()
    try:
        yield it
    finally:
        it.leaving.set()
        server.shutdown()
        serving.join()
        server.server_close()
