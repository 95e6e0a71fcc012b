"""An authenticator in software: makes passkeys, and answers with them as a telephone does (W3C WebAuthn).

device = Authenticator()
answer = device.create(options, "https://ops.example.org")      # what `navigator.credentials.create` gives
answer = device.get(options, "https://ops.example.org")         # and `navigator.credentials.get`

Its keys are real, and so are its signatures. What can be wrong with a device or on the way is a field of it,
or is done to an answer by `changed`.
"""

import base64
import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40
NO_MODEL = bytes(16)
ES256 = -7

Options = dict[str, Any]
Answer = dict[str, Any]


class NothingFits(Exception):
    """The device has no passkey for that site."""


@dataclass
class Credential:
    id: bytes
    site: str
    handle: bytes
    key: ec.EllipticCurvePrivateKey
    count: int = 0


@dataclass
class Authenticator:
    """`verifies`: it asks for a finger; `counts`: as keys with a button do, synced passkeys do not; its
    credentials' ids have so many bytes.
    """

    serial: str = "a phone"
    verifies: bool = True
    counts: bool = True
    id_bytes: int = 32
    held: list[Credential] = field(default_factory=list)

    def create(self, options: Options, origin: str) -> Answer:
        """A new credential for the site that is asked for."""
        asked = options["publicKey"]
        if any(unpacked(each["id"]) in self.ids for each in asked["excludeCredentials"]):
            raise NothingFits("there is one already")
        assert ES256 in [each["alg"] for each in asked["pubKeyCredParams"]]
        made = Credential(
            id=hashlib.shake_128(f"{self.serial} {len(self.held)}".encode()).digest(self.id_bytes),
            site=asked["rp"]["id"],
            handle=unpacked(asked["user"]["id"]),
            key=ec.generate_private_key(ec.SECP256R1()),
        )
        self.held.append(made)
        data = self.data(made, ATTESTED) + NO_MODEL + len(made.id).to_bytes(2) + made.id + public(made)
        response = {
            "clientDataJSON": packed(said("webauthn.create", asked["challenge"], origin)),
            "attestationObject": packed(cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})),
        }
        return answer(made, response)

    def get(self, options: Options, origin: str, site: str = "", *, framed: bool = False) -> Answer:
        """The newest credential for the site signs; `site` is another one than is asked for, and `framed` is
        a page of ours in a frame of another site's.
        """
        asked = options["publicKey"]
        fitting = [each for each in self.held if each.site == asked["rpId"]]
        if not fitting:
            raise NothingFits(asked["rpId"])
        used = fitting[-1]
        used.count += self.counts
        data = self.data(used, site=site)
        client = said("webauthn.get", asked["challenge"], origin, framed)
        signature = used.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        response = {
            "clientDataJSON": packed(client),
            "authenticatorData": packed(data),
            "signature": packed(signature),
            "userHandle": packed(used.handle),
        }
        return answer(used, response)

    @property
    def ids(self) -> list[bytes]:
        return [each.id for each in self.held]

    def data(self, of: Credential, flags: int = 0, site: str = "") -> bytes:
        """Authenticator data without what is attested."""
        checked = flags | PRESENT | (VERIFIED if self.verifies else 0)
        return hashlib.sha256((site or of.site).encode()).digest() + bytes([checked]) + of.count.to_bytes(4)


def public(of: Credential) -> bytes:
    """The public key as a COSE key (RFC 9053)."""
    numbers = of.key.public_key().public_numbers()
    return cbor2.dumps({1: 2, 3: ES256, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)})


def said(kind: str, challenge: str, origin: str, framed: bool = False) -> bytes:
    """The client data, as a browser writes it."""
    client = {"type": kind, "challenge": challenge, "origin": origin, "crossOrigin": framed}
    return json.dumps(client, separators=(",", ":")).encode()


def answer(of: Credential, response: dict[str, str]) -> Answer:
    return {"id": packed(of.id), "rawId": packed(of.id), "type": "public-key", "response": response}


def changed(given: Answer, **response: str) -> Answer:
    """The same answer with something else in it."""
    return {**given, "response": {**given["response"], **response}}


def flipped(text: str) -> str:
    """Something that is one bit different."""
    plain = bytearray(unpacked(text))
    plain[-1] ^= 1
    return packed(bytes(plain))


def packed(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def unpacked(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
