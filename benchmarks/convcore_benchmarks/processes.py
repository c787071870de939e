"""The environment of a measurement, and processes that have it from their start."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence

import numpy as np

from .record import Row, row_of
from .timing import Effort

__all__ = ["alone", "keep_memory", "settle"]

_SET = {
    "JAX_ENABLE_X64": "1",  # else JAX would be timed on float32 where float64 is asked
    # OpenBLAS's threads otherwise spin, and slow whoever is next.
    "OPENBLAS_THREAD_TIMEOUT": "20",
}
_KEPT = 31 * 2**20  # bytes, just below the largest block from which glibc learns
_UNSET = ("OPENBLAS_CORETYPE",)  # a wrong one halves NumPy's matrix products
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def settle(module: str, arguments: Sequence[str], threads: int = 0) -> None:
    """Start this process anew as a module, unless it has the environment of a measurement.

    Libraries read theirs once, when they are loaded.

    Parameters
    ----------
    module : str
    arguments : sequence of str
        Of the command line.
    threads : int
        The cores that it may use; 0 for all.
    """
    kept = {name: value for name, value in os.environ.items() if name not in _UNSET}
    wanted = kept | _SET | dict.fromkeys(_THREADS if threads else (), str(threads))
    if wanted != dict(os.environ):
        if threads and hasattr(os, "sched_setaffinity"):  # some libraries ask nothing else
            os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
        os.execve(sys.executable, [sys.executable, "-m", module, *arguments], wanted)


def keep_memory() -> None:
    """Take a large block and give it back, as any larger work does.

    From then on glibc keeps smaller ones for the next call, which gets fresh pages otherwise: some
    of PyTorch's layers took five times as long.
    """
    np.empty(_KEPT, np.uint8)


def alone(
    grid: str, number: int, backend: str, effort: Effort, threads: int = 0, device: str = ""
) -> Row:
    """Measure one case of a grid in a fresh process.

    Parameters
    ----------
    grid, number, backend : str, int, str
        Which case, on which arrays.
    effort : Effort
    threads : int
        The cores that it may use; 0 for all.
    device : str
        Where the arrays are to be, if that was said.

    Returns
    -------
    Row

    Raises
    ------
    RuntimeError
        Where that process ends without a row, with what it said last.
    """
    said = [grid, str(number), backend, *map(str, effort), str(threads), device]
    command = [sys.executable, "-m", "convcore_benchmarks.one", *said]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if ended.returncode:
        last = ended.stderr.strip().rpartition("\n")[2]
        raise RuntimeError(f"{' '.join(said)} ended with {ended.returncode}: {last}")
    return row_of(json.loads(ended.stdout))
