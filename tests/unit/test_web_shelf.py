"""web.shelf: bytes by path, in the encoding a reader takes, and with a warning when they are too old."""

import gzip
from datetime import UTC, datetime

import pytest

from monitord.web.shelf import Rendered, Sheet, Shelf, chosen, page, takes_gzip, unchanged

NOON = datetime(2026, 11, 22, 12, 0, 0, 500_000, tzinfo=UTC)
LONG = "<p>all is well</p>" * 60


def shelf() -> Shelf:
    made = Shelf()
    made.put(
        {"/": Sheet(page("now", NOON), page("late", NOON))}, Sheet(page("none", NOON), status=404), 100.0
    )
    return made


def body(found: tuple[int, Rendered] | None) -> tuple[int, bytes]:
    assert found is not None
    return found[0], found[1].plain.body


def test_what_is_fresh_is_handed_out_and_what_is_too_old_says_so() -> None:
    assert (200, b"now") == body(shelf().find("/", 160.0))
    assert (200, b"late") == body(shelf().find("/", 160.1))


def test_where_nothing_lies_something_says_so() -> None:
    assert (404, b"none") == body(shelf().find("/nowhere", 100.0))
    assert None is Shelf().find("/", 100.0)


def test_a_slash_too_many_is_forgiven() -> None:
    made = Shelf()
    made.put({"/history": Sheet(page("past", NOON))}, Sheet(page("none", NOON), status=404), 100.0)

    assert (200, b"past") == body(made.find("/history/", 100.0))


def test_the_same_content_is_packed_for_those_who_take_it() -> None:
    made = page(LONG, NOON)
    packed = chosen(made, b"br, gzip")

    assert LONG.encode() == gzip.decompress(packed.body)
    assert (b"content-encoding", b"gzip") in packed.headers
    assert LONG.encode() == chosen(made, b"br").body


@pytest.mark.parametrize(
    ("accepts", "taken"),
    [
        (b"", False),
        (b"gzip", True),
        (b"GZIP, br", True),
        (b"gzip;q=0", False),
        (b"gzip; q=0.000, *", False),
        (b"gzip;q=0.1", True),
        (b"*", True),
        (b"identity", False),
    ],
)
def test_whether_gzip_is_taken_is_read_from_the_header(accepts: bytes, taken: bool) -> None:
    assert taken is takes_gzip(accepts)


def test_each_encoding_has_a_tag_of_its_own() -> None:
    made = page(LONG, NOON)

    assert chosen(made, b"").etag != chosen(made, b"gzip").etag


def test_a_reader_who_has_it_is_told_so() -> None:
    made = page(LONG, NOON)
    face = made.plain

    assert face is unchanged(made, face, {b"if-none-match": b'"other", W/' + face.etag})
    assert face is unchanged(made, face, {b"if-none-match": b"*"})
    assert None is unchanged(made, face, {b"if-none-match": b'"other"'})
    assert None is unchanged(made, face, {})


@pytest.mark.parametrize(
    ("since", "known"),
    [
        (b"Sun, 22 Nov 2026 12:00:00 GMT", True),
        (b"Sun, 22 Nov 2026 11:59:59 GMT", False),
        (b"yesterday", False),
        (b"Sun, 22 Nov 2026 12:00:00 -0000", False),
    ],
)
def test_without_a_tag_the_date_decides(since: bytes, known: bool) -> None:
    made = page(LONG, NOON)

    assert known is (unchanged(made, made.plain, {b"if-modified-since": since}) is not None)


def test_the_tag_outranks_the_date() -> None:
    made = page(LONG, NOON)
    headers = {b"if-none-match": b'"other"', b"if-modified-since": b"Sun, 22 Nov 2099 12:00:00 GMT"}

    assert None is unchanged(made, made.plain, headers)
