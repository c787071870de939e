"""Tiny problems: every product of the definition looked up in a table made once.

For a few samples the cost is that of the Python calls, so this makes as few as it can: gather the
data, gather the kernel, one sum of products.
"""

from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convcore import algorithms
from convcore.plugins import ConvProblem, Run, Staged

__all__ = ["MOST_PRODUCTS", "lower_table"]

MOST_PRODUCTS = 1024
_Index = NDArray[np.int64]


def lower_table(problem: ConvProblem) -> Run:
    """Lower a problem of few products."""
    data, kernel, bias_at = algorithms.tables(problem)
    data_at, kernel_at = _data(problem, data), _kernel(problem, kernel)
    shape, dtype = problem.y_shape, np.dtype(problem.dtype)

    total = _total(problem, kernel)

    def apply(x: Any, w: Any, bias: Any) -> Any:
        y = total(data_at(x), w)
        if bias_at is not None:
            y = y + bias.astype(dtype)[bias_at]
        if y.dtype != dtype:
            y = y.astype(dtype)
        return y.reshape(shape)

    return Staged(kernel_at, apply)


def _total(problem: ConvProblem, kernel: _Index) -> Any:
    """The sums of products of each row, by what costs least on a few samples."""
    if kernel.ndim == 1:
        return np.ndarray.dot  # half the cost of matmul
    if problem.is_complex:  # vecdot would conjugate
        return lambda x, w: (x * w).sum(axis=-1)
    return np.vecdot


def _data(problem: ConvProblem, table: _Index) -> Any:
    """Function from x to its samples in the table; 0 is the fill value, 1 the first sample."""
    size, sums, fill = prod(problem.x_shape), np.dtype(problem.accumulator), problem.fill
    inside = table - 1
    within = bool((table > 0).all())

    def gathered(x: Any) -> Any:
        if within and x.dtype == sums:
            return x.reshape(-1).take(inside)
        samples = np.empty(size + 1, sums)
        samples[0] = fill
        samples[1:] = x.reshape(-1)
        return samples.take(table)

    return (lambda x: gathered(x).conj()) if problem.conj_x else gathered


def _kernel(problem: ConvProblem, table: _Index) -> Any:
    """Function from w to its samples in the table; the entry after the last is 0."""
    size, sums = prod(problem.w_shape), np.dtype(problem.accumulator)
    whole = bool((table < size).all())

    def gathered(w: Any) -> Any:
        if whole and w.dtype == sums:
            return w.reshape(-1).take(table)
        samples = np.zeros(size + 1, sums)
        samples[:-1] = w.reshape(-1)
        return samples.take(table)

    in_order = bool(table.ndim == 1 and np.array_equal(table, np.arange(size)))
    if in_order and problem.w_dtype == problem.accumulator and not problem.conj_w:
        return lambda w: w.reshape(-1)
    return (lambda w: gathered(w).conj()) if problem.conj_w else gathered
