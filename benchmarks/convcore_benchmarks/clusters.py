"""Dask on 2 processes: peak memory, time and error: ``python -m convcore_benchmarks.clusters``.

50 million float64 samples in chunks of 1 million, made by the workers, are convolved with 1001 taps
and written to a file. The memory is the sum of every process's own high-water mark (Linux only):
the client with its scheduler, the workers, and what starts them. Samples of the result, at random
and at the edges of chunks, are then held against exact sums. Last, the same convolution in one
process beside ``dask.array.map_overlap`` with SciPy.
"""

import os
import random
import tempfile
import time
from collections.abc import Callable
from fractions import Fraction
from math import log2
from pathlib import Path
from statistics import median
from typing import Any

import dask.array as da
import numpy as np
import psutil
import scipy.signal
from distributed import Client, LocalCluster
from numpy.typing import NDArray

import convcore
from convcore.plugins import Accuracy

from .timing import Call, Effort, interleaved

__all__ = ["main"]

_EFFORT = Effort(1.0, 7)

_MIB = 2**20
_SAMPLES, _CHUNK, _TAPS = 50_000_000, 1_000_000, 1001
_REACH = _TAPS // 2
_BLOCK = 2**14  # the samples around an output that one transform may hold


def main() -> None:
    """Print both tables."""
    w = np.random.default_rng(1).standard_normal(_TAPS)
    print("| method | class | s | before (MiB) | peak (MiB) | worst error / bound |")
    print("| --- | --- | ---: | ---: | ---: | ---: |", flush=True)
    for method in ("auto", "direct"):
        _on_a_cluster(w, method)
    _beside_map_overlap(w)


def _signal(samples: int) -> da.Array:
    return da.random.default_rng(0).standard_normal(samples, chunks=_CHUNK)


class _File:
    """A file of float64 samples; every process can write a part of it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.touch()

    def __setitem__(self, index: tuple[slice, ...], values: NDArray[Any]) -> None:
        with self.path.open("r+b") as file:
            os.pwrite(file.fileno(), values.data, index[0].start * 8)


def _on_a_cluster(w: NDArray[Any], method: str) -> None:
    options = {"threads_per_worker": 1, "memory_limit": "384 MiB", "dashboard_address": None}
    with (
        tempfile.TemporaryDirectory() as folder,
        LocalCluster(n_workers=2, local_directory=folder, **options) as cluster,
        Client(cluster) as client,
    ):
        file = _File(Path(folder) / "y")
        # What was there before the work: with everything imported, by a small run.
        da.store(convcore.convolve(_signal(4 * _CHUNK), w, "same", method), file, lock=False)
        processes = [psutil.Process(), *psutil.Process().children(recursive=True)]
        before = sum(_reset(process) for process in processes)
        x, start = _signal(_SAMPLES), time.perf_counter()
        da.store(convcore.convolve(x, w, "same", method), file, lock=False)
        seconds = time.perf_counter() - start
        peak = sum(_status(process, "VmHWM") for process in processes)
        if len(client.scheduler_info()["workers"]) != 2:
            raise RuntimeError("a worker was lost on the way")
        plan = convcore.plan("convolve", x, w, "same", method)
        worst = max(_error_over_bound(x, w, at, file.path, plan.accuracy) for at in _places())
    print(
        f"| {method}: {plan.method} | {plan.accuracy} | {seconds:.1f} | {before / _MIB:.0f} "
        f"| {peak / _MIB:.0f} | {worst:.2g} |",
        flush=True,
    )


def _places() -> list[int]:
    """Samples to check: the ends, both sides of some chunks' edges, and any."""
    edges = [i * _CHUNK + d for i in (1, 17, 49) for d in (-_REACH, -1, 0, _REACH)]
    return [0, _REACH, *edges, _SAMPLES - 1, *random.Random(0).sample(range(_SAMPLES), 20)]


def _error_over_bound(
    x: da.Array, w: NDArray[Any], at: int, path: Path, accuracy: Accuracy
) -> float:
    """The error of one sample of the result, over what its class allows (CC-ACCURACY)."""
    got = float(np.fromfile(path, np.float64, 1, offset=8 * at)[0])
    first = max(at - _REACH, 0)
    data = x[first : at + _REACH + 1].compute(scheduler="synchronous").tolist()
    taps = w[::-1][first - (at - _REACH) :][: len(data)].tolist()
    terms = [Fraction(a) * Fraction(b) for a, b in zip(data, taps, strict=True)]
    exact, unit = sum(terms), 2.0**-53
    bound = (len(terms) + 4) * unit * float(sum(map(abs, terms)))
    if accuracy.name == "normwise":
        around = x[max(at - _BLOCK, 0) : at + _BLOCK].compute(scheduler="synchronous")
        norms = float(np.linalg.norm(around) * np.linalg.norm(w))
        bound = accuracy.constant * (log2(_SAMPLES + 2 * (_TAPS - 1)) + 1) * unit * norms
    return float(abs(Fraction(got) - exact)) / (bound + unit * abs(float(exact)))


def _reset(process: psutil.Process) -> int:
    """Make a process's high-water mark what is resident now, in bytes."""
    Path(f"/proc/{process.pid}/clear_refs").write_text("5")
    return _status(process, "VmRSS")


def _status(process: psutil.Process, field: str) -> int:
    lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(field))


def _beside_map_overlap(w: NDArray[Any]) -> None:
    """Time of making the graph, and of all, on 8 chunks in one thread."""
    x = _signal(8 * _CHUNK).persist(scheduler="synchronous")

    def ours() -> da.Array:
        return convcore.convolve(x, w, "same")

    def theirs() -> da.Array:
        return x.map_overlap(
            lambda block: scipy.signal.oaconvolve(block, w, "same"),
            depth=_REACH,
            boundary=0,
            dtype=x.dtype,
        )

    np.testing.assert_allclose(ours()[:_CHUNK].sum(), theirs()[:_CHUNK].sum(), rtol=1e-6)
    graphs = _medians(ours, theirs)
    runs = _medians(*(lambda make=make: _summed(make) for make in (ours, theirs)))
    print("\n| 8M samples, one thread | convcore (ms) | map_overlap, oaconvolve (ms) | ratio |")
    print("| --- | ---: | ---: | ---: |")
    for name, took in (("making the graph", graphs), ("in all", runs)):
        a, b = (1e3 * seconds for seconds in took)
        print(f"| {name} | {a:.1f} | {b:.1f} | {a / b:.2f} |")


def _summed(make: Callable[[], da.Array]) -> Any:
    return make().sum().compute(scheduler="synchronous")


def _medians(*calls: Call) -> list[float]:
    """Seconds of each."""
    for call in calls:
        call()
    times = interleaved({str(number): call for number, call in enumerate(calls)}, _EFFORT)
    return [median(rounds) for rounds in times.values()]


if __name__ == "__main__":
    main()
