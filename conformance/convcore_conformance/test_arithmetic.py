"""Convolution arithmetic: Dumoulin and Visin's relations R1 to R15 (CC-MATH-14 to 31).

A relation is a row of `relations`: for which sizes it is said, and the size that it gives. It is
held on every combination by plans, and on a few by calls of every library, whose values are held
against the equivalent that the relation names.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np
import pytest

import convcore

from .calls import Array, Call
from .checks import run
from .libraries import Library
from .marks import shows
from .relations import OPTIONS, RELATIONS, Relation, Sizes, dense


def _grid() -> Iterator[Sizes]:
    for i, k, s, p, d in product(range(1, 5), range(1, 5), range(1, 4), range(3), (1, 3)):
        for a in range(s):
            yield Sizes(i, k, s, p, d, a)


def _planned(op: str, v: Sizes) -> int:
    x, w = ((1, v.i), "float32"), ((1, 1, v.k), "float32")
    return int(convcore.plan(op, x, w, **v.options).shape[1])


_BY_CLAUSE = [pytest.param(row, id=row.clause, marks=shows(row.clause)) for row in RELATIONS]


@pytest.mark.parametrize("row", _BY_CLAUSE)
def test_every_size(row: Relation) -> None:
    """Whatever is at least one sample long, of a kernel that the padded input holds."""
    said = [v for v in _grid() if row.holds(v) and row.size(v) > 0]
    said = [v for v in said if row.op != "conv" or dense(v) >= 0]
    assert len(said) > 5
    assert [_planned(row.op, v) for v in said] == [row.size(v) for v in said]
    if row.op == "conv_transpose":  # the conv's input size i, where (i + 2p - k) mod s = a
        sources = [v._replace(i=row.size(v), a=0) for v in said]
        assert [_planned("conv", v) for v in sources] == [v.i for v in said]
        assert [dense(v) % v.s for v in sources] == [v.a for v in said]


_RUNS = [
    pytest.param(row, sizes, marks=shows(row.clause), id=f"{row.clause}-{n}")
    for row in RELATIONS
    for n, sizes in enumerate(row.samples)
]


@pytest.mark.parametrize(("row", "v"), _RUNS)
def test_relation(row: Relation, v: Sizes, library: Library) -> None:
    """A forward relation against a loop over windows, a transposed one against its conv."""
    assert row.holds(v)
    x, w = np.arange(1, v.i + 1), 10 ** np.arange(v.k)
    got = one_axis(library, row.op, x, w, **v.options)
    assert len(got) == row.size(v)
    if row.op == "conv":
        assert got.tolist() == windows(x, w, v)
    else:
        before = v.k - v.p - 1
        pad = [(before, before + v.a)]
        emulated = one_axis(library, "conv", stretched(x, v.s), w[::-1].copy(), padding=pad)
        assert got.tolist() == emulated.tolist()
    for name in {"CC-MATH-16": ("same", "same_lower"), "CC-MATH-17": ("full",)}.get(row.clause, ()):
        assert one_axis(library, row.op, x, w, padding=name).tolist() == got.tolist()


def one_axis(library: Library, op: str, x: Array, w: Array, **options: Any) -> Array:
    y: Array = run(library, Call(op, (x[None], w[None, None]), options))[0]
    return y


def windows(x: Array, w: Array, v: Sizes) -> list[int]:
    """The definition, on data padded with zeros."""
    padded = [0] * v.p + x.tolist() + [0] * v.p
    starts = range(0, dense(v) + 1, v.s)
    return [sum(padded[q + k * v.d] * int(w[k]) for k in range(v.k)) for q in starts]


def stretched(x: Array, stride: int) -> Array:
    """With stride - 1 zeros between the samples of the last axis."""
    y = np.zeros((*x.shape[:-1], (x.shape[-1] - 1) * stride + 1), x.dtype)
    y[..., ::stride] = x
    return y


@shows("CC-MATH-20")
@pytest.mark.parametrize(("i", "k", "s", "p"), [(5, 3, 2, 1), (7, 1, 3, 0), (4, 2, 4, 1)])
def test_sizes_between_two_strides(i: int, k: int, s: int, *, p: int, library: Library) -> None:
    assert (i + 2 * p - k) % s == 0

    def size(i: int) -> int:
        return len(one_axis(library, "conv", np.ones(i), np.ones(k), stride=s, padding=p))

    assert [size(i + a) - size(i) for a in range(s + 1)] == [0] * s + [1]


@shows("CC-MATH-21")
@pytest.mark.parametrize("groups", [1, 2])
@pytest.mark.parametrize(
    ("k", "s", "p"), [(3, 1, 0), (3, 2, 1), (2, 3, 0), (2, 2, 2), (1, 1, 2), (4, 2, 3)]
)
def test_transpose_is_a_conv_of_the_stretched(
    groups: int, k: int, s: int, *, p: int, library: Library
) -> None:
    """With channels, and paddings that reach the kernel's size and crop."""
    rng = np.random.default_rng(k)
    x, w = rng.integers(-5, 6, (2, 4, 5)), rng.integers(-5, 6, (4, 3, k))
    got = run(
        library, Call("conv_transpose", (x, w), {"stride": s, "padding": p, "groups": groups})
    )
    apart = w.reshape(groups, 4 // groups, 3, k).transpose(0, 2, 1, 3)[..., ::-1]
    exchanged = np.ascontiguousarray(apart).reshape(groups * 3, 4 // groups, k)
    options = {"padding": k - p - 1, "groups": groups}
    wanted = run(library, Call("conv", (stretched(x, s), exchanged), options))
    assert got.shape == wanted.shape
    assert got.tolist() == wanted.tolist()


@shows("CC-MATH-29")
@pytest.mark.parametrize("op", ["conv", "conv_transpose"])
@pytest.mark.parametrize(("k", "d"), [(1, 4), (2, 3), (3, 2), (4, 1)])
def test_a_dilated_kernel_has_zeros_between_its_taps(
    op: str, k: int, d: int, library: Library
) -> None:
    x, w = np.arange(1, 9), 10 ** np.arange(k)
    spaced = stretched(w, d)
    assert len(spaced) == k + (k - 1) * (d - 1)
    got = one_axis(library, op, x, w, dilation=d, stride=2)
    assert got.tolist() == one_axis(library, op, x, spaced, stride=2).tolist()


@shows("CC-MATH-31")
@pytest.mark.parametrize("op", ["conv", "conv_transpose"])
@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1)], ids=str)
def test_axes_do_not_influence_one_another(
    op: str, order: tuple[int, ...], library: Library
) -> None:
    """The size of each of three unlike axes, together as alone."""
    axes = [Sizes(7, 3, d=2), Sizes(6, 2, s=3, p=1), Sizes(4, 1, s=2, d=3)]
    axes = [axes[place] for place in order]
    alone = [_planned(op, v) for v in axes]
    x, w = np.ones([1, *(v.i for v in axes)]), np.ones([1, 1, *(v.k for v in axes)])
    options = {
        name: tuple(getattr(v, short) for v in axes)
        for short, name in OPTIONS.items()
        if short != "a"
    }
    assert run(library, Call(op, (x, w), options)).shape == (1, *alone)
