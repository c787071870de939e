"""Mutants of numbers: dtypes, rounding, integers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from convcore import algorithms
from convcore.plugins import ConvProblem, Run

from .loopback import Plain
from .spoil import TRANSFORMS, Mutant, in_engine, in_operands, in_problem, in_result

__all__ = ["ROWS"]


def _with_bits(x: Plain, bits: int) -> Plain:
    """float32 with so few bits of its significand left, as a matrix unit takes it."""
    if x.dtype != np.float32:
        return x
    mask = np.uint32(0xFFFFFFFF << (23 - bits) & 0xFFFFFFFF)
    whole = np.ascontiguousarray(x)
    return (whole.view(np.uint32) & mask).view(np.float32).reshape(x.shape)


def _through(dtype: str, wanted: Callable[[ConvProblem], bool]) -> Any:
    """Operands converted by way of another dtype."""

    def change(p: ConvProblem, x: Plain, w: Plain, b: Plain | None) -> tuple:
        if not wanted(p):
            return x, w, b
        return x.astype(dtype).astype(x.dtype), w.astype(dtype).astype(w.dtype), b

    return in_operands(change)


def _in_dtype(dtype: str, wanted: Callable[[ConvProblem, str], bool]) -> Any:
    """The whole problem in another dtype, and its result converted."""

    def spoil(backend: Any) -> None:
        right = backend.lowered

        def lowered(problem: ConvProblem, engine: str) -> Run:
            if not wanted(problem, engine):
                return right(problem, engine)
            run = right(replace(problem, dtype=dtype), engine)
            return lambda x, w, bias: _converted(run(x, w, bias), problem.dtype)

        backend.lowered = lowered

    return spoil


def _converted(y: Plain, dtype: str) -> Plain:
    """To integers by way of the nearest one modulo 2^64, as C does for most; else plainly."""
    if np.dtype(dtype).kind in "iu" and y.dtype.kind == "f":
        y = np.rint(y)
        wrapped = y - np.floor(y / 2.0**64) * 2.0**64
        return np.where(wrapped < 2.0**63, wrapped, wrapped - 2.0**64).astype("int64").astype(dtype)
    return np.asarray(y).astype(dtype)


def _saturated(p: ConvProblem, run: Run, x: Plain, w: Plain, bias: Plain | None) -> Plain:
    if not p.is_exact or np.dtype(p.dtype).itemsize == 8:
        return run(x, w, bias)
    limits = np.iinfo(p.dtype)
    wide = algorithms.lower(replace(p, dtype="int64"), "taps", np)(x, w, bias)
    return np.clip(wide, limits.min, limits.max).astype(p.dtype)


def _saturated_bias(p: ConvProblem, run: Run, x: Plain, w: Plain, bias: Plain | None) -> Plain:
    """Integers with a bias: the sum wraps, the bias saturates."""
    if bias is None or not p.is_exact:
        return run(x, w, bias)
    y = run(x, w, np.zeros_like(bias))
    added = run(x, w, bias)
    limits = np.iinfo(p.dtype)
    over = [int(b) - int(a) for a, b in zip(y.ravel(), added.ravel(), strict=True)]
    wraps = np.array([abs(d) > limits.max // 2 for d in over], bool).reshape(y.shape)
    return np.where(wraps, np.array(limits.max, p.dtype), added)


def _separate_bias(p: ConvProblem, run: Run, x: Plain, w: Plain, bias: Plain | None) -> Plain:
    """The bias added to the rounded result, which is rounded again."""
    y = run(x, w, None if bias is None else np.zeros_like(bias))
    if bias is None or not y.size or p.is_exact:
        return run(x, w, bias)
    shape = [1] * y.ndim
    at = next(i for i, atoms in enumerate(p.y) if atoms and atoms[-1][0] in "go")
    shape[at] = -1
    return (y + bias.astype(y.dtype).reshape(shape)).astype(y.dtype)


def _unrounded_bias(p: ConvProblem, run: Run, x: Plain, w: Plain, bias: Plain | None) -> Plain:
    if bias is None or p.dtype != "float16":
        return run(x, w, bias)
    sums = algorithms.lower(replace(p, dtype=p.accumulator), "taps", np)(x, w, bias)
    return sums.astype(p.dtype)


def _half_sums(p: ConvProblem, run: Run, x: Plain, w: Plain, bias: Plain | None) -> Plain:
    """float16 summed tap by tap in float16: here over halves of x, as a split reduction does."""
    if p.dtype != "float16" or len(p.axes) != 1 or not x.size:
        return run(x, w, bias)
    along = next(i for i, atoms in enumerate(p.x) if "s0" in atoms)
    total = None
    for i in range(x.shape[along]):
        part = np.zeros_like(x)
        at = (slice(None),) * along + (i,)
        part[at] = x[at]
        y = run(part, w, bias if total is None else None)
        total = y if total is None else (total + y).astype("float16")
    return total


def _narrower_first(_p: ConvProblem, x: Plain, w: Plain, b: Plain | None) -> tuple:
    """Operands of two float dtypes converted to the narrower, then to the result's."""
    kinds = {x.dtype.kind, w.dtype.kind}
    if kinds != {"f"} or x.dtype == w.dtype:
        return x, w, b
    narrow = min(x.dtype, w.dtype, key=lambda d: d.itemsize)
    return x.astype(narrow), w.astype(narrow), b


def _unsigned_as_signed(p: ConvProblem, x: Plain, w: Plain, b: Plain | None) -> tuple:
    def read(a: Plain) -> Plain:
        return a.astype("int64") if a.dtype == np.uint64 and not p.is_exact else a

    return read(x), read(w), b


def _promoted(p: ConvProblem, run: Run, x: Plain, w: Plain, bias: Plain | None) -> Plain:
    """``dtype=`` by converting the finished result."""
    own = np.result_type(x.dtype, w.dtype)
    if bias is not None or own == np.dtype(p.dtype) or own.kind != np.dtype(p.dtype).kind:
        return run(x, w, bias)
    return algorithms.lower(replace(p, dtype=own.name), "taps", np)(x, w, bias).astype(p.dtype)


def _by_float_fft(p: ConvProblem, engine: str) -> bool:
    return p.is_exact and engine in TRANSFORMS


ROWS = (
    Mutant(
        "tf32",
        "float32 operands with the 10 bits of a matrix unit",
        ("CC-PRECISION-1", "CC-ACCURACY-3"),
        in_operands(lambda p, x, w, b: (_with_bits(x, 10), _with_bits(w, 10), b)),
    ),
    Mutant(
        "bfloat16-passes",
        "float32 operands with the 7 bits of bfloat16",
        ("CC-PRECISION-1", "CC-ACCURACY-3"),
        in_operands(lambda p, x, w, b: (_with_bits(x, 7), _with_bits(w, 7), b)),
    ),
    Mutant(
        "float64-through-float32",
        "a library whose default float is float32",
        ("CC-ACCURACY-3", "CC-ACCURACY-4"),
        _through("float32", lambda p: p.x_dtype == p.w_dtype == "float64"),
    ),
    Mutant(
        "float16-sums",
        "float16 summed in float16",
        ("CC-DTYPE-15",),
        in_engine(_half_sums),
    ),
    Mutant(
        "integers-in-float32",
        "integers by the float32 engine, rounded",
        ("CC-INT-1", "CC-ACCURACY-2", "CC-ACCURACY-6"),
        _in_dtype("float32", lambda p, e: p.is_exact),
    ),
    Mutant(
        "integers-in-float64",
        "integers by the float64 engine, rounded",
        ("CC-INT-1", "CC-INT-4", "CC-ACCURACY-2", "CC-ACCURACY-6"),
        _in_dtype("float64", lambda p, e: p.is_exact and p.bias is None),
    ),
    Mutant(
        "integers-saturate",
        "integers held at the ends of their range",
        ("CC-INT-1", "CC-ACCURACY-2", "CC-DTYPE-4"),
        in_engine(_saturated),
    ),
    Mutant(
        "bias-saturates",
        "the bias of integers added with saturation",
        ("CC-INT-5",),
        in_engine(_saturated_bias),
    ),
    Mutant(
        "integers-by-rounded-transforms",
        "one transform of integers, rounded, without a proof",
        ("CC-INT-1", "CC-INT-3"),
        _in_dtype("float64", _by_float_fft),
    ),
    Mutant(
        "operands-not-wrapped",
        "dtype=int8 of int64 operands that are clipped to it first",
        ("CC-INT-2", "CC-DTYPE-12"),
        in_operands(
            lambda p, x, w, b: (
                (x.clip(np.iinfo(p.dtype).min, np.iinfo(p.dtype).max), w, b)
                if p.is_exact and x.dtype.itemsize > np.dtype(p.dtype).itemsize
                else (x, w, b)
            )
        ),
    ),
    Mutant(
        "accumulator-returned",
        "the sums handed out in the dtype they were made in",
        ("CC-DTYPE-5", "CC-DTYPE-10", "CC-DTYPE-15", "CC-DTYPE-17"),
        in_problem(lambda p: replace(p, dtype=p.accumulator)),
    ),
    Mutant(
        "fft-widens",
        "float64 from the transform of float32",
        ("CC-METHOD-9", "CC-DTYPE-5"),
        in_result(
            lambda p, y: y.astype("float64") if p.dtype == "float32" else y, engines=TRANSFORMS
        ),
    ),
    Mutant(
        "bias-after-rounding",
        "the bias added to the rounded result",
        ("CC-DTYPE-17",),
        in_engine(_separate_bias),
    ),
    Mutant(
        "bias-unrounded",
        "the bias added as the accumulator holds it",
        ("CC-DTYPE-18",),
        in_engine(_unrounded_bias),
    ),
    Mutant(
        "narrower-first",
        "two float dtypes brought together in the narrower",
        ("CC-DTYPE-5", "CC-DTYPE-16"),
        in_operands(_narrower_first),
    ),
    Mutant(
        "unsigned-as-signed",
        "uint64 read as int64 beside floats",
        ("CC-DTYPE-6", "CC-DTYPE-16"),
        in_operands(_unsigned_as_signed),
    ),
    Mutant(
        "dtype-afterwards",
        "dtype= applied to the finished result",
        ("CC-DTYPE-10",),
        in_engine(_promoted),
    ),
)
