"""`numpy.convolve` and `numpy.correlate`, on any array library.

Sums are direct, as NumPy's are: every sample has its own bound, and a NaN does not spread.
"""

from typing import Any

from array_api_compat import array_namespace

import convcore
from convcore._typing import Array
from convcore.compat._arrays import arrays
from convcore.compat._signal import reversed_conj, run

__all__ = ["convolve", "correlate"]

_MODES: dict[Any, str] = {0: "valid", 1: "same", 2: "full"}


def convolve(a: Any, v: Any, mode: str | int = "full") -> Any:
    """Convolve two one-dimensional sequences, as `numpy.convolve`.

    Parameters
    ----------
    a, v : array, number or sequence
        One-dimensional and not empty; a number counts as a sequence of one.
    mode : {"full", "same", "valid"}
        "same" gives ``max(len(a), len(v))`` samples, unlike `convcore.convolve`.

    Returns
    -------
    array
        In the operands' library, in the dtype that it gives a product of them.

    Raises
    ------
    ValueError
        For an empty operand, one of more axes, or an unknown mode.

    Notes
    -----
    Sums are convcore's: integers are exact modulo their width, float16 is summed in float32. A
    masked array is refused, where NumPy drops the mask.

    Examples
    --------
    >>> from convcore.compat import numpy as cnp
    >>> cnp.convolve([1, 2, 3], [0, 1, 0.5])
    array([0. , 1. , 2.5, 4. , 1.5])
    >>> cnp.convolve([1, 2, 3], [0, 1, 0.5], "same")
    array([1. , 2.5, 4. ])
    """
    longer, shorter = (_vector(name, x) for name, x in zip("av", arrays(a, v), strict=True))
    if shorter.shape[0] > longer.shape[0]:
        longer, shorter = shorter, longer
    return run(convcore.convolve, longer, shorter, _MODES.get(mode, mode), method="direct")


def correlate(a: Any, v: Any, mode: str | int = "valid") -> Any:
    """Cross-correlate two one-dimensional sequences, as `numpy.correlate`: v is conjugated.

    Parameters
    ----------
    a, v : array or sequence
        One-dimensional and not empty.
    mode : {"valid", "same", "full"}
        "same" gives ``max(len(a), len(v))`` samples, unlike `convcore.correlate`.

    Returns
    -------
    array
        As `convolve`.

    Raises
    ------
    ValueError
        As `convolve`, and for a number.

    Notes
    -----
    Where v is longer and holds complex objects, NumPy does not conjugate them; this does.

    Examples
    --------
    >>> from convcore.compat import numpy as cnp
    >>> cnp.correlate([1, 2, 3], [0, 1, 0.5])
    array([3.5])
    >>> cnp.correlate([1, 2, 3], [0, 1, 0.5], "same")
    array([2. , 3.5, 3. ])
    """
    a, v = arrays(a, v)
    if not a.shape or not v.shape:
        raise ValueError("a and v are numbers; allowed are sequences")
    a, v, mode = _vector("a", a), _vector("v", v), _MODES.get(mode, mode)
    if v.shape[0] > a.shape[0]:
        return reversed_conj(run(convcore.correlate, v, a, mode, method="direct"))
    return run(convcore.correlate, a, v, mode, method="direct")


def _vector(name: str, x: Array) -> Any:
    if len(x.shape) > 1 or 0 in x.shape:
        raise ValueError(f"{name} is of shape {x.shape}; allowed is one axis, which is not empty")
    return x if x.shape else array_namespace(x).reshape(x, (1,))
