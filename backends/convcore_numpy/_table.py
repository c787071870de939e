"""Tiny problems: every product of the definition looked up in a table made once.

For a few samples the cost is that of the Python calls, so this makes as few as it can: gather the
data, gather the kernel, one sum of products. Whatever the problem does with strides, boundaries,
expansion, folds or layouts is in the table.
"""

from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convcore import algorithms
from convcore.plugins import Axis, ConvProblem, Run, Staged

__all__ = ["MOST_PRODUCTS", "lower_table", "products"]

MOST_PRODUCTS = 1024
_Index = NDArray[np.int64]


def products(problem: ConvProblem) -> int:
    """Entries of a problem's table."""
    outputs = prod(axis.unfolded for axis in problem.axes)
    return int(problem.size("ngo") * outputs * problem.terms)


def lower_table(problem: ConvProblem) -> Run:
    """Lower a problem of few products."""
    data, kernel = _tables(problem)
    data_at, kernel_at = _data(problem, data), _kernel(problem, kernel)
    shape, dtype, bias_at = problem.y_shape, np.dtype(problem.dtype), _bias(problem)

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


def _bias(problem: ConvProblem) -> _Index | None:
    """Which bias each output has, in the caller's order."""
    if problem.bias is None:
        return None
    sizes = dict(
        zip((a for atoms in problem.y for a in atoms), problem.atom_sizes("y"), strict=True)
    )
    own = np.arange(prod(sizes[atom] for atom in problem.bias))
    own = own.reshape([sizes[atom] for atom in problem.bias])
    atoms = [atom for axis in problem.y for atom in axis]
    present = [atom for atom in atoms if atom in problem.bias]
    own = own.transpose([problem.bias.index(atom) for atom in present])
    own = own.reshape([sizes[atom] if atom in problem.bias else 1 for atom in atoms])
    return np.broadcast_to(own, [sizes[atom] for atom in atoms]).reshape(-1)


def _tables(problem: ConvProblem) -> tuple[_Index, _Index]:
    """Which sample of x and which of w each product of each output takes.

    The second has one row only where that is the same for all outputs.
    """
    x, w = _numbered(problem, "x") + 1, _numbered(problem, "w")
    if problem.flip:
        w = np.flip(w, axis=tuple(range(3, w.ndim)))
    x = _windows(problem, x)
    n, g, c, taps, *space = x.shape
    x = x.reshape(n, g, 1, c * taps, prod(space)).swapaxes(3, 4)
    w = w.reshape(1, g, -1, 1, c * taps)
    shape = (n, g, w.shape[2], prod(space), c * taps)
    x, w = (np.broadcast_to(table, shape).reshape(*shape[:3], *space, -1) for table in (x, w))
    for at, axis in enumerate(problem.axes, 3):
        x, w = _folded(x, w, at, axis)
    if any(axis.expansion > 1 or axis.fold for axis in problem.axes):
        # There entry 0 of x is no padding but no product at all, which an infinite w would show.
        w = np.where(x == 0, prod(problem.w_shape), w)
    order = algorithms.from_roles(problem)(_positions(x), np)
    x, w = (table.reshape(-1, table.shape[-1])[order.reshape(-1)] for table in (x, w))
    return x, (w[0] if (w == w[0]).all() else w)


def _numbered(problem: ConvProblem, which: str) -> _Index:
    shape = problem.x_shape if which == "x" else problem.w_shape
    numbers = np.arange(prod(shape)).reshape(shape)
    return np.asarray(algorithms.to_roles(problem, which)(numbers, np))


def _positions(table: _Index) -> _Index:
    return np.arange(table.size // table.shape[-1]).reshape(table.shape[:-1])


def _windows(problem: ConvProblem, x: _Index) -> _Index:
    """Samples met by each tap: (n, g, c, taps, *outputs)."""
    for at, axis in enumerate(problem.axes, 3):
        spread = np.zeros((*x.shape[:at], axis.expanded, *x.shape[at + 1 :]), np.int64)
        spread[(slice(None),) * at + (slice(None, None, axis.expansion),)] = x
        x = algorithms.extend(spread, at, axis, 0, np)
    met = algorithms.windows(problem)
    whole = (slice(None),) * 3
    return np.stack([x[(*whole, *window)] for window in met], axis=3)


def _folded(x: _Index, w: _Index, at: int, axis: Axis) -> tuple[_Index, _Index]:
    """Put the products of all samples that fold onto one output into its row."""
    fold = axis.fold
    if fold is None:
        return x, w
    size = axis.unfolded - fold.lo - fold.hi
    along = Axis(size, 1, lo=fold.lo, hi=fold.hi, boundary=fold.boundary)
    target = algorithms.extend(np.arange(size), 0, along, 0, np)
    sources = [np.flatnonzero(target == p) for p in range(size)]
    most = max(map(len, sources))
    rows = np.stack([np.pad(s, (0, most - len(s)), constant_values=-1) for s in sources])
    x, w = (np.moveaxis(table, at, -2) for table in (x, w))
    # A missing source is entry 0, the fill value, which is 0 for a gradient.
    x = np.where((rows >= 0)[..., None], x[..., rows, :], 0)
    x, w = (t.reshape(*t.shape[:-2], -1) for t in (x, w[..., rows, :]))
    return np.moveaxis(x, -2, at), np.moveaxis(w, -2, at)
