"""A cut at every store operation of an outage: nothing is lost or invented, and few mails come twice."""

import shutil
from collections import Counter
from pathlib import Path

import pytest

from monitord.core.delivery import DeliveryState
from monitord.core.ticket import State, Ticket
from monitord.store import Store, replay
from tests.crash.decided import content
from tests.crash.photographed import CONFIGURATION, Life, Photograph, live
from tests.fakes.shop import MORNING

SHARES = 2  # the cuts are dealt out, so that both cores have some


@pytest.fixture
async def whole(tmp_path: Path) -> Life:
    """The story without a cut, and a photograph of every instant at which it could have been cut."""
    Store.open(tmp_path / "empty", now=MORNING).close()
    return await live(Photograph("the story", tmp_path / "empty"), tmp_path / "whole")


async def test_the_story_itself(whole: Life) -> None:
    """What all the others are compared with."""
    told = [(letter.address.split("@")[0], letter.subject) for letter in whole.letters]

    assert ("sub", "Confirm: updates from Example Shop status") == told[0]
    assert ["ann", "ann", "bo", "ann", "bo", "cem"] == [
        who for who, words in told if "is down (ticket 1)" in words
    ][:6]
    assert {"ann", "cem"} == {who for who, words in told if "Bo Example has ticket 1" in words}
    assert {"ann", "bo", "cem"} == {who for who, words in told if "Resolved: web is down" in words}
    assert 4 == len(
        [words for who, words in told if who == "sub" and "Shop" in words and "Confirm" not in words]
    )
    assert {1} == set(Counter(letter.message_id for letter in whole.letters).values())
    assert len(whole.photographs) > 60


@pytest.mark.parametrize("share", range(SHARES))
async def test_a_cut_at_every_store_operation_loses_nothing(whole: Life, share: int, tmp_path: Path) -> None:
    """Before it is stored, and after it is stored but nobody knows."""
    extra = 0
    for number, cut in enumerate(whole.photographs):
        if number // 2 % SHARES != share:
            continue
        again = await live(cut, tmp_path / f"again{number}", photographing=False)
        same_story(again, whole)
        extra += len(again.letters) - len(whole.letters)
        shutil.rmtree(again.folder)

    assert extra > 0, "some cut fell between sending and storing that it was sent"


@pytest.mark.soak
@pytest.mark.parametrize("share", range(4))
async def test_two_cuts_in_one_story_lose_nothing(whole: Life, share: int, tmp_path: Path) -> None:
    """The second one at every eighth operation after each first one, each time at others."""
    for number, cut in list(enumerate(whole.photographs))[share::4]:
        again = await live(cut, tmp_path / f"again{number}")
        for second, deeper in enumerate(again.photographs[number // 4 % 8 :: 8]):
            last = await live(deeper, tmp_path / f"last{second}", photographing=False)
            (still_told if given_up(last) else same_story)(last, whole)
            shutil.rmtree(last.folder)
        shutil.rmtree(again.folder)


def same_story(again: Life, whole: Life) -> None:
    """Every message of the uncut story, the same to the letter; at most one more per message and crash."""
    where, crashes = again.begun.where, again.begun.crashes
    wanted = {letter.message_id: letter for letter in whole.letters}
    came = Counter(letter.message_id for letter in again.letters)

    assert {} == {key: letter.subject for key, letter in wanted.items() if key not in came}, f"lost: {where}"
    for letter in again.letters:
        assert wanted.get(letter.message_id) == letter, f"changed: {where}"
    assert max(came.values()) <= 1 + crashes, f"too often: {where}"
    assert state(again) == state(whole), where
    replays(again)


def given_up(life: Life) -> list[str]:
    """What was interrupted twice while it was sent: it may have arrived, and is not sent again."""
    store = Store.open(life.folder / "store", now=MORNING)
    try:
        return [each.why for each in store.reads.messages(DeliveryState.FAILED, None, 1000)]
    finally:
        store.close()


def still_told(again: Life, whole: Life) -> None:
    """A message was given up, and the tiers came earlier for it: but everybody was told, and it ended."""
    where, crashes = again.begun.where, again.begun.crashes
    came = Counter(letter.message_id for letter in again.letters)

    assert {"interrupted twice; it may have arrived"} == set(given_up(again)), where
    assert {letter.address for letter in whole.letters} == {letter.address for letter in again.letters}, where
    assert len(came) == len(set(again.letters)), f"changed: {where}"
    assert max(came.values()) <= 1 + crashes, f"too often: {where}"
    assert State.RESOLVED is again.content[Ticket][1].state, where
    replays(again)


def state(life: Life) -> object:
    """What is true in the end, but not how many attempts it took."""
    return {kind.__name__: table for kind, table in life.content.items() if kind.__name__ != "Delivery"}


def replays(again: Life) -> None:
    """The store is sound, and its journal makes the same world."""
    store = Store.open(again.folder / "store", now=MORNING)
    try:
        loaded = content(store.load(CONFIGURATION))
        assert loaded == content(replay(store, CONFIGURATION)), again.begun.where
        assert loaded == again.content, again.begun.where
        assert [] == store.notes
    finally:
        store.close()
