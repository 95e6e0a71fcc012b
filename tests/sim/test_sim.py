"""Is every week right? Seeded weeks, the same digest for the same seed, and planted mistakes that must be
noticed.
"""

import os
import subprocess
import sys
import time
from datetime import timedelta

import pytest

from tests.sim.mutants import MUTANTS, ROOT, Mutant, caught
from tests.sim.week import play

SLICE = range(1001, 1009)
SLICE_OF_MUTANTS = MUTANTS[:1]


def digests(first: int, last: int, days: str, hash_seed: str) -> str:
    """What another process prints for those weeks, its hashes seeded as told."""
    played = subprocess.run(
        [sys.executable, "-m", "tests.sim", str(first), str(last), days],
        check=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        stdout=subprocess.PIPE,
        text=True,
    )
    return played.stdout


@pytest.mark.parametrize("seed", SLICE)
def test_a_few_days_are_right_and_heal(seed: int) -> None:
    """Safe after every decision, timely, and well again once everything is calm."""
    assert play(seed, timedelta(days=2))


def test_the_same_seed_gives_the_same_days_whatever_the_hashes() -> None:
    """No decision depends on the order of a set."""
    assert digests(7, 8, "2", "1") == digests(7, 8, "2", "2")


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_every_mistake_can_still_be_planted(mutant: Mutant) -> None:
    """The core says what the mistake would change, so that the long run can plant it."""
    assert mutant.right in (ROOT / "monitord/core" / mutant.file).read_text()


@pytest.mark.parametrize("mutant", SLICE_OF_MUTANTS, ids=lambda mutant: mutant.name)
def test_a_planted_mistake_is_noticed(mutant: Mutant) -> None:
    """A simulation that notices nothing proves nothing."""
    assert caught(mutant)


@pytest.mark.soak
def test_two_hundred_whole_weeks_are_right_and_heal() -> None:
    """On all cores; what is wrong names its seed."""
    begun = time.perf_counter()
    printed = digests(1, 200, "7", "0")

    print(f"{printed}in {time.perf_counter() - begun:.0f} s")
    assert [str(seed) for seed in range(1, 201)] == [line.split()[0] for line in printed.splitlines()]


@pytest.mark.soak
def test_whole_weeks_repeat_under_other_hashes() -> None:
    """The digests are the same in processes that hash differently."""
    first, second = digests(1, 5, "7", "1"), digests(1, 5, "7", "4711")

    print(first)
    assert first == second


@pytest.mark.soak
@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_every_planted_mistake_is_noticed(mutant: Mutant) -> None:
    """Each of them, by what the simulation says."""
    said = caught(mutant)

    print(mutant.name, said)
    assert said
