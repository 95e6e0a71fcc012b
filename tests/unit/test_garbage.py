"""When is what is out of use looked for?"""

import gc
import weakref
from collections.abc import Iterator

import pytest

from monitord.engine.garbage import begin, look_through, set_aside


class Ring:
    """Something that only a look for garbage can free."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    thresholds = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)


def test_what_lives_is_set_aside_and_never_looked_through_by_itself() -> None:
    kept = Ring()
    set_aside()

    assert all(kept is not each for each in gc.get_objects())
    assert gc.get_threshold()[2] > 100_000


def test_what_is_there_at_the_beginning_is_never_looked_through_by_itself() -> None:
    imported = Ring()
    begin()

    assert all(imported is not each for each in gc.get_objects())


def test_the_young_are_looked_through_less_often_than_python_would_and_never_many_of_them() -> None:
    set_aside()

    young, middle, _ = gc.get_threshold()
    assert young > 700
    assert young * (middle + 1) <= 10_000


def test_what_went_out_of_use_since_is_freed_when_the_rest_is_set_aside() -> None:
    set_aside()
    gone = weakref.ref(Ring())
    set_aside()

    assert gone() is None


def test_what_went_out_of_use_when_aside_is_freed_at_night() -> None:
    ring = Ring()
    gone = weakref.ref(ring)
    set_aside()
    del ring
    set_aside()
    assert gone() is not None

    look_through()
    assert gone() is None
