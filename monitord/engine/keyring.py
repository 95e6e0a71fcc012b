"""Who may speak: the secrets of integrations and heartbeats, those of the configuration and those made up.

Theory of operation. An integration or heartbeat that says no secret has one that is derived from the store's:
the same after every start, unlike any other installation's, and shown by `monitord integration list`. Secrets
are looked up by their digest and compared as digests, so that the time it takes says nothing about them.
"""

import hmac
from collections.abc import Iterable, Mapping
from hashlib import sha256
from uuid import UUID

from monitord.config.inlets import Inlet
from monitord.config.settings import Settings

HEARTBEAT = "heartbeat"  # the kind whose secrets are ping keys
DERIVED_CHARS = 32


class Keyring:
    """Every secret of one configuration; `secret` is the store's."""

    def __init__(self, secret: bytes, settings: Settings, heartbeats: Iterable[str]) -> None:
        self.secret = secret
        self.inlets: Mapping[str, Inlet] = settings.inlets
        self.of: dict[str, tuple[str, ...]] = {
            id: tuple(each.get_secret_value() for each in inlet.secrets) or (self.derived(f"in/{id}"),)
            for id, inlet in settings.inlets.items()
        }
        self.by_secret = {digest(each): id for id, several in self.of.items() for each in several}
        said = settings.heartbeat_keys
        self.heartbeat_keys: dict[str, tuple[str, ...]] = {
            id: tuple(each.get_secret_value() for each in said.get(id, ()))
            or (self.derived_uuid(f"heartbeat/{id}"),)
            for id in heartbeats
        }
        self.by_key = {
            digest(key.casefold()): id for id, several in self.heartbeat_keys.items() for key in several
        }

    def derived(self, what: str) -> str:
        return hmac.new(self.secret, f"monitord.{what}".encode(), sha256).hexdigest()[:DERIVED_CHARS]

    def derived_uuid(self, what: str) -> str:
        return str(UUID(self.derived(what)))

    def holds(self, integration: str, shown: Iterable[str]) -> bool:
        """Is one of the secrets shown the integration's?"""
        ours = [digest(each) for each in self.of[integration]]
        return any(hmac.compare_digest(digest(each), own) for each in shown for own in ours)

    def owner(self, shown: Iterable[str], kinds: Iterable[str]) -> str | None:
        """The integration of one of those kinds whose secret was shown."""
        wanted = set(kinds)
        found = (self.by_secret.get(digest(each)) for each in shown)
        return next((id for id in found if id is not None and self.inlets[id].kind in wanted), None)

    def heartbeat(self, key: str) -> str | None:
        """The heartbeat whose key that is."""
        return self.by_key.get(digest(key.casefold()))

    def is_ping_key(self, key: str) -> bool:
        """The secret of an integration of kind heartbeat: behind it a name may stand."""
        return self.owner((key,), (HEARTBEAT,)) is not None


def digest(text: str) -> bytes:
    return sha256(text.encode("utf-8", "replace")).digest()
