"""Convolution as algebra, as matrices and as products of spectra (CC-MATH-1 to 13).

Operands are small integers, whose sums of products every dtype here holds; so both sides of a
relation must be equal, not close. They are complex unless said, which shows each conjugate, and
are then summed directly, since no transform of them is exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from .calls import Array, Call
from .checks import run
from .libraries import Library
from .marks import shows

KINDS = pytest.mark.parametrize("kind", ["int64", "complex128"])


def small(seed: int, *shape: int, kind: str = "complex128") -> Array:
    """Small integers of both signs."""
    rng = np.random.default_rng(seed)
    values: Array = rng.integers(-5, 6, shape).astype(kind)
    return values + 1j * rng.integers(-5, 6, shape) if kind == "complex128" else values


def of(library: Library, op: str, *arrays: Any, **options: Any) -> Array:
    call = Call(op, arrays, options)
    is_complex = any(operand.dtype.kind == "c" for operand in call.operands)
    return run(library, call.but(method="direct") if is_complex else call)


def equal(a: Array, b: Array) -> bool:
    return a.shape == b.shape and a.tolist() == b.tolist()


@shows("CC-MATH-1")
@pytest.mark.parametrize("m", [1, 2, 4, 5, 13])
def test_the_sum_approaches_the_integral(m: int, library: Library) -> None:
    """Ones on [0, 1) with themselves: the triangle min(t, 2 - t) at t = (n + 1)/m."""
    counts = of(library, "convolve", np.ones(m, "int64"), np.ones(m, "int64"))
    at = [Fraction(n + 1, m) for n in range(2 * m - 1)]
    assert [Fraction(int(count), m) for count in counts] == [min(t, 2 - t) for t in at]


POLYNOMIALS = [
    pytest.param([1, 1], [1, 1], [1, 2, 1], id="a-square"),
    pytest.param([1, 1], [-1, 1], [-1, 0, 1], id="of-squares"),
    pytest.param([6, -5, 1], [-1, 1], [-6, 11, -6, 1], id="the-roots-1-2-3"),
    pytest.param([-1, 1], [1, 1, 1, 1, 1], [-1, 0, 0, 0, 0, 1], id="of-unity"),
    pytest.param([1, 4, 6, 4, 1], [1, 3, 3, 1], [1, 7, 21, 35, 35, 21, 7, 1], id="binomial"),
    pytest.param([1, 2, 3], [0, 2, 1], [0, 2, 5, 8, 3], id="with-a-zero"),
    pytest.param([[1, 1], [1, 0]], [[1, -1], [0, 0]], [[1, 0, -1], [1, -1, 0], [0] * 3], id="2-d"),
]


@shows("CC-MATH-2")
@pytest.mark.parametrize(("p", "q", "product"), POLYNOMIALS)
def test_polynomials(p: Any, q: Any, *, product: Any, library: Library) -> None:
    """Coefficients by rising powers, written out."""
    assert of(library, "convolve", np.array(p), np.array(q)).tolist() == product


@shows("CC-MATH-3")
@KINDS
@pytest.mark.parametrize("shapes", [[(2,), (5,), (9,)], [(3, 2), (2, 4), (1, 3)]])
def test_associative(kind: str, shapes: Sequence[tuple[int, ...]], library: Library) -> None:
    a, b, c = (small(i, *shape, kind=kind) for i, shape in enumerate(shapes))
    left = of(library, "convolve", of(library, "convolve", a, b), c)
    assert equal(left, of(library, "convolve", a, of(library, "convolve", b, c)))


@shows("CC-MATH-4")
@KINDS
@pytest.mark.parametrize(
    ("mode", "shape"),
    [("full", (1,)), ("same", (6,)), ("valid", (6,)), ("full", (3, 4)), ("same", (2, 1, 3))],
)
def test_one_is_the_identity(
    kind: str, mode: str, shape: tuple[int, ...], library: Library
) -> None:
    x = small(1, *shape, kind=kind)
    assert equal(of(library, "convolve", x, np.ones((1,) * x.ndim, kind), mode=mode), x)


@shows("CC-MATH-5")
def test_a_separable_kernel_may_be_applied_axis_by_axis(library: Library) -> None:
    """On outer products, and on data that is none."""
    a, b, f, g = (small(i, n) for i, n in enumerate((4, 5, 3, 2)))
    apart = of(library, "convolve", a, f), of(library, "convolve", b, g)
    kernel = np.outer(f, g)
    assert equal(of(library, "convolve", np.outer(a, b), kernel), np.outer(*apart))
    x = small(5, 4, 5)
    down = of(library, "convolve", x, f[:, None], axes=0)
    assert equal(of(library, "convolve", x, kernel), of(library, "convolve", down, g[None], axes=1))


@shows("CC-MATH-6")
@KINDS
@pytest.mark.parametrize("shape", [(1,), (8,), (3, 4)], ids=str)
def test_energy_at_lag_zero(kind: str, shape: tuple[int, ...], library: Library) -> None:
    x = small(3, *shape, kind=kind)
    y = of(library, "correlate", x, x)
    energy = y[tuple(n - 1 for n in shape)]
    assert energy == (np.real(x) ** 2 + np.imag(x) ** 2).sum()
    assert max(abs(y.reshape(-1))) == energy


@shows("CC-MATH-7")
@pytest.mark.parametrize("taps", [1, 2, 3, 6])
def test_conv_correlates_without_conjugation(taps: int, library: Library) -> None:
    x, w = small(1, 6), small(2, taps)
    layer = of(library, "conv", x[None], w[None, None])[0]
    assert equal(layer, of(library, "correlate", x, w.conj(), mode="valid"))
    assert equal(layer, of(library, "convolve", x, w[::-1].copy(), mode="valid"))


@shows("CC-MATH-8")
@pytest.mark.parametrize(("n", "m"), [(5, 3), (2, 6), (4, 4), (1, 1)])
def test_toeplitz(n: int, m: int, library: Library) -> None:
    x, h = small(1, n), small(2, m)
    rows = [[h[i - j] if 0 <= i - j < m else 0 for j in range(n)] for i in range(n + m - 1)]
    assert equal(of(library, "convolve", x, h), np.array(rows) @ x)


@dataclass(frozen=True)
class Layer:
    """One axis of conv: sizes of x and w, samples padded before, the options, a boundary."""

    i: int
    k: int
    lo: int
    boundary: str
    options: dict[str, Any]

    def operands(self) -> tuple[Array, Array]:
        return small(1, 1, self.i), small(2, 1, 1, self.k)

    def reads(self, q: int, k: int) -> int:
        """The sample of x that tap k of output q meets."""
        stride, dilation = (int(self.options.get(name, 1)) for name in ("stride", "dilation"))
        return q * stride + k * dilation - self.lo


LAYERS = [
    pytest.param(Layer(7, 3, 0, "edge", {}), id="plain"),
    pytest.param(Layer(7, 3, 1, "reflect", {"stride": 2, "padding": 1}), id="strided"),
    pytest.param(Layer(9, 3, 2, "symmetric", {"dilation": 3, "padding": [(2, 0)]}), id="dilated"),
    pytest.param(
        Layer(8, 2, 1, "wrap", {"stride": 3, "dilation": 2, "padding": [(1, 3)]}), id="all"
    ),
    pytest.param(Layer(7, 2, -2, "constant", {"padding": [(-2, 1)]}), id="cropped"),
    pytest.param(Layer(3, 5, 4, "wrap", {"padding": 4, "stride": 2}), id="a-longer-kernel"),
]


@shows("CC-MATH-9", "CC-MATH-10")
@pytest.mark.parametrize("layer", LAYERS)
def test_the_matrix_of_a_kernel(layer: Layer, library: Library) -> None:
    """A for conv, its transpose for conv_transpose, its adjoint for the gradient of the input."""
    x, w = layer.operands()
    y = of(library, "conv", x, w, **layer.options)
    matrix = np.zeros((y.shape[1], layer.i), complex)
    for q, k in np.ndindex(y.shape[1], layer.k):
        if 0 <= (at := layer.reads(q, k)) < layer.i:
            matrix[q, at] += w[0, 0, k]
    assert equal(y[0], matrix @ x[0])
    g = small(3, *y.shape)
    back = of(library, "conv_transpose", g, w, output_size=layer.i, **layer.options)
    assert equal(back[0], matrix.T @ g[0])
    assert (y * g).sum() == (x * back).sum()
    dx = of(library, "conv_input_grad", x.shape, w, g, **layer.options)
    assert equal(dx[0], matrix.conj().T @ g[0])


@shows("CC-MATH-11")
@pytest.mark.parametrize("layer", LAYERS)
def test_the_matrix_of_the_data(layer: Layer, library: Library) -> None:
    x, w = layer.operands()
    options = {**layer.options, "boundary": layer.boundary}
    wide = 3 * layer.i
    extended = np.pad(x[0], wide, mode=layer.boundary)  # type: ignore[call-overload]
    y = of(library, "conv", x, w, **options)
    places = [[layer.reads(q, k) + wide for k in range(layer.k)] for q in range(y.shape[1])]
    matrix = extended[np.array(places)]
    assert equal(y[0], matrix @ w[0, 0])
    g = small(3, *y.shape)
    dw = of(library, "conv_weight_grad", x, w.shape, g, **options)
    assert equal(dw[0, 0], matrix.conj().T @ g[0])


# The fourth roots of unity, which floating point holds; so transforms of length 4 are exact.
_ROOTS = np.array([1, -1j, -1, 1j])


def spectrum(values: Array, length: int) -> Array:
    """Every axis padded with zeros to a length of 1, 2 or 4, and transformed by the definition."""
    y = np.pad(values, [(0, length - n) for n in values.shape]).astype(complex)
    turns = np.outer(range(length), range(length)) * (4 // length) % 4
    for axis in range(y.ndim):
        y = np.moveaxis(np.tensordot(_ROOTS[turns], y, (1, axis)), 0, axis)
    return y


@shows("CC-MATH-12")
@pytest.mark.parametrize(
    ("n", "m", "length"),
    [((2,), (3,), 4), ((4,), (1,), 4), ((1,), (2,), 4), ((1,), (2,), 2), ((2, 3), (3, 2), 4)],
    ids=str,
)
def test_convolution_theorem(
    n: tuple[int, ...], m: tuple[int, ...], *, length: int, library: Library
) -> None:
    x, h = small(1, *n), small(2, *m)
    y = of(library, "convolve", x, h)
    assert equal(spectrum(y, length), spectrum(x, length) * spectrum(h, length))


@shows("CC-MATH-13")
@pytest.mark.parametrize(("n", "m"), [(1, 3), (2, 2), (2, 5), (4, 3), (4, 11)])
def test_circular_convolution(n: int, m: int, library: Library) -> None:
    """A kernel longer than the data is folded onto it."""
    x, h = small(1, n), small(2, m)
    y = of(library, "convolve", x, h, boundary="wrap")[:n]
    folded = np.array([h[i::n].sum() for i in range(n)])
    assert equal(spectrum(y, n), spectrum(x, n) * spectrum(folded, n))
