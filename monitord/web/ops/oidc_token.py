"""The ID token: is it the provider's, for us, for this attempt, and in time? (OpenID Connect Core, 3.1.3.7)

Theory of operation. Signatures are judged by joserfc (what has become of authlib.jose), claims by Authlib.
Which algorithms count is said here and not by the token: neither `none` nor one with a shared secret, for
which a public key would do as the secret. Both libraries are imported when first wanted, in a thread: that
takes 0.3 s, and most installations never need them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from monitord.core.check import Instant
from monitord.web.ops.oidc_limits import KEYS_MAX, LEEWAY

ALGORITHMS = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "EdDSA"),
)
PUBLIC = ("RSA", "EC", "OKP")  # kinds of keys; anybody may know them

Key = Mapping[str, Any]
Claims = Mapping[str, Any]


class Untrue(Exception):
    """It does not prove who somebody is; the text continues a sentence about the token."""


class KeyUnknown(Untrue):
    """It is signed by a key that we have not heard of; there may be a new one."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a token has to say."""

    issuer: str
    client_id: str
    nonce: str = field(repr=False)


def checked(token: str, keys: Sequence[Key], expected: Expected, access_token: str, now: Instant) -> Claims:
    """What the token says, if it is true. Raises Untrue, KeyUnknown."""
    from joserfc.errors import JoseError  # noqa: PLC0415

    try:
        header = header_of(token)
        claims = signed(token, suitable(header, keys))
        judge(claims, header, expected, access_token, now)
    except JoseError as error:
        raise Untrue(f"will not do ({error})") from error
    except Untrue:
        raise
    except Exception as error:
        raise Untrue(f"cannot be read: {type(error).__name__}") from error
    return claims


def header_of(token: str) -> Mapping[str, Any]:
    """What it says of its signature. Raises Untrue, JoseError, ValueError."""
    from joserfc.jws import extract_compact  # noqa: PLC0415 - see above

    header = extract_compact(token.encode("ascii"), registry=registry()).headers()
    if header.get("alg") not in ALGORITHMS:
        raise Untrue(f"is signed by an algorithm that proves nothing ({header.get('alg')!s:.20})")
    return header


def suitable(header: Mapping[str, Any], keys: Sequence[Key]) -> Key:
    """The one key that it names; without a name there must be only one. Raises Untrue, KeyUnknown."""
    kid = header.get("kid")
    public = [key for key in keys[:KEYS_MAX] if key.get("kty") in PUBLIC and key.get("use", "sig") == "sig"]
    found = [key for key in public if kid is None or key.get("kid") == kid]
    if not found:
        raise KeyUnknown("is signed by a key that the provider does not have")
    if len(found) > 1:
        raise Untrue("does not say by which key it is signed")
    return found[0]


def signed(token: str, key: Key) -> Claims:
    """What it says, if the key has signed it. Raises JoseError, ValueError."""
    from joserfc import jwt  # noqa: PLC0415 - see above
    from joserfc.jwk import import_key  # noqa: PLC0415

    return jwt.decode(token, import_key(dict(key)), algorithms=ALGORITHMS, registry=registry()).claims


def registry() -> Any:
    """What a header may say: more than we understand, as long as it is not critical."""
    from joserfc.jws import JWSRegistry  # noqa: PLC0415 - see above

    return JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)


def judge(
    claims: Claims, header: Mapping[str, Any], expected: Expected, access_token: str, now: Instant
) -> None:
    """Is it for us, for this attempt, and in time? Raises JoseError."""
    from authlib.oidc.core import CodeIDToken  # type: ignore[import-untyped]  # noqa: PLC0415 - see above

    options = {
        "iss": {"essential": True, "value": expected.issuer},
        "aud": {"essential": True, "value": expected.client_id},
        "sub": {"essential": True},
    }
    params = {"nonce": expected.nonce, "client_id": expected.client_id, "access_token": access_token}
    told = CodeIDToken(dict(claims), dict(header), options, params)
    told.validate(now=int(now.timestamp()), leeway=int(LEEWAY.total_seconds()))
