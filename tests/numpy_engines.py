"""NumPy's own engines by name, and what they should make."""

import numpy as np

import convcore
from convcore._registry import registry

RNG = np.random.default_rng(3)


def ran(engine, op, *arrays, **options):
    """A call run by one engine, and by the sums of the definition."""
    problem = convcore.plan(op, *arrays, **options).problem
    x, w = (array for array in arrays if isinstance(array, np.ndarray))
    return registry.get("numpy").lower(problem, engine, None)(x, w, None)


def whole(dtype, *shape, most=9):
    return RNG.integers(-most, most + 1, shape).astype(dtype)


def names(op, x, w, options):
    problem = convcore.plan(op, x, w, **options).problem
    return {candidate.name for candidate in registry.get("numpy").methods(problem, None)}


def by_definition(x, w, stride=1, padding=0, dilation=1, groups=1):
    """Sums of whole numbers that no order of addition rounds."""
    rank = x.ndim - 2
    stride, dilation = (np.broadcast_to(v, rank) for v in (stride, dilation))
    padding = np.broadcast_to(
        np.asarray(padding).reshape(-1, 1) if np.ndim(padding) == 1 else padding, (rank, 2)
    )
    for axis, (lo, hi) in enumerate(padding, 2):
        x = np.take(x, range(max(-lo, 0), x.shape[axis] - max(-hi, 0)), axis)
        ends = [(0, 0)] * x.ndim
        ends[axis] = (max(lo, 0), max(hi, 0))
        x = np.pad(x, ends)
    reach = (np.array(w.shape[2:], int) - 1) * dilation
    out = tuple((np.array(x.shape[2:], int) - reach - 1) // stride + 1)
    y = np.zeros((len(x), len(w), *out), x.dtype)
    inner, outer = w.shape[1], len(w) // groups
    for at in np.ndindex(y.shape):
        n, o, p = at[0], at[1], at[2:]
        first = o // outer * inner
        window = tuple(
            slice(i * s, i * s + r + 1, d)
            for i, s, r, d in zip(p, stride, reach, dilation, strict=True)
        )
        y[at] = (x[(n, slice(first, first + inner), *window)] * w[o]).sum(dtype=x.dtype)
    return y
