"""Mutants of methods: non-finite values, accuracy classes, what is offered, sizes."""

from __future__ import annotations

from collections.abc import Callable
from math import prod

import numpy as np

from convcore.plugins import Accuracy, ConvProblem, Run

from .loopback import Plain
from .spoil import TAPS, TRANSFORMS, Mutant, in_candidates, in_engine, in_operands, in_result

__all__ = ["ROWS"]


def _smeared(p: ConvProblem, run: Run, x: Plain, w: Plain, bias: Plain | None) -> Plain:
    """A Toeplitz matrix product: every output multiplies all of x, most of it by zero."""
    y = run(x, w, bias)
    if p.is_exact or not y.size:
        return y
    return y + (0 * x.sum()).astype(y.dtype)


def _smeared_infinities(p: ConvProblem, run: Run, x: Plain, w: Plain, bias: Plain | None) -> Plain:
    """The same, repaired for NaN only."""
    y = run(x, w, bias)
    if p.is_exact or not y.size or np.isnan(x).any():
        return y
    return y + (0 * x.sum()).astype(y.dtype)


def _wider_windows(p: ConvProblem, run: Run, x: Plain, w: Plain, bias: Plain | None) -> Plain:
    """A kernel filled up with a tap of zero: a NaN reaches one output more."""
    y = run(x, w, bias)
    if p.is_exact or len(p.axes) != 1 or y.ndim != 1 or y.size < 2:
        return y
    late = np.concatenate([np.zeros(1, y.dtype), np.where(np.isnan(y), y, 0)[:-1]])
    return y + late


def _without_nan(_p: ConvProblem, x: Plain, w: Plain, b: Plain | None) -> tuple:
    return (np.nan_to_num(x, nan=0.0, posinf=np.inf, neginf=-np.inf), w, b)


def _noisy(p: ConvProblem, run: Run, x: Plain, w: Plain, bias: Plain | None) -> Plain:
    """Errors of a transform in too short a type: far beyond the constant that is stated."""
    y = run(x, w, bias)
    if p.is_exact or not y.size or p.accumulator not in ("float32", "complex64"):
        return y
    size = np.linalg.norm(x.ravel().astype("complex128"))
    size *= np.linalg.norm(w.ravel().astype("complex128"))
    noise = 300 * (np.log2(x.size + w.size) + p.size("c")) * 2.0**-24 * size
    return (y + np.asarray(noise).astype(y.dtype)).astype(y.dtype)


def _last_beyond(limit: int) -> Callable[[ConvProblem, Plain], Plain]:
    """The last sample of a result longer than a tile is that before it."""

    def change(p: ConvProblem, y: Plain) -> Plain:
        if y.ndim and y.size and y.shape[-1] > limit and len(p.axes) == 1:
            y = y.copy()
            y[..., limit] = y[..., limit - 1]
        return y

    return change


def _many_taps(p: ConvProblem, x: Plain, w: Plain, b: Plain | None) -> tuple:
    """Only 64 taps of one axis fit into the registers."""
    if len(p.axes) == 1 and p.axes[0].taps > 64 and w.ndim == 1:
        w = w.copy()
        w[64:] = 0
    return x, w, b


def _many_channels(p: ConvProblem, x: Plain, w: Plain, b: Plain | None) -> tuple:
    """Channels beyond a block of 16 forgotten."""
    if "c0" in p.sizes and p.sizes["c0"] > 16 and ("c0",) in p.w:
        at = (slice(None),) * p.w.index(("c0",))
        w = w.copy()
        w[(*at, slice(16, None))] = 0
    return x, w, b


def _large(_p: ConvProblem, run: Run, x: Plain, w: Plain, bias: Plain | None) -> Plain:
    """Indices of 16 bits: beyond 65536 elements of y the first ones are written again."""
    y = run(x, w, bias)
    flat = np.array(y).reshape(-1)
    flat[2**16 :] = 0
    return flat.reshape(y.shape)


ROWS = (
    Mutant(
        "nan-smeared",
        "a Toeplitz matrix product as `direct`",
        ("CC-NONFINITE-1",),
        in_engine(_smeared, TAPS),
    ),
    Mutant(
        "infinity-smeared",
        "a Toeplitz matrix product that repairs NaN only",
        ("CC-NONFINITE-1", "CC-NONFINITE-3"),
        in_engine(_smeared_infinities, TAPS),
    ),
    Mutant(
        "nan-one-too-far",
        "a kernel filled up with a tap of zero",
        ("CC-NONFINITE-1",),
        in_engine(_wider_windows, TAPS),
    ),
    Mutant(
        "nan-as-zero",
        "NaN taken for a missing value",
        ("CC-NONFINITE-2",),
        in_operands(_without_nan),
    ),
    Mutant(
        "class-too-strong",
        "a transform that states the componentwise class",
        ("CC-ACCURACY-3",),
        in_candidates(
            lambda p, c: (
                c._replace(accuracy=Accuracy("componentwise"))
                if c.accuracy.name == "normwise"
                else c
            )
        ),
    ),
    Mutant(
        "constant-too-small",
        "a transform with errors beyond the constant it states",
        ("CC-ACCURACY-4",),
        in_engine(_noisy, TRANSFORMS),
    ),
    Mutant(
        "constant-infinite",
        "a constant that promises nothing",
        ("CC-ACCURACY-11",),
        in_candidates(
            lambda p, c: (
                c._replace(accuracy=Accuracy("normwise", float("inf")))
                if c.accuracy.name == "normwise"
                else c
            )
        ),
    ),
    Mutant(
        "direct-is-normwise",
        "a Winograd algorithm listed as `direct`",
        ("CC-ACCURACY-7",),
        in_candidates(
            lambda p, c: (
                c._replace(accuracy=Accuracy("normwise", 16.0))
                if c.accuracy.name == "componentwise"
                else c
            )
        ),
    ),
    Mutant(
        "integers-normwise",
        "integer results that promise no exactness",
        ("CC-ACCURACY-6",),
        in_candidates(
            lambda p, c: (
                c._replace(accuracy=Accuracy("normwise", 16.0))
                if c.accuracy.name == "exact" and c.method == "fft"
                else c
            )
        ),
    ),
    Mutant(
        "silent-fallback",
        "`native` served by the taps, where the library has no call of its own",
        ("CC-METHOD-3", "CC-METHOD-5"),
        in_candidates(lambda p, c: c._replace(method="native") if c.name == "matmul" else c),
    ),
    Mutant(
        "direct-missing",
        "`direct` not offered where the kernel is longer than the data",
        ("CC-ACCURACY-7", "CC-METHOD-7", "CC-NONFINITE-1", "CC-MODE-4"),
        in_candidates(
            lambda p, c: (
                c._replace(method="auto")
                if c.method == "direct" and prod(a.taps for a in p.axes) > 4
                else c
            )
        ),
    ),
    Mutant(
        "tile-of-1024",
        "a result longer than a tile of 1024: the first sample of the next one",
        ("CC-CONVOLVE-1", "CC-INT-1", "CC-ACCURACY-3", "CC-ACCURACY-4"),
        in_result(_last_beyond(1024)),
    ),
    Mutant(
        "taps-beyond-64",
        "a kernel longer than 64: the rest of it",
        ("CC-CONVOLVE-1", "CC-INT-1"),
        in_operands(_many_taps),
    ),
    Mutant(
        "channels-beyond-16",
        "more channels than a block of 16: the rest of them",
        ("CC-CONV-1",),
        in_operands(_many_channels),
    ),
    Mutant(
        "elements-beyond-65536",
        "indices of 16 bits",
        ("CC-CONVOLVE-1", "CC-CONV-1", "CC-INT-1"),
        in_engine(_large),
    ),
)
