"""Unpack: bodies come out whole, and never further than the limit."""

import gzip
import zlib

import pytest

from monitord.net.faults import GarbledError
from monitord.net.unpack import unpacker

TEXT = b"All systems operational. " * 1000
BARE = zlib.compress(TEXT)[2:-4]
FORMS = {
    "": TEXT,
    "br": TEXT,
    "gzip": gzip.compress(TEXT),
    "X-GZIP": gzip.compress(TEXT),
    "deflate": zlib.compress(TEXT),
    " Deflate": BARE,
}


@pytest.mark.parametrize("encoding", FORMS)
@pytest.mark.parametrize("size", [1, 7, 10_000_000])
def test_a_body_comes_out_whole_however_it_is_cut(encoding: str, size: int) -> None:
    packed, unpacking = FORMS[encoding], unpacker(encoding)

    chunks = [packed[start : start + size] for start in range(0, len(packed), size)]
    unpacked = b"".join(unpacking.feed(chunk, 10_000_000) for chunk in chunks)
    unpacking.close()

    assert unpacked == TEXT


@pytest.mark.parametrize("encoding", FORMS)
def test_nothing_comes_out_beyond_the_limit(encoding: str) -> None:
    assert TEXT[:100] == unpacker(encoding).feed(FORMS[encoding], 100)


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_what_is_not_packed_as_it_claims_is_garbled(encoding: str) -> None:
    with pytest.raises(GarbledError, match=f"not the {encoding} it claims"):
        unpacker(encoding).feed(b"\xff" + TEXT, 100)


def test_what_breaks_off_is_garbled() -> None:
    unpacking = unpacker("gzip")
    unpacking.feed(FORMS["gzip"][:50], 100)

    with pytest.raises(GarbledError, match="breaks off"):
        unpacking.close()


def test_an_empty_body_is_not_broken_off() -> None:
    unpacker("gzip").close()
