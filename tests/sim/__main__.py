"""`python -m tests.sim FIRST LAST [DAYS]`: play those weeks, print a digest a seed; exit 1 at the first that
is wrong.
"""

import sys
from datetime import timedelta

from tests.sim.week import play


def main(first: str, last: str, days: str = "7") -> None:
    for seed in range(int(first), int(last) + 1):
        print(seed, play(seed, timedelta(days=float(days))), flush=True)


main(*sys.argv[1:])
