"""`scipy.ndimage`'s convolve, correlate, convolve1d and correlate1d, on any array library.

Sums are direct and in float64 (complex128), whatever the input, as SciPy's are; the result has the
input's dtype, and where that is an integer, fractions are cut off. Integers with integer weights
are summed as integers, exact modulo their width, where SciPy's float64 loses what is beyond 2^53.
Every weight counts, also those below 2^-52, which SciPy leaves out over more than one axis or by
`axes`; and a kernel may be many times longer than the data, where SciPy's "reflect" has read beyond
them.
"""

# ruff: noqa: A002 - the names of the parameters are SciPy's

import warnings
from collections.abc import Iterable, Sequence
from operator import index
from typing import Any, NamedTuple

import numpy as np
from array_api_compat import array_namespace

import convcore
from convcore._typing import Array, Namespace
from convcore.compat._arrays import arrays, cast, distinct_axes, is_kind, widest, zeros
from convcore.compat._signal import Operation, window

__all__ = ["convolve", "convolve1d", "correlate", "correlate1d"]

_BOUNDARIES = {
    **dict.fromkeys(("reflect", "grid-mirror"), "symmetric"),
    **dict.fromkeys(("constant", "grid-constant"), "constant"),
    **dict.fromkeys(("wrap", "grid-wrap"), "wrap"),
    "nearest": "edge",
    "mirror": "reflect",
}
_TOO_WIDE = ("longdouble", "float128", "complex256")


class _Filter(NamedTuple):
    """What a call asks for beside its arrays."""

    op: Operation
    axes: Sequence[int]
    origins: Sequence[int]
    mode: Any
    cval: Any


def convolve(
    input: Any,
    weights: Any,
    output: Any = None,
    mode: str = "reflect",
    cval: Any = 0.0,
    origin: Any = 0,
    *,
    axes: Any = None,
) -> Any:
    """Convolve an array with weights, as `scipy.ndimage.convolve`.

    Parameters
    ----------
    input : array or nested sequence
    weights : array or nested sequence
        With one axis for each of `axes`.
    output : array or dtype, optional
        Where to put the result, in a library whose arrays can be written to; or its dtype.
    mode : str
        How the input goes on beyond its edges: "reflect" or "grid-mirror", "constant" or
        "grid-constant", "nearest", "mirror", "wrap" or "grid-wrap".
    cval : number
        What "constant" continues with.
    origin : int or sequence of int
        Shift of the weights, -(n // 2) ... (n - 1) // 2 along an axis of n.
    axes : int or sequence of int, optional
        The filtered axes; all by default.

    Returns
    -------
    array
        Of the input's shape, and its dtype if output says no other; complex if it or the weights
        are.

    Raises
    ------
    RuntimeError
        For weights, modes, origins and outputs that do not fit.
    ValueError
        For axes that are not distinct axes of the input, and origins out of range.

    Notes
    -----
    Half precision is allowed, which SciPy refuses. A real output of complex results is made
    complex with a warning, as in SciPy.

    Examples
    --------
    >>> from convcore.compat import scipy_ndimage as ndimage
    >>> ndimage.convolve([1.0, 2, 3, 4], [1, 10, 100], mode="wrap")
    array([412., 123., 234., 341.])
    """
    return _filter_nd(convcore.convolve, input, weights, output, mode, cval, origin, axes)


def correlate(
    input: Any,
    weights: Any,
    output: Any = None,
    mode: str = "reflect",
    cval: Any = 0.0,
    origin: Any = 0,
    *,
    axes: Any = None,
) -> Any:
    """Correlate an array with weights, as `scipy.ndimage.correlate`: weights are conjugated.

    Parameters
    ----------
    input, weights : array or nested sequence
    output : array or dtype, optional
    mode : str
    cval : number
    origin : int or sequence of int
    axes : int or sequence of int, optional

    Returns
    -------
    array
        As `convolve`.

    Raises
    ------
    RuntimeError, ValueError
        As `convolve`.

    Examples
    --------
    >>> from convcore.compat import scipy_ndimage as ndimage
    >>> ndimage.correlate([1.0, 2, 3, 4], [1, 10, 100], mode="constant", cval=9)
    array([219., 321., 432., 943.])
    """
    return _filter_nd(convcore.correlate, input, weights, output, mode, cval, origin, axes)


def convolve1d(
    input: Any,
    weights: Any,
    axis: int = -1,
    output: Any = None,
    mode: str = "reflect",
    cval: Any = 0.0,
    origin: int = 0,
) -> Any:
    """Convolve along one axis, as `scipy.ndimage.convolve1d`.

    Parameters
    ----------
    input : array or nested sequence
    weights : array or sequence
        One-dimensional and not empty.
    axis : int
    output : array or dtype, optional
    mode : str
    cval : number
    origin : int

    Returns
    -------
    array
        As `convolve`.

    Raises
    ------
    RuntimeError, ValueError
        As `convolve`; for an axis the input does not have, `numpy.exceptions.AxisError`.

    Examples
    --------
    >>> from convcore.compat import scipy_ndimage as ndimage
    >>> ndimage.convolve1d([[1, 2, 3], [4, 5, 6]], [1, 10], axis=0)
    array([[14, 25, 36],
           [44, 55, 66]])
    """
    return _filter_1d(convcore.convolve, input, weights, axis, output, mode, cval, origin)


def correlate1d(
    input: Any,
    weights: Any,
    axis: int = -1,
    output: Any = None,
    mode: str = "reflect",
    cval: Any = 0.0,
    origin: int = 0,
) -> Any:
    """Correlate along one axis, as `scipy.ndimage.correlate1d`: weights are conjugated.

    Parameters
    ----------
    input : array or nested sequence
    weights : array or sequence
    axis : int
    output : array or dtype, optional
    mode : str
    cval : number
    origin : int

    Returns
    -------
    array
        As `convolve`.

    Raises
    ------
    RuntimeError, ValueError
        As `convolve1d`.

    Examples
    --------
    >>> from convcore.compat import scipy_ndimage as ndimage
    >>> ndimage.correlate1d([2, 8, 0, 4, 1, 9, 9, 0], weights=[1, 3])
    array([ 8, 26,  8, 12,  7, 28, 36,  9])
    """
    return _filter_1d(convcore.correlate, input, weights, axis, output, mode, cval, origin)


def _filter_nd(
    op: Operation,
    input: Any,
    weights: Any,
    output: Any,
    mode: Any,
    cval: Any,
    origin: Any,
    axes: Any,
) -> Any:
    x, w = arrays(input, weights)
    rank = len(x.shape)
    axes = distinct_axes(axes, rank)
    if len(w.shape) != len(axes) or 0 in w.shape:
        raise RuntimeError(
            f"weights of shape {w.shape}; allowed are {len(axes)} axes, none of them empty"
        )
    origins = list(origin) if isinstance(origin, Iterable) else [origin] * len(axes)
    if len(origins) != len(axes):
        raise RuntimeError(f"origin={origin!r}; allowed is one int, or {len(axes)}")
    # SciPy takes the axes of the weights in ascending order, whatever the order of `axes`.
    by_axis = dict(zip(axes, origins, strict=True))
    origins = origins if len(axes) == rank else [by_axis[axis] for axis in sorted(axes)]
    asked = _Filter(op, sorted(axes), origins, mode, cval)
    return _filter(x, w, asked, output)


def _filter_1d(
    op: Operation,
    input: Any,
    weights: Any,
    axis: int,
    output: Any,
    mode: Any,
    cval: Any,
    origin: Any,
) -> Any:
    x, w = arrays(input, weights)
    if len(w.shape) != 1 or 0 in w.shape:
        raise RuntimeError(f"weights of shape {w.shape}; allowed is one axis, which is not empty")
    rank, axis = len(x.shape), index(axis)
    if not -rank <= axis < rank:
        raise np.exceptions.AxisError(axis, rank)
    return _filter(x, w, _Filter(op, [axis % rank], [origin], mode, cval), output)


def _filter(x: Array, w: Array, asked: _Filter, output: Any) -> Any:
    if not is_kind(x, "bool", "numeric") or str(x.dtype).endswith(_TOO_WIDE):
        raise RuntimeError(f"input has dtype {x.dtype}; allowed are bool and those of convcore")
    before = [
        _before(asked.op, m, index(origin))
        for m, origin in zip(w.shape, asked.origins, strict=True)
    ]
    if not isinstance(asked.mode, str) or asked.mode not in _BOUNDARIES:
        raise RuntimeError(f"mode={asked.mode!r}; allowed are {', '.join(map(repr, _BOUNDARIES))}")
    dtype = _result_dtype(x, w, output)
    y = _summed(x, w, before, asked, array_namespace(x).isdtype(dtype, ("bool", "integral")))
    y = _converted(y, dtype)
    if not _is_array(output):
        return y
    output[...] = y
    return output


def _before(op: Operation, taps: int, origin: int) -> int:
    """How many samples before each output its first tap lies."""
    if not -(taps // 2) <= origin <= (taps - 1) // 2:
        raise ValueError(
            f"origin={origin}; allowed are {-(taps // 2)} ... {(taps - 1) // 2} for {taps} weights"
        )
    return (taps - 1) // 2 - origin if op is convcore.convolve else taps // 2 + origin


def _summed(x: Array, w: Array, before: list[int], asked: _Filter, to_integer: bool) -> Any:
    """The sums, in the dtype that they are made in."""
    cval = _number(asked.cval, x)
    whole = ("bool", "integral")
    if is_kind(x, "complex floating") or is_kind(w, "complex floating"):
        sums = widest(x, "complex128")
    elif to_integer and is_kind(x, *whole) and is_kind(w, *whole) and float(cval).is_integer():
        sums, cval = widest(x, "int64"), int(cval)
    else:
        sums = widest(x, "float64")
    if 0 in x.shape:
        return zeros(x.shape, x, getattr(array_namespace(x), sums))
    shape = [1] * len(x.shape)
    for axis, taps in zip(asked.axes, w.shape, strict=True):
        shape[axis] = taps
    w = array_namespace(w).reshape(w, tuple(shape))
    x, w = (a if is_kind(a, "numeric") else cast(a, sums) for a in (x, w))  # bools; objects
    boundary = _BOUNDARIES[asked.mode]
    filled = {"fill_value": cval} if boundary == "constant" else {"boundary": boundary}
    # As SciPy: nothing spreads beyond its window, and whole sums are whole before they are cut.
    return window(asked.op, x, w, before, asked.axes, dtype=sums, method="direct", **filled)


def _number(cval: Any, x: Array) -> Any:
    """The cval, which is complex beside complex input only."""
    if isinstance(cval, str | bytes):
        raise TypeError(f"cval={cval!r}; allowed is a number")
    return complex(cval) if is_kind(x, "complex floating") else float(cval)


def _result_dtype(x: Array, w: Array, output: Any) -> Any:
    xp = array_namespace(x)
    is_complex = is_kind(x, "complex floating") or is_kind(w, "complex floating")
    if output is None:
        return xp.result_type(x.dtype, xp.complex64) if is_complex else x.dtype
    if _is_array(output) and tuple(output.shape) != tuple(x.shape):
        raise RuntimeError(f"output of shape {output.shape}; allowed is {x.shape}")
    dtype = output.dtype if _is_array(output) else _said(output, xp)
    if is_complex == xp.isdtype(dtype, "complex floating"):
        return dtype
    if not is_complex or _is_array(output) or isinstance(output, str):
        kind = "complex" if is_complex else "real"
        raise RuntimeError(f"output={output!r}; allowed are {kind} dtypes")
    warnings.warn("the output's dtype is made complex, as the result is", stacklevel=5)
    return xp.result_type(dtype, xp.complex64)


def _is_array(output: Any) -> bool:
    return hasattr(output, "shape") and not isinstance(output, type | np.dtype)


def _said(output: Any, xp: Namespace) -> Any:
    """A dtype that may be said as Python's or NumPy's, by name, or as the library's own."""
    if not isinstance(output, type | str | np.dtype):
        return output
    dtype = np.dtype(output)
    if isinstance(output, str) and dtype.kind not in "iufc":
        raise RuntimeError(f"output={output!r}; allowed are numeric dtypes")
    return getattr(xp, dtype.name)


def _converted(y: Array, dtype: Any) -> Any:
    """Sums as SciPy stores them: fractions are cut off, and what is too wide wraps."""
    xp = array_namespace(y)
    if xp.isdtype(dtype, "bool"):
        return cast(y, widest(y, "int64")) != 0
    if xp.isdtype(dtype, "integral") and dtype != getattr(xp, "uint64", None):
        y = cast(y, widest(y, "int64"))  # a negative float has no value in an unsigned dtype
    return cast(y, dtype)
