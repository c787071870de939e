"""Which samples meet along one axis: the one-dimensional definition of every operation.

An `Axis` lists, for each output sample p, the pairs (i, k) such that x[i] * w[k] is a term of
y[p]. A multi-dimensional operation is the product of its axes, so these few functions, with
`_contract.contract`, are the whole definition.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

# The sample of x that stands where a constant boundary puts the fill value.
FILL = -1

Pair: TypeAlias = tuple[int, int]


@dataclass(frozen=True)
class Axis:
    """The terms along one axis.

    ``taps[p]`` are the pairs of output sample p. ``x_samples`` is the extended x, ``w_samples``
    the whole of w (both for the norms of the normwise bound); ``length`` is the axis's factor of
    L in that bound: the padded extent of what is slid over plus the reach of the kernel, at least
    2. A transpose slides over x with zeros between its samples, padded so that a convolution
    gives the output: ``out_size + reach`` samples.
    """

    taps: tuple[tuple[Pair, ...], ...]
    x_samples: tuple[int, ...]
    w_samples: tuple[int, ...]
    length: int


def extend(i: int, size: int, boundary: str) -> int:
    """Find the sample that stands at position ``i`` of an extended axis (np.pad's names)."""
    if 0 <= i < size:
        return i
    if boundary == "constant":
        return FILL
    if boundary == "edge":
        return 0 if i < 0 else size - 1
    if boundary == "wrap":
        return i % size
    if boundary == "symmetric":  # ... b a | a b | b a ...: period 2 size
        i %= 2 * size
        return min(i, 2 * size - 1 - i)
    if boundary == "reflect":  # ... c b | a b c | b a ...: period 2 (size - 1)
        period = max(2 * (size - 1), 1)
        return min(i % period, period - i % period) if size > 1 else 0
    raise ValueError(f"boundary={boundary!r}")


def window(mode: str, n: int, m: int) -> range:
    """Give the samples of the full result that a mode keeps."""
    if mode == "full":
        return range(n + m - 1)
    if mode == "same":
        first = (m - 1) // 2
        return range(first, first + n)
    if mode == "valid":
        return range(min(n, m) - 1, max(n, m))
    raise ValueError(f"mode={mode!r}")


def signal_axis(n: int, m: int, mode: str, boundary: str, *, flip: bool) -> Axis:
    """Convolution (``flip``): y[t] = sum_k x[t-k] w[k]; correlation: y[lag] = sum_k x[k+lag] w[k].

    Sample t of the full correlation has lag t - (m-1). x is its own extension, except in `valid`,
    which has no term outside the data.
    """
    kept = window(mode, n, m)
    taps = []
    for t in kept:
        meet = [(t - k, k) if flip else (k + t - (m - 1), k) for k in range(m)]
        if mode == "valid":
            meet = [(i, k) for i, k in meet if 0 <= i < n]
        taps.append(tuple((extend(i, n, boundary), k) for i, k in meet))
    reached = range(n) if mode == "valid" else range(kept[0] - (m - 1), kept[-1] + 1)
    samples = tuple(extend(i, n, boundary) for i in reached)
    return Axis(tuple(taps), samples, tuple(range(m)), max(2, len(samples) + m - 1))


@dataclass(frozen=True)
class Sampling:
    """How a kernel samples one axis: its length, its stride and its dilation."""

    kernel: int
    stride: int
    dilation: int

    @property
    def reach(self) -> int:
        """How far the last tap is from the first."""
        return self.dilation * (self.kernel - 1)

    def read(self, p: int, k: int) -> int:
        """Find the padded sample that tap k of output p reads."""
        return p * self.stride + k * self.dilation


def conv_axis(size: int, by: Sampling, pad: Pair, boundary: str) -> Axis:
    """y[p] = sum_k padded[p*stride + k*dilation] w[k], where padded[j] = ext(j - lo)."""
    lo, hi = pad
    padded = tuple(extend(j - lo, size, boundary) for j in range(size + lo + hi))
    reach = by.reach
    if len(padded) <= reach:
        raise ValueError(f"kernel reach {reach + 1} exceeds the padded size {len(padded)}")
    taps = tuple(
        tuple((padded[by.read(p, k)], k) for k in range(by.kernel))
        for p in range((len(padded) - reach - 1) // by.stride + 1)
    )
    return Axis(taps, padded, tuple(range(by.kernel)), max(2, len(padded) + reach))


def transpose_axis(size: int, by: Sampling, lo: int, out_size: int) -> Axis:
    """full[p*stride + k*dilation] += x[p] w[k]; the output is ``out_size`` samples from ``lo``."""
    length = (size - 1) * by.stride + by.reach + 1
    full: list[list[Pair]] = [[] for _ in range(length)]
    for p in range(size):
        for k in range(by.kernel):
            full[by.read(p, k)].append((p, k))
    taps = tuple(tuple(full[t]) if 0 <= t < length else () for t in range(lo, lo + out_size))
    return Axis(taps, tuple(range(size)), tuple(range(by.kernel)), max(2, out_size + 2 * by.reach))


def input_grad_axis(forward: Axis, size: int, by: Sampling) -> Axis:
    """Transpose in x: the term y[p] += x[i] w[k] becomes dx[i] += grad[p] w[k].

    Extension folds back by itself, since i is the sample that the extension read; a fill value
    depends on no x and drops out.
    """
    taps: list[list[Pair]] = [[] for _ in range(size)]
    for p, pairs in enumerate(forward.taps):
        for i, k in pairs:
            if i != FILL:
                taps[i].append((p, k))
    grad = tuple(range(len(forward.taps)))
    # An extension that repeats samples is folded after the transpose, which is so much longer.
    read = [i for i in forward.x_samples if i != FILL]
    out_size = size if len(set(read)) == len(read) else len(forward.x_samples)
    length = max(2, out_size + 2 * by.reach)
    return Axis(tuple(map(tuple, taps)), grad, forward.w_samples, length)


def weight_grad_axis(forward: Axis, stride: int) -> Axis:
    """Transpose in w: the term y[p] += x[i] w[k] becomes dw[k] += x[i] grad[p]."""
    taps: list[list[Pair]] = [[] for _ in forward.w_samples]
    for p, pairs in enumerate(forward.taps):
        for i, k in pairs:
            taps[k].append((i, p))
    grad = tuple(range(len(forward.taps)))
    length = len(forward.x_samples) + stride * (len(grad) - 1)
    return Axis(tuple(map(tuple, taps)), forward.x_samples, grad, max(2, length))
