"""Laws of the signal pair, checked exactly on integers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import convcore

from .calls import Array, Call
from .checks import run
from .examples import random_examples
from .libraries import Library
from .marks import shows

MODES = st.sampled_from(["full", "same", "valid"])
BOUNDARIES = st.sampled_from(["constant", "edge", "wrap", "symmetric", "reflect"])
SEEDS = st.integers(0, 999)
# Three small numbers each: enough shapes to meet every window, parity and dominance.
SIZES = st.integers(1, 9)


def integers(seed: int, *shape: int, kind: str = "int64") -> Array:
    """Small integers; complex ones are exact in complex128 too."""
    rng = np.random.default_rng(seed)
    values = rng.integers(-9, 10, shape)
    if kind == "complex128":
        return values + 1j * rng.integers(-9, 10, shape)
    return values.astype(kind)


def convolved(library: Library, x: Array, h: Array, **options: Any) -> Array:
    return run(library, Call("convolve", (x, h), options))


def correlated(library: Library, x: Array, h: Array, **options: Any) -> Array:
    return run(library, Call("correlate", (x, h), options))


def polynomial(coefficients: Array, at: int) -> int:
    return sum(int(c) * at**n for n, c in enumerate(coefficients))


@shows("CC-CONVOLVE-4")
@random_examples
@given(n=SIZES, m=SIZES, seed=SEEDS, boundary=BOUNDARIES)
def test_commutative(n: int, m: int, seed: int, boundary: str, library: Library) -> None:
    """CC-CONVOLVE-4: in `full` with constant 0, in `valid` with any boundary."""
    x, h = integers(seed, n), integers(seed + 1, m)
    options: list[dict[str, Any]] = [{}, {"mode": "valid", "boundary": boundary}]
    for one in options:
        forward, backward = convolved(library, x, h, **one), convolved(library, h, x, **one)
        assert forward.tolist() == backward.tolist()


@shows("CC-CONVOLVE-5", "CC-CONVOLVE-6")
@random_examples
@given(n=SIZES, m=SIZES, seed=SEEDS, mode=MODES, boundary=BOUNDARIES)
def test_linear_in_both(
    n: int, m: int, seed: int, *, mode: str, boundary: str, library: Library
) -> None:
    """CC-CONVOLVE-5, CC-CONVOLVE-6."""
    x, z, h, k = (integers(seed + i, size) for i, size in enumerate((n, n, m, m)))

    def c(a: Array, b: Array) -> Array:
        return convolved(library, a, b, mode=mode, boundary=boundary)

    assert c(3 * x - 2 * z, h).tolist() == (3 * c(x, h) - 2 * c(z, h)).tolist()
    assert c(x, 3 * h - 2 * k).tolist() == (3 * c(x, h) - 2 * c(x, k)).tolist()


@shows("CC-CONVOLVE-7")
@random_examples
@given(n=SIZES, m=SIZES, seed=SEEDS, delay=st.integers(1, 5), axis=st.integers(0, 1))
def test_shift(n: int, m: int, seed: int, *, delay: int, axis: int, library: Library) -> None:
    """CC-CONVOLVE-7: zeros in front of x1 come out in front."""
    x, h = integers(seed, n, 3), integers(seed + 1, m, 2)
    pad = [(delay, 0) if a == axis else (0, 0) for a in range(2)]
    late = convolved(library, np.pad(x, pad), h)
    assert late.tolist() == np.pad(convolved(library, x, h), pad).tolist()


@shows("CC-CORRELATE-2")
@random_examples
@given(
    n=SIZES,
    m=SIZES,
    seed=SEEDS,
    mode=MODES,
    boundary=BOUNDARIES,
    kind=st.sampled_from(["int64", "complex128"]),
)
def test_correlation_is_convolution_with_the_flipped_conjugate(
    n: int, m: int, seed: int, *, mode: str, boundary: str, kind: str, library: Library
) -> None:
    """CC-CORRELATE-2, with a batch axis that is not flipped."""
    x, h = integers(seed, 2, n, kind=kind), integers(seed + 1, 2, m, kind=kind)
    options = {"mode": mode, "boundary": boundary, "axes": 1, "method": "direct"}
    wanted = convolved(library, x, np.flip(h.conj(), 1), **options)
    assert correlated(library, x, h, **options).tolist() == wanted.tolist()


@shows("CC-CORRELATE-5")
@random_examples
@given(n=SIZES, m=SIZES, seed=SEEDS)
def test_exchanging_correlated_operands_reverses(
    n: int, m: int, seed: int, library: Library
) -> None:
    """CC-CORRELATE-5."""
    x, h = integers(seed, n, kind="complex128"), integers(seed + 1, m, kind="complex128")
    forward = correlated(library, x, h, method="direct")
    backward = correlated(library, h, x, method="direct")
    assert forward.tolist() == backward[::-1].conj().tolist()


@shows("CC-CORRELATE-4")
@random_examples
@given(n=SIZES, m=SIZES, seed=SEEDS, mode=MODES)
def test_lags_name_the_samples(n: int, m: int, seed: int, mode: str, library: Library) -> None:
    """CC-CORRELATE-4: sample i is the sum at lag ``lags(n, m, mode)[i]``."""
    x, h = integers(seed, n), integers(seed + 1, m)
    wanted = [
        sum(int(x[j + lag]) * int(h[j]) for j in range(m) if 0 <= j + lag < n)
        for lag in convcore.lags(n, m, mode)
    ]
    assert correlated(library, x, h, mode=mode).tolist() == wanted


@shows("CC-CONVOLVE-1")
@random_examples
@given(n=SIZES, m=SIZES, seed=SEEDS, at=st.integers(-3, 3))
def test_polynomial_product(n: int, m: int, seed: int, at: int, library: Library) -> None:
    """Coefficients of a product of polynomials: the values multiply at every point."""
    p, q = integers(seed, n), integers(seed + 1, m)
    product = convolved(library, p, q)
    assert polynomial(product, at) == polynomial(p, at) * polynomial(q, at)


@shows("CC-CONVOLVE-1")
@random_examples
@given(n=SIZES, m=SIZES, seed=SEEDS)
def test_convolution_theorem(n: int, m: int, seed: int, library: Library) -> None:
    """The transform of the periodic convolution is the product of the transforms.

    A number-theoretic transform makes both sides exact: modulo 7 * 8 * 9 * 5 + 1 = 2521, a prime,
    every length up to 10 divides 2520 and so has a root of unity.
    """
    x, h = integers(seed, n), integers(seed + 1, m)
    # In `full` the samples m-1 ... m-1+n-1 hold the periods that start at sample m-1.
    periodic = convolved(library, x, h, boundary="wrap")[m - 1 : m - 1 + n]
    periodic = np.roll(periodic, m - 1)
    folded = np.zeros(n, np.int64)
    np.add.at(folded, np.arange(m) % n, h)
    product = transformed(x) * transformed(folded) % _PRIME
    assert transformed(periodic).tolist() == product.tolist()


_PRIME, _GENERATOR = 2521, 17


def transformed(values: Array) -> Array:
    n = len(values)
    root = pow(_GENERATOR, (_PRIME - 1) // n, _PRIME)
    powers = [[pow(root, j * k % n, _PRIME) for k in range(n)] for j in range(n)]
    transform: Array = np.array(powers) @ values % _PRIME
    return transform


def test_the_generator_generates() -> None:
    """17 has order 2520 modulo 2521, without which the test above would be weaker than it says."""
    assert all(pow(_GENERATOR, 2520 // p, _PRIME) != 1 for p in (2, 3, 5, 7))


@shows("CC-INT-1")
@pytest.mark.parametrize("method", ["auto", "direct", "overlap_add"])
@pytest.mark.parametrize(("n", "m"), [(50, 3), (50, 17), (3, 50), (64, 64)])
def test_associative(method: str, n: int, m: int, library: Library) -> None:
    """(x * g) * h = x * (g * h), on sizes beyond the random ones."""
    x, g, h = integers(1, n), integers(2, m), integers(3, 5)

    def c(a: Array, b: Array) -> Array:
        return convolved(library, a, b, method=method if method == "direct" else "auto")

    assert c(c(x, g), h).tolist() == c(x, c(g, h)).tolist()
