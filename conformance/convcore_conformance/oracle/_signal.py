"""The signal pair: convolve and correlate."""

from __future__ import annotations

from collections.abc import Sequence
from string import ascii_lowercase

from ._axis import signal_axis
from ._contract import Result, contract
from ._numbers import Scalar, conjugate
from ._tensor import Tensor


def convolve(
    x1: Tensor[Scalar],
    x2: Tensor[Scalar],
    *,
    mode: str = "full",
    axes: int | Sequence[int] | None = None,
    boundary: str | Sequence[str] = "constant",
    fill_value: Scalar = 0,
) -> Result:
    """Convolve: y[n] = sum_m x1[m] x2[n-m].

    Parameters
    ----------
    x1, x2 : Tensor
        Operands of equal rank.
    mode, axes, boundary, fill_value
        As in ``convcore.convolve``.

    Returns
    -------
    Result
        Every element exactly.
    """
    return _signal(x1, x2, mode=mode, axes=axes, boundary=boundary, fill=fill_value, flip=True)


def correlate(
    x1: Tensor[Scalar],
    x2: Tensor[Scalar],
    *,
    mode: str = "full",
    axes: int | Sequence[int] | None = None,
    boundary: str | Sequence[str] = "constant",
    fill_value: Scalar = 0,
) -> Result:
    """Correlate: y[k] = sum_l x1[l+k] conj(x2[l]).

    Parameters
    ----------
    x1, x2 : Tensor
        Operands of equal rank.
    mode, axes, boundary, fill_value
        As in ``convcore.correlate``.

    Returns
    -------
    Result
        Every element exactly.
    """
    second = x2.map(conjugate)
    return _signal(x1, second, mode=mode, axes=axes, boundary=boundary, fill=fill_value, flip=False)


def _signal(
    x: Tensor[Scalar],
    w: Tensor[Scalar],
    *,
    mode: str,
    axes: int | Sequence[int] | None,
    boundary: str | Sequence[str],
    fill: Scalar,
    flip: bool,
) -> Result:
    rank = len(x.shape)
    convolved = _axes(axes, rank)
    others = [a for a in range(rank) if a not in convolved]
    names = [boundary] * len(convolved) if isinstance(boundary, str) else boundary
    sums = [
        signal_axis(x.shape[a], w.shape[a], mode, name, flip=flip)
        for a, name in zip(convolved, names, strict=True)
    ]
    x_labels, x_rows = _rows(x, w, others, convolved)
    w_labels, w_rows = _rows(w, x, others, convolved)
    y_labels = ascii_lowercase[: len(others)]
    result = contract(f"{x_labels},{w_labels}->{y_labels}", sums, x_rows, w_rows, fill)
    order = [*others, *convolved]  # axis order[a] of the caller is axis a here
    elements = result.elements.permuted([order.index(a) for a in range(rank)])
    return Result(elements, result.length, result.channels)


def _axes(axes: int | Sequence[int] | None, rank: int) -> list[int]:
    if axes is None:
        return list(range(rank))
    return [a % rank for a in ([axes] if isinstance(axes, int) else axes)]


def _rows(
    own: Tensor[Scalar], other: Tensor[Scalar], others: list[int], convolved: list[int]
) -> tuple[str, Tensor[Scalar]]:
    """Move the batch axes first; one that is broadcast loses its axis and its label."""
    kept = [
        (label, axis)
        for label, axis in zip(ascii_lowercase, others, strict=False)
        if own.shape[axis] == other.shape[axis] or own.shape[axis] != 1
    ]
    shape = [own.shape[axis] for _, axis in kept] + [own.shape[axis] for axis in convolved]
    rows = own.permuted([*others, *convolved]).reshaped(shape)
    return "".join(label for label, _ in kept), rows
