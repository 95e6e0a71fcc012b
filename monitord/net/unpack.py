"""Unpacking a body as it arrives, never further than a limit: all that a bomb costs us (RFC 9110 §8.4)."""

import zlib
from typing import Protocol

from monitord.net.faults import GarbledError

GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS
BARE_DEFLATE = -zlib.MAX_WBITS  # what some servers send as "deflate"


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
        self._inflater = zlib.decompressobj(GZIP_OR_ZLIB)
        self._begun = False

    def feed(self, chunk: bytes, limit: int) -> bytes:
        try:
            unpacked = self._inflate(chunk, limit)
        except zlib.error as error:
            raise GarbledError(f"sent a body that is not the {self._name} it claims to be") from error
        self._begun = True
        return unpacked

    def close(self) -> None:
        if self._begun and not self._inflater.eof:
            raise GarbledError(f"sent a {self._name} body that breaks off")

    def _inflate(self, chunk: bytes, limit: int) -> bytes:
        try:
            return self._inflater.decompress(chunk, limit)
        except zlib.error:
            if self._begun or self._name != "deflate":
                raise
        self._inflater = zlib.decompressobj(BARE_DEFLATE)
        return self._inflater.decompress(chunk, limit)


def unpacker(encoding: str) -> Unpacker:
    """What unpacks a Content-Encoding; one that we never asked for is left as it is."""
    name = encoding.strip().lower().removeprefix("x-")
    return Inflate(name) if name in ("gzip", "deflate") else Plain()
