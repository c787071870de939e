"""The convolutions of `scipy.signal`, on any array library.

Results have SciPy's shapes, and the dtypes that the arrays' own library promotes to. How they are
computed is convcore's: what SciPy calls "fft" is whatever `convcore.use` says, by default the
fastest of its class, so that it is lazy and exact for integers wherever convcore is.
"""

from timeit import repeat
from typing import Any

import numpy as np
from array_api_compat import array_namespace

import convcore
from convcore._typing import Array
from convcore.compat._arrays import arrays, distinct_axes, is_kind, product_dtype, zeros
from convcore.compat._signal import (
    Operation,
    central,
    correlate_late,
    empty,
    one_number,
    reversed_conj,
    run,
    transformable,
)

__all__ = [
    "choose_conv_method",
    "convolve",
    "convolve2d",
    "correlate",
    "correlate2d",
    "correlation_lags",
    "fftconvolve",
    "oaconvolve",
]

_MODES = ("full", "same", "valid")
_METHODS = {"auto": None, "fft": None, "direct": "direct"}
_BOUNDARIES = {
    **dict.fromkeys(("fill", "pad"), "constant"),
    **dict.fromkeys(("wrap", "circular"), "wrap"),
    **dict.fromkeys(("symm", "symmetric"), "symmetric"),
}


def convolve(in1: Any, in2: Any, mode: str = "full", method: str = "auto") -> Any:
    """Convolve two N-dimensional arrays, as `scipy.signal.convolve`.

    Parameters
    ----------
    in1, in2 : array, number or nested sequence
        Of equal rank.
    mode : {"full", "valid", "same"}
    method : {"auto", "direct", "fft"}
        "direct" sums products; the others leave the choice to convcore.

    Returns
    -------
    array
        In the dtype that the operands' library gives a product of them.

    Raises
    ------
    ValueError
        For ranks or sizes that do not fit, and unknown options.

    Notes
    -----
    Integers are exact modulo their width by every method, and arrays of objects as exact as the
    objects, where SciPy's transforms round. There is no warning of a transform's NaNs. Objects,
    bools and half precision may have more than one axis.

    Examples
    --------
    >>> from convcore.compat import scipy_signal as signal
    >>> signal.convolve([1.0, 2, 3], [0, 1, 0.5], "same")
    array([1. , 2.5, 4. ])
    """
    return _pair(convcore.convolve, in1, in2, mode, method)


def correlate(in1: Any, in2: Any, mode: str = "full", method: str = "auto") -> Any:
    """Cross-correlate two N-dimensional arrays, as `scipy.signal.correlate`: in2 is conjugated.

    Parameters
    ----------
    in1, in2 : array, number or nested sequence
    mode : {"full", "valid", "same"}
    method : {"auto", "direct", "fft"}

    Returns
    -------
    array
        As `convolve`.

    Raises
    ------
    ValueError
        As `convolve`.

    Examples
    --------
    >>> from convcore.compat import scipy_signal as signal
    >>> signal.correlate([1, 2, 3], [0, 1, 0.5])
    array([0.5, 2. , 3.5, 3. , 0. ])
    """
    return _pair(convcore.correlate, in1, in2, mode, method)


def _pair(op: Operation, in1: Any, in2: Any, mode: str, method: str) -> Any:
    x, h = arrays(in1, in2)
    if x.shape == h.shape == ():
        return x * (reversed_conj(h) if op is convcore.correlate else h)
    _check_ranks(x, h)
    _check("mode", mode, _MODES)
    _check("method", method, tuple(_METHODS))
    # Of one axis, SciPy refuses them as NumPy does.
    if 0 in x.shape + h.shape and (len(x.shape) > 1 or (mode == "same" and 0 not in h.shape)):
        return empty(x, h, mode)
    return run(op, x, h, mode, method=_METHODS[method])


def fftconvolve(in1: Any, in2: Any, mode: str = "full", axes: Any = None) -> Any:
    """Convolve over some axes, as `scipy.signal.fftconvolve`.

    Parameters
    ----------
    in1, in2 : array, number or nested sequence
        Of equal rank; axes that are not convolved broadcast.
    mode : {"full", "valid", "same"}
        "same" has the shape of in1, also where in2 broadcasts beyond it: of those axes only the
        central sample is kept, as SciPy does (`convcore.convolve` keeps all).
    axes : int or sequence of int, optional
        The convolved axes; all by default.

    Returns
    -------
    array
        Floating or complex, as of a transform: integers become float64, float16 float32. Without
        samples, if an operand has none.

    Raises
    ------
    ValueError
        As `convolve`, and for axes that are not in the operands, not distinct, or none.

    Notes
    -----
    Where every axis has one sample in either operand, the result is their product and integers
    stay integers, as in SciPy. Extended precision raises TypeError.

    Examples
    --------
    >>> from convcore.compat import scipy_signal as signal
    >>> signal.fftconvolve([[1, 2, 3]], [[1, 1], [0, 2]], axes=1).round(9)
    array([[1., 3., 5., 3.],
           [0., 2., 4., 6.]])
    """
    x, h = arrays(in1, in2)
    if x.shape == h.shape == ():
        return x * h
    _check_ranks(x, h)
    if 0 in x.shape + h.shape:
        return zeros((0,), x, None)
    _check("mode", mode, _MODES)
    convolved = [a for a in _axes(axes, len(x.shape)) if x.shape[a] != 1 and h.shape[a] != 1]
    if mode == "same":
        h = central(x, h)
    if not convolved:
        return x * h
    x, h = transformable(x), transformable(h)
    return convcore.convolve(x, h, mode, axes=tuple(convolved), dtype=product_dtype(x, h))


def oaconvolve(in1: Any, in2: Any, mode: str = "full", axes: Any = None) -> Any:
    """Convolve over some axes, as `scipy.signal.oaconvolve`; the same as `fftconvolve`.

    Parameters
    ----------
    in1, in2 : array, number or nested sequence
    mode : {"full", "valid", "same"}
    axes : int or sequence of int, optional

    Returns
    -------
    array
        As `fftconvolve`.

    Raises
    ------
    ValueError
        As `fftconvolve`.

    Examples
    --------
    >>> from convcore.compat import scipy_signal as signal
    >>> signal.oaconvolve([1, 2, 3, 4, 5], [1, -1], "valid").round(9)
    array([1., 1., 1., 1.])
    """
    return fftconvolve(in1, in2, mode, axes)


def convolve2d(
    in1: Any, in2: Any, mode: str = "full", boundary: str = "fill", fillvalue: Any = 0
) -> Any:
    """Convolve two two-dimensional arrays, as `scipy.signal.convolve2d`.

    Parameters
    ----------
    in1, in2 : array or nested sequence
    mode : {"full", "valid", "same"}
    boundary : {"fill", "wrap", "symm"}
        How in1 goes on beyond its edges; also "pad", "circular" and "symmetric".
    fillvalue : number
        What "fill" continues with; cut to an integer where the result is one.

    Returns
    -------
    array
        As `convolve`.

    Raises
    ------
    ValueError
        For operands that are not two-dimensional, and as `convolve`.

    Examples
    --------
    >>> from convcore.compat import scipy_signal as signal
    >>> signal.convolve2d([[1, 2, 3]], [[1, 10, 100]], "same", "wrap")
    array([[312, 123, 231]])
    """
    return _pair_2d(convcore.convolve, in1, in2, mode, boundary, fillvalue)


def correlate2d(
    in1: Any, in2: Any, mode: str = "full", boundary: str = "fill", fillvalue: Any = 0
) -> Any:
    """Cross-correlate two two-dimensional arrays, as `scipy.signal.correlate2d`.

    Parameters
    ----------
    in1, in2 : array or nested sequence
        in2 is conjugated.
    mode : {"full", "valid", "same"}
        "same" starts at sample ``M // 2`` of the full result, where `correlate` starts at
        ``(M - 1) // 2``.
    boundary : {"fill", "wrap", "symm"}
    fillvalue : number

    Returns
    -------
    array
        As `convolve`.

    Raises
    ------
    ValueError
        As `convolve2d`.

    Notes
    -----
    In mode "valid" with the larger in2, SciPy conjugates in1 instead, which is an error: its
    `scipy.signal.correlate` has it right, and so has this.

    Examples
    --------
    >>> from convcore.compat import scipy_signal as signal
    >>> signal.correlate2d([[1, 2, 3]], [[1, 10]], "same")
    array([[21, 32,  3]])
    """
    op = correlate_late if mode == "same" else convcore.correlate
    return _pair_2d(op, in1, in2, mode, boundary, fillvalue)


def _pair_2d(op: Operation, in1: Any, in2: Any, mode: str, boundary: str, fillvalue: Any) -> Any:
    x, h = arrays(in1, in2)
    if not len(x.shape) == len(h.shape) == 2:
        raise ValueError(f"shapes {x.shape} and {h.shape}: allowed are operands of two axes")
    _check("mode", mode, _MODES)
    _check("boundary", boundary, tuple(_BOUNDARIES))
    options: dict[str, Any] = {"boundary": _BOUNDARIES[boundary]}
    if options["boundary"] == "constant":
        integer = is_kind(x, "integral") and is_kind(h, "integral")
        fill = one_number(fillvalue, integer)
        options = {} if fill == 0 else {"fill_value": fill}
    if 0 in x.shape + h.shape:
        return empty(x, h, mode)
    return run(op, x, h, mode, **options)


def choose_conv_method(in1: Any, in2: Any, mode: str = "full", measure: bool = False) -> Any:
    """What `convolve` would do, as `scipy.signal.choose_conv_method`.

    Parameters
    ----------
    in1, in2 : array, number or nested sequence
    mode : {"full", "valid", "same"}
    measure : bool
        Whether to time both methods, on these arrays.

    Returns
    -------
    str
        "direct", or "fft" for any kind of transform; of convcore, on this library and device,
        so it may differ from SciPy's answer. No value of an array is read.
    dict of str to float
        Seconds by method, if measured.

    Raises
    ------
    ValueError
        As `convolve`.

    Examples
    --------
    >>> from convcore.compat import scipy_signal as signal
    >>> signal.choose_conv_method([1.0, 2, 3], [0, 1, 0.5])
    'direct'
    """
    x, h = arrays(in1, in2)
    if measure:
        times = {method: _seconds(x, h, mode, method) for method in ("fft", "direct")}
        return min(times, key=lambda method: times[method]), times
    try:
        method = convcore.plan("convolve", x, h, mode, dtype=product_dtype(x, h)).method
    except convcore.DTypeError:  # bools and objects are summed
        return "direct"
    return "fft" if method in ("fft", "overlap_add") else "direct"


def _seconds(x: Array, h: Array, mode: str, method: str) -> float:
    def finished() -> bool:  # a value is asked for, so that nothing is left to be computed
        y = convolve(x, h, mode, method)
        return bool(array_namespace(y).all(y == y))

    return min(repeat(finished, number=1, repeat=4)[1:])


def correlation_lags(in1_len: int, in2_len: int, mode: str = "full") -> Any:
    """The lag of each sample of `correlate`, as `scipy.signal.correlation_lags`.

    Parameters
    ----------
    in1_len, in2_len : int
        Lengths of the operands, in samples.
    mode : {"full", "valid", "same"}

    Returns
    -------
    numpy.ndarray
        Lags, in samples.

    Raises
    ------
    ValueError
        For an unknown mode.

    Notes
    -----
    In mode "same" with an odd in1_len and an even in2_len, SciPy's lags are one too large for
    its own `correlate`; these are right.

    Examples
    --------
    >>> from convcore.compat import scipy_signal as signal
    >>> signal.correlation_lags(5, 4, "same")
    array([-2, -1,  0,  1,  2])
    """
    _check("mode", mode, _MODES)
    if mode == "full":
        return np.arange(1 - in2_len, in1_len)
    if mode == "same":
        return np.arange(in1_len) - in2_len // 2
    return np.arange(min(0, in1_len - in2_len), max(0, in1_len - in2_len) + 1)


def _check(name: str, value: Any, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise ValueError(f"{name}={value!r}; allowed are {', '.join(map(repr, allowed))}")


def _check_ranks(x: Array, h: Array) -> None:
    if len(x.shape) != len(h.shape):
        raise ValueError(f"shapes {x.shape} and {h.shape}: allowed are operands of equal rank")


def _axes(axes: Any, rank: int) -> list[int]:
    try:
        found = distinct_axes(axes, rank)
    except TypeError:
        raise ValueError(f"axes={axes!r}; allowed are one int or several") from None
    if axes is not None and not found:
        raise ValueError(f"axes={axes!r}; allowed are one or more")
    return found
