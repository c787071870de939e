"""Tiny problems: every product looked up in a table, by a program that all of one shape share.

XLA takes a hundred milliseconds to compile a problem, which costs more than any number of runs of
a tiny one. Strides, paddings, boundaries and layouts are data here, so that they compile nothing.
"""

from functools import lru_cache
from typing import Any

import jax.numpy as jnp
import numpy as np

from convcore import algorithms
from convcore.plugins import Accuracy, Candidate, ConvProblem, Run
from convcore_jax._compiling import quickly
from convcore_jax._places import Place

__all__ = ["lower_table", "table_candidate", "takes_table"]

_MOST_PRODUCTS = 1024


def takes_table(problem: ConvProblem, place: Place) -> bool:
    """Whether a table serves a problem of arrays that are in one place of the host."""
    return place.is_host and 0 < algorithms.products(problem) <= _MOST_PRODUCTS


def table_candidate(problem: ConvProblem) -> Candidate:
    """The candidate of a problem that `takes_table`."""
    exactly = Accuracy("exact" if problem.is_exact else "componentwise")
    seconds = 4e-6 + 4e-9 * algorithms.products(problem)
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

    def table(x: Any, w: Any, bias: Any, data: Any, kernel: Any, bias_at: Any, fill: Any) -> Any:
        x = jnp.concatenate([fill[None], jnp.reshape(x, -1).astype(sums)])
        w = jnp.concatenate([jnp.reshape(w, -1).astype(sums), jnp.zeros(1, sums)])
        x, w = x[data], w[kernel]
        x, w = jnp.conj(x) if conj_x else x, jnp.conj(w) if conj_w else w
        y = jnp.sum(x * w, axis=-1, dtype=sums)
        if bias is not None:
            y = y + bias.astype(dtype).astype(sums)[bias_at]
        return jnp.reshape(y, shape).astype(dtype)

    return quickly(table)
