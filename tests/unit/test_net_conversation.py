"""Conversation: whatever arrives, however cut, there is an answer or a reason, and nothing is raised."""

import asyncio
import weakref

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitord.net.conversation import Conversation
from monitord.net.limits import WIRE_BYTES_MAX
from tests.fakes.zoo import CHUNKED, OK, answer, chunked

ANSWERS = {
    "length": answer(b"fine"),
    "chunks": CHUNKED + chunked(b"fi", b"ne"),
    "interim": b"HTTP/1.1 103 Early\r\nContent-Length: 9\r\n\r\n" + answer(b"fine"),
    "unframed": OK + b"\r\nfine",
}


def listening() -> Conversation:
    """A conversation whose question has been asked."""
    said = Conversation(lambda: 1.0, bodiless=False, keep_body=True, bytes_max=1000)
    said.asked_at = 1.0
    return said


def hear(said: Conversation, data: bytes, cuts: list[int]) -> None:
    """Let data arrive in pieces, and then the end."""
    ends = sorted({min(cut, len(data)) for cut in cuts} | {len(data)})
    for start, end in zip([0, *ends], ends, strict=False):
        said.data_received(data[start:end])
    said.connection_lost(None)


@pytest.mark.parametrize("name", ANSWERS)
@given(cuts=st.lists(st.integers(0, 200), max_size=8))
def test_an_answer_is_the_same_however_it_is_cut(name: str, cuts: list[int]) -> None:
    async def story() -> Conversation:
        said = listening()
        hear(said, ANSWERS[name], cuts)
        return said

    said = asyncio.run(story())

    assert (200, b"fine", None) == (said.status, bytes(said.body), said.failure)


@given(data=st.binary(max_size=300), begins=st.sampled_from([b"", OK, CHUNKED, OK + b"\r\n"]))
def test_nonsense_is_never_raised(data: bytes, begins: bytes) -> None:
    async def story() -> Conversation:
        said = listening()
        hear(said, begins + data, [1, 20, 40])
        return said

    said = asyncio.run(story())

    assert said.over.done()
    assert said.failure is not None or said.status >= 100


async def test_framing_without_a_body_ends_at_a_limit_too() -> None:
    said = listening()
    said.data_received(CHUNKED + b"1;")
    for _ in range(WIRE_BYTES_MAX // 65536 + 1):
        said.data_received(b"x" * 65536)

    assert said.over.done()
    assert said.cut


async def test_what_comes_before_the_question_is_no_answer() -> None:
    said = Conversation(lambda: 1.0, bodiless=False, keep_body=True, bytes_max=1000)

    said.data_received(answer())

    assert "spoke before it was asked" == str(said.failure)


async def test_what_is_left_of_it_is_freed_without_a_search() -> None:
    said = listening()
    hear(said, answer(b"fine"), [])
    gone = weakref.ref(said)
    del said

    assert gone() is None
