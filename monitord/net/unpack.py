"""Unpacking a body as it arrives, never further than a limit: all that a bomb costs us (RFC 9110 §8.4)."""

import zlib
from typing import Protocol

from monitord.net.faults import GarbledError

GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS
BARE_DEFLATE = -zlib.MAX_WBITS
HEAD_BYTES = 2


class Unpacker(Protocol):
    """What turns the bytes of the wire into those of the body."""

    def feed(self, chunk: bytes, limit: int) -> bytes:
        """The next bytes of the body, at most `limit` (1 or more); GarbledError if they are broken."""

    def close(self) -> None:
        """The body has ended; GarbledError if it must not end here."""


class Plain:
    """A body that is sent as it is."""

    def feed(self, chunk: bytes, limit: int) -> bytes:
        return chunk[:limit]

    def close(self) -> None:
        return


class Inflate:
    """A body packed with gzip or deflate; what follows its first member is not looked at."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._head = b""
        self._inflater = zlib.decompressobj(GZIP_OR_ZLIB)

    def feed(self, chunk: bytes, limit: int) -> bytes:
        if len(self._head) < HEAD_BYTES:
            chunk = self._begin(chunk)
        try:
            return self._inflater.decompress(chunk, limit) if chunk else b""
        except zlib.error as error:
            raise GarbledError(f"sent a body that is not the {self._name} it claims to be") from error

    def close(self) -> None:
        if self._head and not self._inflater.eof:
            raise GarbledError(f"sent a {self._name} body that breaks off")

    def _begin(self, chunk: bytes) -> bytes:
        """Hold the body back until its head says how it is packed; then all of it so far."""
        self._head += chunk
        if len(self._head) < HEAD_BYTES:
            return b""
        if self._name == "deflate" and not has_zlib_head(self._head):
            self._inflater = zlib.decompressobj(BARE_DEFLATE)
        return self._head


def has_zlib_head(head: bytes) -> bool:
    """Whether this begins as RFC 1950 wants it; some servers send bare RFC 1951 as "deflate"."""
    return head[0] & 0x0F == zlib.DEFLATED and (head[0] << 8 | head[1]) % 31 == 0


def unpacker(encoding: str) -> Unpacker:
    """What unpacks a Content-Encoding; one that we never asked for is left as it is."""
    name = encoding.strip().lower().removeprefix("x-")
    return Inflate(name) if name in ("gzip", "deflate") else Plain()
