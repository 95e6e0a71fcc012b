"""The ceremony on its own: what is asked, what an answer is worth, and that no bytes break anything else."""

import json
from contextlib import suppress
from dataclasses import replace
from functools import partial

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from monitord.web.passkeys import ceremony
from monitord.web.passkeys.ceremony import Answered, AnswerRefused, Whose
from monitord.web.passkeys.site import Site
from tests.fakes.authenticator import Authenticator, Options, changed, packed

HERE = Site("ops.example.org", "https://ops.example.org")
CHALLENGE = b"a challenge of this test"
HANDLE = ceremony.handle_of(b"a secret", "ann")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=40),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "response", "clientDataJSON", "challenge"]), inner, max_size=3
        )
    ),
    max_leaves=8,
)


def wanted() -> Options:
    whose = Whose("ann", "Ann Example", "Example Shop")
    return {"publicKey": ceremony.creation_options(HERE, whose, HANDLE, CHALLENGE, [])}


def asked() -> Options:
    return {"publicKey": ceremony.request_options(HERE, CHALLENGE)}


def read(answer: object) -> Answered:
    return ceremony.read(json.dumps(answer))


@pytest.fixture(scope="module")
def device() -> Authenticator:
    made = Authenticator()
    made.create(wanted(), HERE.origin)
    return made


def test_what_is_made_is_what_signs() -> None:
    device = Authenticator()
    made = ceremony.made(HERE, read(device.create(wanted(), HERE.origin)), CHALLENGE)
    used = read(device.get(asked(), HERE.origin))

    assert (made.credential, CHALLENGE, HANDLE) == (used.credential, used.challenge, used.handle)
    assert (0, 1) == (made.counter, ceremony.counted(HERE, used, CHALLENGE, made.public_key))


def test_the_answer_to_one_question_is_none_to_the_other(device: Authenticator) -> None:
    new = Authenticator("a key").create(wanted(), HERE.origin)
    used = device.get(asked(), HERE.origin)

    with pytest.raises(AnswerRefused):
        ceremony.made(HERE, read(changed(new, clientDataJSON=used["response"]["clientDataJSON"])), CHALLENGE)
    with pytest.raises(AnswerRefused):
        ceremony.made(HERE, read(used), CHALLENGE)
    with pytest.raises(AnswerRefused):
        ceremony.counted(HERE, read(new), CHALLENGE, b"")


def test_the_challenge_is_the_one_that_was_taken_back(device: Authenticator) -> None:
    used = read(device.get(asked(), HERE.origin))
    with pytest.raises(AnswerRefused, match="signature"):
        ceremony.counted(HERE, used, b"another", b"a key")


def test_the_key_of_another_passkey_does_not_fit(device: Authenticator) -> None:
    other = ceremony.made(HERE, read(Authenticator("a key").create(wanted(), HERE.origin)), CHALLENGE)
    with pytest.raises(AnswerRefused, match="signature"):
        ceremony.counted(HERE, read(device.get(asked(), HERE.origin)), CHALLENGE, other.public_key)


def test_a_handle_is_the_accounts_and_says_no_name() -> None:
    handles = {ceremony.handle_of(secret, name) for secret in (b"one", b"two") for name in ("ann", "bo")}

    assert 4 == len(handles) and {32} == {len(each) for each in handles}
    assert not any(b"ann" in each for each in handles)


@given(st.text(max_size=200) | JSON.map(json.dumps))
@example("[" * 5000)
@example("9" * 5000)
@example('{"id": "", "response": {"clientDataJSON": "OTk5"}}')
def test_whatever_is_written_is_read_or_refused(written: str) -> None:
    with suppress(AnswerRefused):
        ceremony.read(written)


@settings(max_examples=200)
@given(st.integers(0, 3), st.integers(0, 10_000), st.integers(0, 3), st.binary(max_size=6))
def test_no_bytes_break_more_than_their_own_answer(
    device: Authenticator, field: int, place: int, gone: int, put: bytes
) -> None:
    """Something of a right answer is something else, of the same length or not."""
    new, used = Authenticator("a key").create(wanted(), HERE.origin), device.get(asked(), HERE.origin)
    for answer, look in ((new, ceremony.made), (used, partial(ceremony.counted, public_key=b"\xa0"))):
        name = sorted(answer["response"])[field % len(answer["response"])]
        plain = bytearray(ceremony.unpacked(answer["response"][name]))
        start = place % len(plain)
        plain[start : start + gone] = put
        broken = replace(read(answer), whole=changed(answer, **{name: packed(bytes(plain))}))
        with suppress(AnswerRefused):
            look(HERE, broken, CHALLENGE)
