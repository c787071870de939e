"""convolve and correlate: signatures and documentation; every body is one call."""

from typing import Any

from convcore._dispatch import call
from convcore._operations import OPERATIONS

__all__ = ["convolve", "correlate"]

_CONVOLVE = OPERATIONS["convolve"]
_CORRELATE = OPERATIONS["correlate"]


def convolve(
    x1: Any,
    x2: Any,
    /,
    mode: str = "full",
    method: str | None = None,
    *,
    axes: Any = None,
    boundary: Any = "constant",
    fill_value: Any = 0,
    dtype: Any = None,
    precision: str | None = None,
    backend: str | None = None,
) -> Any:
    """Convolve two arrays: ``y[n] = sum_m x1[m] x2[n - m]``.

    Parameters
    ----------
    x1, x2 : array, number or nested sequence
        Operands of equal rank and one library; axes that are not convolved broadcast.
    mode : {"full", "same", "valid"}
        Window of the full result on each convolved axis of N and M samples: all N + M - 1;
        the N from (M - 1) // 2; the abs(N - M) + 1 where the shorter lies inside the longer.
    method : {"auto", "direct", "fft", "overlap_add", "native"}, optional
        How to compute; a forced method never falls back.
    axes : int or tuple of int, optional
        The convolved axes; all by default.
    boundary : str or tuple of str
        How x1 goes on beyond its ends, for all convolved axes or for each: "constant",
        "reflect", "symmetric", "edge" or "wrap", as in `numpy.pad`. Unused by mode "valid".
    fill_value : number
        What boundary "constant" continues with.
    dtype : dtype or str, optional
        Dtype of the result, and so of the sums; by default promoted from the operands'.
    precision : {"ieee", "fast"}, optional
        "fast" allows reduced-precision hardware.
    backend : str, optional
        Backend to run on; the arrays are lent to it.

    Returns
    -------
    array
        In the operands' library, on their device.

    Raises
    ------
    ConvcoreError
        The subclass says what is wrong: ShapeError, OptionError, MethodError, DTypeError,
        ArrayTypeError, DeviceError or BackendError.

    See Also
    --------
    correlate : without the kernel's reversal.
    conv : with channels, strides and groups.

    Notes
    -----
    At stride 1, mode "same" has the window of ``conv(padding="same_lower")``; for kernels of
    even length ``conv(padding="same")`` differs.

    Examples
    --------
    >>> convcore.convolve([1, 2, 3], [0, 1, 0.5])
    array([0. , 1. , 2.5, 4. , 1.5])
    >>> convcore.convolve([1, 2, 3], [1, 1, 1], "same", boundary="edge")
    array([4, 6, 8])
    """
    shared = (method, dtype, precision, backend)
    return call(_CONVOLVE, x1, x2, None, shared, (mode, axes, boundary, fill_value))


def correlate(
    x1: Any,
    x2: Any,
    /,
    mode: str = "full",
    method: str | None = None,
    *,
    axes: Any = None,
    boundary: Any = "constant",
    fill_value: Any = 0,
    dtype: Any = None,
    precision: str | None = None,
    backend: str | None = None,
) -> Any:
    """Correlate two arrays: ``y[k] = sum_l x1[l + k] conj(x2[l])``.

    Equal to ``convolve(x1, flip(conj(x2)))`` in every mode; parameters, result and errors are
    those of `convolve`.

    Parameters
    ----------
    x1, x2 : array, number or nested sequence
    mode : {"full", "same", "valid"}
    method : {"auto", "direct", "fft", "overlap_add", "native"}, optional
    axes : int or tuple of int, optional
    boundary : str or tuple of str
    fill_value : number
    dtype : dtype or str, optional
    precision : {"ieee", "fast"}, optional
    backend : str, optional

    Returns
    -------
    array
        The lag of each sample is in `lags`.

    Raises
    ------
    ConvcoreError
        As `convolve`.

    See Also
    --------
    lags : the lag of each output sample.

    Notes
    -----
    At stride 1, mode "same" equals ``conv(padding="same_lower")`` for real kernels, not "same":
    they differ for kernels of even length.

    Examples
    --------
    >>> convcore.correlate([1, 2, 3], [0, 1, 0.5])
    array([0.5, 2. , 3.5, 3. , 0. ])
    """
    shared = (method, dtype, precision, backend)
    return call(_CORRELATE, x1, x2, None, shared, (mode, axes, boundary, fill_value))
