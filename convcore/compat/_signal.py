"""The signal pair as NumPy and SciPy have it: their dtypes, and their windows."""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
from array_api_compat import array_namespace

import convcore
from convcore._dtypes import DTYPES
from convcore._typing import Array
from convcore.compat._arrays import cast, is_kind, product_dtype, widest, zeros

__all__ = [
    "Operation",
    "central",
    "correlate_late",
    "empty",
    "one_number",
    "reversed_conj",
    "run",
    "transformable",
    "window",
]

Operation: TypeAlias = Callable[..., Any]
"""`convcore.convolve`, `convcore.correlate`, or one of them with options of its own."""


def run(op: Operation, x: Array, h: Array, mode: Any, **options: Any) -> Any:
    """An operation in the dtype that the library itself gives a product of the two arrays.

    Of bools it is an OR of ANDs. NumPy's own dtypes that convcore does not define, as those of
    Decimal and Fraction objects, are summed by NumPy tap by tap.
    """
    dtype = product_dtype(x, h)
    if is_kind(x, "bool") and is_kind(h, "bool"):
        counts = widest(x, "int64")
        return run(op, cast(x, counts), cast(h, counts), mode, **options) != 0
    plain = op in (convcore.convolve, convcore.correlate) and options.keys() <= {"method"}
    if plain and isinstance(dtype, np.dtype) and dtype.name not in DTYPES:
        return _by_taps(op, np.asarray(x), np.asarray(h), mode)
    x, h = (cast(a, dtype) if is_kind(a, "bool") else a for a in (x, h))
    return op(x, h, mode, dtype=dtype, **options)


def _by_taps(op: Operation, x: Any, h: Any, mode: Any) -> Any:
    """The definition, by whatever * and + the elements have."""
    if op is convcore.correlate:
        h = reversed_conj(h)
    lengths = list(zip(x.shape, h.shape, strict=True))
    lags = [convcore.lags(n, m, mode) for n, m in lengths]
    full = np.zeros([n + m - 1 for n, m in lengths], np.result_type(x, h))
    for tap in np.ndindex(h.shape):
        full[tuple(slice(k, k + n) for k, n in zip(tap, x.shape, strict=True))] += x * h[tap]
    shifts = [m - 1 for _, m in lengths]
    return full[tuple(slice(k.start + s, k.stop + s) for k, s in zip(lags, shifts, strict=True))]


def reversed_conj(x: Array) -> Any:
    """An array back to front on every axis, conjugated."""
    xp = array_namespace(x)
    turned = xp.flip(x)
    return xp.conj(turned) if is_kind(x, "complex floating") or x.dtype == object else turned


def transformable(x: Array) -> Any:
    """An array in the dtype that SciPy would transform it in."""
    if is_kind(x, "bool", "integral") or x.dtype == object:
        return cast(x, widest(x, "float64"))
    return cast(x, "float32") if str(x.dtype).endswith("float16") else x


def window(
    op: Operation, x: Array, h: Array, before: Sequence[int], axes: Sequence[int], **options: Any
) -> Any:
    """An operation with as many outputs as x, whose first tap lies so many samples before each.

    With half of the taps before it, that is mode "same"; any other is cut out of the full result.
    """
    if all(lo == h.shape[axis] // 2 for axis, lo in zip(axes, before, strict=True)):
        return op(x, h, "same", axes=tuple(axes), **options)
    full = op(x, h, "full", axes=tuple(axes), **options)
    kept = [slice(None)] * len(x.shape)
    for axis, lo in zip(axes, before, strict=True):
        start = h.shape[axis] - 1 - lo
        kept[axis] = slice(start, start + x.shape[axis])
    return full[tuple(kept)]


def empty(x: Array, h: Array, mode: str) -> Any:
    """The result of operands without samples: nothing is summed."""
    lengths = list(zip(x.shape, h.shape, strict=True))
    if mode == "valid" and any(n < m for n, m in lengths) and any(n > m for n, m in lengths):
        raise ValueError(
            f"shapes {x.shape} and {h.shape}: allowed is one operand as long as the "
            "other on every axis"
        )
    by_mode = {
        "full": [n + m - 1 for n, m in lengths],
        "same": x.shape,
        "valid": [abs(n - m) + 1 for n, m in lengths],
    }
    return zeros(tuple(by_mode[mode]), x, product_dtype(x, h))


def central(x: Array, h: Any) -> Any:
    """The central sample of h on every axis where x has but one: the rest is not in "same"."""
    lengths = zip(x.shape, h.shape, strict=True)
    return h[
        tuple(slice((m - 1) // 2, (m + 1) // 2) if n == 1 else slice(None) for n, m in lengths)
    ]


def correlate_late(x: Array, h: Array, _mode: str, **options: Any) -> Any:
    """`convcore.correlate`, but "same" starts half a kernel of even length later."""
    before = [(m - 1) // 2 for m in h.shape]
    return window(convcore.correlate, x, h, before, (0, 1), **options)


def one_number(fillvalue: Any, integer: bool) -> Any:
    """A fillvalue as a Python number, cut to an integer for integer arrays."""
    if np.size(fillvalue) != 1:
        raise ValueError(f"fillvalue={fillvalue!r}: allowed is one number")
    value = np.asarray(fillvalue).item()
    return int(value) if integer and isinstance(value, float) else value
