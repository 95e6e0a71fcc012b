"""`python -m tests.sim FIRST LAST [DAYS]`: play those weeks, print a digest a seed; exit 1 at the first that
is wrong.

Each core plays its own weeks; what is printed is the same, and in the same order. What a week leaves
behind is swept up when it is over, instead of being looked for all along.
"""

import gc
import sys
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from functools import partial

from tests.sim.week import play


def main(first: str, last: str, days: str = "7") -> None:
    seeds = range(int(first), int(last) + 1)
    with ProcessPoolExecutor(initializer=gc.disable) as cores:
        for printed in cores.map(partial(line, timedelta(days=float(days))), seeds):
            print(printed, flush=True)


def line(length: timedelta, seed: int) -> str:
    """The seed and its digest."""
    try:
        return f"{seed} {play(seed, length)}"
    except AssertionError as error:
        error.add_note(f"in the week of seed {seed}")
        raise
    finally:
        gc.collect()


if __name__ == "__main__":
    main(*sys.argv[1:])
