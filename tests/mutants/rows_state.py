"""Mutants of what stays between calls, and of options that should change no result."""

from __future__ import annotations

import threading
import time
from typing import Any

import numpy as np

from convcore.plugins import ConvProblem, Run, Staged

from .loopback import Loopback, Plain
from .spoil import Mutant, in_result

__all__ = ["ROWS"]


def _keeping_the_first_kernel(backend: Loopback) -> None:
    """Spectra kept by problem, not by kernel: the second call gets those of the first."""
    right = backend.lowered

    def lowered(problem: ConvProblem, engine: str) -> Run:
        run = right(problem, engine)
        seen: list[Plain] = []

        def keeping(x: Plain, w: Plain, bias: Plain | None) -> Any:
            if not seen:
                seen.append(w.copy())
            return run(x, seen[0], bias)

        return keeping

    backend.lowered = lowered


def _third_call(backend: Loopback) -> None:
    """A workspace that is ready from the second call on, and not cleared before the third."""
    right = backend.lowered

    def lowered(problem: ConvProblem, engine: str) -> Run:
        run = right(problem, engine)
        count = 0

        def counting(x: Plain, w: Plain, bias: Plain | None) -> Any:
            nonlocal count
            count += 1
            y = run(x, w, bias)
            return y if count < 3 else (y + y).astype(y.dtype)

        return counting

    backend.lowered = lowered


def _one_buffer(backend: Loopback) -> None:
    """The result in a buffer that the next call of the problem writes again."""
    right = backend.lowered

    def lowered(problem: ConvProblem, engine: str) -> Run:
        run = right(problem, engine)
        buffers: list[Plain] = []

        def writing(x: Plain, w: Plain, bias: Plain | None) -> Any:
            y = np.asarray(run(x, w, bias))
            if not buffers:
                buffers.append(np.empty_like(y))
            buffers[0][...] = y
            return buffers[0]

        return writing

    backend.lowered = lowered


def _shared_scratch(backend: Loopback) -> None:
    """One scratch copy of x for all threads that run a problem."""
    right = backend.lowered

    def lowered(problem: ConvProblem, engine: str) -> Run:
        run = right(problem, engine)
        scratch: list[Plain] = []

        def sharing(x: Plain, w: Plain, bias: Plain | None) -> Any:
            if not scratch:
                scratch.append(np.empty_like(x))
            scratch[0][...] = x
            if threading.active_count() > 1:
                time.sleep(0.001)  # any longer work would let another thread in
            return run(scratch[0], w, bias)

        return sharing

    backend.lowered = lowered


def _prepared_once(backend: Loopback) -> None:
    """What `prepare` made is kept with the problem: the second prepared plan gets the first's."""
    right = backend.lowered

    def lowered(problem: ConvProblem, engine: str) -> Run:
        run = right(problem, engine)
        if not isinstance(run, Staged):
            return run
        made: list[Any] = []

        def prepare(w: Plain) -> Any:
            if not made:
                made.append(run.prepare(w))
            return made[0]

        return Staged(prepare, run.apply)

    backend.lowered = lowered


def _fewer_threads(p: ConvProblem, y: Plain) -> Plain:
    """A part of the result left to a thread that is not there."""
    if p.threads is None or not y.ndim or not y.size:
        return y
    y = np.array(y)
    y[..., -1] = 0
    return y


def _fast_is_half(p: ConvProblem, y: Plain) -> Plain:
    return y.astype("float16") if p.precision == "fast" and y.dtype == np.float32 else y


ROWS = (
    Mutant(
        "first-kernel-kept",
        "prepared kernels kept by the problem alone",
        ("CC-CONVOLVE-1", "CC-CONVOLVE-6", "CC-PLAN-5"),
        _keeping_the_first_kernel,
    ),
    Mutant(
        "third-call",
        "a workspace not cleared between calls",
        ("CC-CONVOLVE-1", "CC-PLAN-5"),
        _third_call,
    ),
    Mutant(
        "one-buffer",
        "results in a buffer that the next call writes again",
        ("CC-DEVICE-5", "CC-CONVOLVE-1"),
        _one_buffer,
    ),
    Mutant(
        "shared-scratch",
        "one scratch buffer for all threads",
        ("CC-CONVOLVE-1", "CC-PLAN-5"),
        _shared_scratch,
    ),
    Mutant(
        "prepared-once",
        "the second prepared kernel ignored",
        ("CC-PLAN-11",),
        _prepared_once,
    ),
    Mutant(
        "threads-missing",
        "a part of the result left to a thread that threads= does not allow",
        ("CC-USE-13",),
        in_result(_fewer_threads),
    ),
    Mutant(
        "fast-is-half",
        "float16 for precision='fast'",
        ("CC-PRECISION-4",),
        in_result(_fast_is_half),
    ),
)
