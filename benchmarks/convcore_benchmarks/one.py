"""One case in this process, which `convcore_benchmarks.processes.alone` starts; prints its row."""

import json
import sys
from collections.abc import Sequence

import convcore

from .grids import GRIDS
from .libraries import library
from .processes import settle
from .record import plain
from .timing import Effort

__all__ = ["main"]


def main(arguments: Sequence[str]) -> None:
    """Measure a case.

    Parameters
    ----------
    arguments : sequence of str
        Grid, number of the case, backend, seconds, rounds, threads, device or nothing.
    """
    name, number, backend, seconds, rounds, threads, device = arguments
    settle("convcore_benchmarks.one", arguments, int(threads))
    grid, effort = GRIDS[name], Effort(float(seconds), int(rounds))
    with convcore.use(threads=int(threads) or None):
        row = grid.measure(name, grid.cases[int(number)], library(backend, device or None), effort)
    print(json.dumps(plain(row)))


if __name__ == "__main__":
    main(sys.argv[1:])
