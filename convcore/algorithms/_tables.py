"""Every product of the definition as a table: for each output, which samples its products take.

Whatever a problem does with strides, boundaries, expansion, folds or layouts is in the table. It
is as long as the problem has products, and so for problems that have few.
"""

from math import prod
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from convcore._axis import Axis
from convcore._problem import ConvProblem
from convcore.algorithms._boundary import extend
from convcore.algorithms._direct import windows
from convcore.algorithms._roles import from_roles, to_roles

__all__ = ["Tables", "products", "tables"]

_Index = NDArray[np.int64]


class Tables(NamedTuple):
    """Which sample of x and which of w each product of each output takes, in the caller's order.

    Attributes
    ----------
    data : ndarray
        A row for each output; 0 is the fill value, 1 the first sample of x.
    kernel : ndarray
        One row only where that is the same for all outputs; the entry after the last of w is 0.
    bias : ndarray or None
        Which bias each output has.
    """

    data: _Index
    kernel: _Index
    bias: _Index | None


def products(problem: ConvProblem) -> int:
    """Entries of a problem's table."""
    outputs = prod(axis.unfolded for axis in problem.axes)
    return int(problem.size("ngo") * outputs * problem.terms)


def tables(problem: ConvProblem) -> Tables:
    """The tables of a problem."""
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
    order = from_roles(problem)(_positions(x), np)
    x, w = (table.reshape(-1, table.shape[-1])[order.reshape(-1)] for table in (x, w))
    return Tables(x, w[0] if (w == w[0]).all() else w, _bias(problem))


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


def _numbered(problem: ConvProblem, which: str) -> _Index:
    shape = problem.x_shape if which == "x" else problem.w_shape
    numbers = np.arange(prod(shape)).reshape(shape)
    return np.asarray(to_roles(problem, which)(numbers, np))


def _positions(table: _Index) -> _Index:
    return np.arange(table.size // table.shape[-1]).reshape(table.shape[:-1])


def _windows(problem: ConvProblem, x: _Index) -> _Index:
    """Samples met by each tap: (n, g, c, taps, *outputs)."""
    for at, axis in enumerate(problem.axes, 3):
        spread = np.zeros((*x.shape[:at], axis.expanded, *x.shape[at + 1 :]), np.int64)
        spread[(slice(None),) * at + (slice(None, None, axis.expansion),)] = x
        x = extend(spread, at, axis, 0, np)
    met = windows(problem)
    whole = (slice(None),) * 3
    return np.stack([x[(*whole, *window)] for window in met], axis=3)


def _folded(x: _Index, w: _Index, at: int, axis: Axis) -> tuple[_Index, _Index]:
    """Put the products of all samples that fold onto one output into its row."""
    fold = axis.fold
    if fold is None:
        return x, w
    size = axis.unfolded - fold.lo - fold.hi
    along = Axis(size, 1, lo=fold.lo, hi=fold.hi, boundary=fold.boundary)
    target = extend(np.arange(size), 0, along, 0, np)
    sources = [np.flatnonzero(target == p) for p in range(size)]
    most = max(map(len, sources))
    rows = np.stack([np.pad(s, (0, most - len(s)), constant_values=-1) for s in sources])
    x, w = (np.moveaxis(table, at, -2) for table in (x, w))
    # A missing source is entry 0, the fill value, which is 0 for a gradient.
    x = np.where((rows >= 0)[..., None], x[..., rows, :], 0)
    x, w = (t.reshape(*t.shape[:-2], -1) for t in (x, w[..., rows, :]))
    return np.moveaxis(x, -2, at), np.moveaxis(w, -2, at)
