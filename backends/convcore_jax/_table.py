"""Tiny problems: every product looked up in a table, by a program that all of one shape share.

XLA takes tens of milliseconds to compile a problem, which is thousands of runs of a tiny one.
Strides, paddings, boundaries and layouts are data here, so that they compile nothing.
"""

from functools import lru_cache
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax

from convcore import algorithms
from convcore.plugins import Accuracy, Candidate, ConvProblem, Run
from convcore_jax._compiling import quickly
from convcore_jax._places import Place

__all__ = ["lower_table", "table_candidate", "takes_table"]

_MOST_PRODUCTS = 256  # XLA shares the look-up of some 500 among threads, which takes 80 us


def takes_table(problem: ConvProblem, place: Place) -> bool:
    """Whether a table serves a problem of arrays that are in one place of the host."""
    return place.is_host and 0 < algorithms.products(problem) <= _MOST_PRODUCTS


def table_candidate(problem: ConvProblem) -> Candidate:
    """The candidate of a problem that `takes_table`."""
    exactly = Accuracy("exact" if problem.is_exact else "componentwise")
    seconds = 1e-5 + 4e-9 * algorithms.products(problem)
    return Candidate("table", "direct", exactly, seconds, 0, "few products, by a table")


def lower_table(problem: ConvProblem, place: Place) -> Run:
    """Lower a problem that `takes_table`."""
    found = algorithms.tables(problem)
    fill = np.asarray(problem.fill, jnp.dtype(problem.accumulator))
    tables = [
        None if table is None else place.put(table)
        for table in (found.data.astype("int32"), found.kernel.astype("int32"), found.bias, fill)
    ]
    program = _program(
        problem.y_shape, problem.accumulator, problem.dtype, problem.conj_x, problem.conj_w
    )
    return lambda x, w, bias: program(x, w, bias, *tables)


@lru_cache(maxsize=4096)
def _program(shape: tuple[int, ...], sums: str, dtype: str, conj_x: bool, conj_w: bool) -> Any:
    """The program of all problems with a result of this shape, and of these dtypes."""
    sums_in, rounds_to = jnp.dtype(sums), jnp.dtype(dtype)
    zero = np.zeros((), sums_in)

    # In JAX's primitives, of which jax.numpy would make three times as many to trace and to lower.
    def table(x: Any, w: Any, bias: Any, data: Any, kernel: Any, bias_at: Any, fill: Any) -> Any:
        x = lax.pad(_flat(x, sums_in), fill, [(1, 0, 0)])
        w = lax.pad(_flat(w, sums_in), zero, [(0, 1, 0)])
        x, w = _taken(x, data), _taken(w, kernel)
        x, w = jnp.conj(x) if conj_x else x, jnp.conj(w) if conj_w else w
        y = lax.reduce_sum(x * w, axes=(1,))
        if bias is not None:
            y = y + _taken(_flat(bias.astype(rounds_to), sums_in), bias_at)
        return lax.reshape(y, shape).astype(rounds_to)

    return quickly(table)


def _flat(x: Any, dtype: Any) -> Any:
    return lax.reshape(x, (x.size,)).astype(dtype)


def _taken(x: Any, at: Any) -> Any:
    """What stands at places, all of which there are."""
    numbers = lax.GatherDimensionNumbers(
        offset_dims=(), collapsed_slice_dims=(0,), start_index_map=(0,)
    )
    within = lax.GatherScatterMode.PROMISE_IN_BOUNDS
    return lax.gather(x, lax.expand_dims(at, (at.ndim,)), numbers, (1,), mode=within)
