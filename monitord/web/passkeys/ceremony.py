"""What a browser is asked about a passkey, and what its answers are worth (W3C Web Authentication, level 2).

Theory of operation. The library checks every answer whole: its type, challenge, origin, relying party, flags
and signature. What people can do something about is looked for before, so that it can be said in a sentence.
Attestation is not asked for: who made a device decides nothing here. The library is imported when the first
answer comes, because it takes half a second; so this belongs into a thread.

Two things are ours. The counter is compared only after the signature was found right: nobody but the owner
of the key may raise a suspicion. And a stranger's bytes may break the parser in ways that it does not name,
so any exception of the library's is an answer that cannot be read.
"""

import base64
import hashlib
import hmac
import json
from binascii import Error as Base64Error
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

from monitord.web.access.limits import (
    CHALLENGE_LASTS,
    CREDENTIAL_BYTES_MAX,
    PASSKEY_ANSWER_CHARS_MAX,
    PUBLIC_KEY_BYTES_MAX,
)
from monitord.web.passkeys.site import Site

ALGORITHMS = (-8, -7, -257)  # EdDSA, ES256, RS256 (RFC 9053, RFC 8812): what every authenticator has one of
MILLISECONDS = 1000

P = ParamSpec("P")
T = TypeVar("T")


class AnswerRefused(Exception):
    """The text is a sentence for whoever holds the device."""


UNREADABLE = "What the browser sent about the passkey cannot be read."
ELSEWHERE = "That passkey was used at {}; this console is at {}."
FOREIGN = "That passkey was made for another address than {}."
UNVERIFIED = "The device did not check that it is you: set a PIN, a finger or a face on it."
UNSIGNED = "The passkey's signature does not fit."
UNMADE = "The device made a passkey that does not work here."


@dataclass(frozen=True, slots=True)
class Whose:
    """For whom a passkey is made: how they are called here, and by their name."""

    account: str
    name: str
    organization: str


@dataclass(frozen=True, slots=True)
class Answered:
    """A browser's answer, read as far as that needs no key: which credential, challenge, and user handle."""

    credential: bytes
    challenge: bytes
    handle: bytes
    whole: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Made:
    """A new credential."""

    credential: bytes
    public_key: bytes
    counter: int


# What is asked.


def creation_options(
    site: Site, whose: Whose, handle: bytes, challenge: bytes, there: Sequence[bytes]
) -> dict[str, Any]:
    """For `navigator.credentials.create`; no device is to make a second one beside those that are `there`."""
    return {
        "rp": {"id": site.name, "name": f"monitord of {whose.organization}"},
        "user": {"id": packed(handle), "name": whose.account, "displayName": whose.name},
        "challenge": packed(challenge),
        "pubKeyCredParams": [{"type": "public-key", "alg": each} for each in ALGORITHMS],
        "timeout": int(CHALLENGE_LASTS * MILLISECONDS),
        "excludeCredentials": [{"type": "public-key", "id": packed(each)} for each in there],
        "authenticatorSelection": {
            "residentKey": "required",
            "requireResidentKey": True,
            "userVerification": "required",
        },
        "attestation": "none",
    }


def request_options(site: Site, challenge: bytes) -> dict[str, Any]:
    """For `navigator.credentials.get`: whichever passkey the device has for this site."""
    return {
        "rpId": site.name,
        "challenge": packed(challenge),
        "timeout": int(CHALLENGE_LASTS * MILLISECONDS),
        "userVerification": "required",
    }


def handle_of(secret: bytes, account: str) -> bytes:
    """The user handle that authenticators keep: the same for each passkey of an account, and no name."""
    return hmac.digest(secret, f"monitord.passkey.handle\n{account}".encode(), "sha256")


# What is answered.


def read(written: str) -> Answered:
    """The answer as the script wrote it into its form. Raises AnswerRefused."""
    if len(written) > PASSKEY_ANSWER_CHARS_MAX:
        raise AnswerRefused(f"What the browser sent is longer than {PASSKEY_ANSWER_CHARS_MAX} characters.")
    try:
        whole = json.loads(written)
        response = whole["response"]
        client = json.loads(unpacked(response["clientDataJSON"]))
        return Answered(
            unpacked(whole["id"]),
            unpacked(client["challenge"]),
            unpacked(response.get("userHandle") or ""),
            whole,
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise AnswerRefused(UNREADABLE) from None


def made(site: Site, answered: Answered, challenge: bytes) -> Made:
    """What a device made. Raises AnswerRefused."""
    return guarded(look_at_made, UNMADE, site, answered, challenge)


def counted(site: Site, answered: Answered, challenge: bytes, public_key: bytes) -> int:
    """How far the authenticator has counted, if the answer is right. Raises AnswerRefused."""
    return guarded(look_at_used, UNSIGNED, site, answered, challenge, public_key)


def guarded(look: Callable[P, T], otherwise: str, *args: P.args, **kwargs: P.kwargs) -> T:
    """What `look` says; whatever the library stumbles over is the stranger's doing."""
    try:
        return look(*args, **kwargs)
    except AnswerRefused:
        raise
    except Exception as error:
        raise AnswerRefused(otherwise) from error


def look_at_made(site: Site, answered: Answered, challenge: bytes) -> Made:
    from webauthn import verify_registration_response  # noqa: PLC0415 - half a second, once
    from webauthn.helpers import parse_attestation_object  # noqa: PLC0415
    from webauthn.helpers.cose import COSEAlgorithmIdentifier  # noqa: PLC0415

    response = answered.whole["response"]
    found = parse_attestation_object(unpacked(response["attestationObject"])).auth_data
    judge(site, response["clientDataJSON"], found.rp_id_hash, found.flags.uv)
    verified = verify_registration_response(
        credential=dict(answered.whole),
        expected_challenge=challenge,
        expected_rp_id=site.name,
        expected_origin=site.origin,
        require_user_verification=True,
        supported_pub_key_algs=[COSEAlgorithmIdentifier(each) for each in ALGORITHMS],
    )
    new = Made(verified.credential_id, verified.credential_public_key, verified.sign_count)
    if len(new.credential) > CREDENTIAL_BYTES_MAX or len(new.public_key) > PUBLIC_KEY_BYTES_MAX:
        raise AnswerRefused(UNMADE)
    return new


def look_at_used(site: Site, answered: Answered, challenge: bytes, public_key: bytes) -> int:
    from webauthn import verify_authentication_response  # noqa: PLC0415 - half a second, once
    from webauthn.helpers import parse_authenticator_data  # noqa: PLC0415

    response = answered.whole["response"]
    found = parse_authenticator_data(unpacked(response["authenticatorData"]))
    judge(site, response["clientDataJSON"], found.rp_id_hash, found.flags.uv)
    verified = verify_authentication_response(
        credential=dict(answered.whole),
        expected_challenge=challenge,
        expected_rp_id=site.name,
        expected_origin=site.origin,
        credential_public_key=public_key,
        credential_current_sign_count=0,  # compared by us, when the signature is known to be right
        require_user_verification=True,
    )
    return verified.new_sign_count


def judge(site: Site, client: str, party: bytes, verified: bool) -> None:
    """What somebody can do something about, said so. Raises AnswerRefused."""
    said = json.loads(unpacked(client))
    if said.get("origin") != site.origin or said.get("crossOrigin"):
        raise AnswerRefused(ELSEWHERE.format(str(said.get("origin"))[:100], site.origin))
    if party != hashlib.sha256(site.name.encode()).digest():
        raise AnswerRefused(FOREIGN.format(site.origin))
    if not verified:
        raise AnswerRefused(UNVERIFIED)


# Base64url without padding, as the W3C has it in JSON.


def packed(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def unpacked(text: str) -> bytes:
    """Raises ValueError."""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except Base64Error as error:
        raise ValueError(str(error)) from error
