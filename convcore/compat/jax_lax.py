"""`jax.lax`'s convolutions, on any array library.

Operands are arrays of one dtype, as lax wants them; one of NumPy's is taken beside any other. What
is out of range is refused at the call, where lax leaves some of it to XLA. ``precision=None`` means
what `convcore.use` says, by default full precision on every device.
"""

from collections.abc import Sequence
from operator import index
from typing import Any, TypeAlias

import numpy as np
from array_api_compat import array_namespace, device

from convcore._dtypes import DTYPES, dtype_name, dtype_option
from convcore._typing import Array
from convcore.compat._xla import Axes, Numbers, run

__all__ = ["conv", "conv_general_dilated", "conv_transpose", "conv_with_general_padding"]

_Padding: TypeAlias = str | Sequence[tuple[int, int]]

_CHANNELS_LAST = (
    ("NC", "IO", "NC"),
    ("NHC", "HIO", "NHC"),
    ("NHWC", "HWIO", "NHWC"),
    ("NHWDC", "HWDIO", "NHWDC"),
)
_PRECISIONS = {
    **dict.fromkeys(("highest", "float32"), "ieee"),
    **dict.fromkeys(("high", "bfloat16_3x", "tensorfloat32"), "fast"),
    **dict.fromkeys(("default", "bfloat16", "fastest"), "fast"),
}


def conv_general_dilated(
    lhs: Any,
    rhs: Any,
    window_strides: Sequence[int],
    padding: _Padding,
    lhs_dilation: Sequence[int] | None = None,
    rhs_dilation: Sequence[int] | None = None,
    dimension_numbers: Any = None,
    feature_group_count: int = 1,
    batch_group_count: int = 1,
    precision: Any = None,
    preferred_element_type: Any = None,
    out_sharding: None = None,
) -> Any:
    """Convolve as XLA does, as `jax.lax.conv_general_dilated`.

    Parameters
    ----------
    lhs, rhs : array
        Of equal rank and dtype.
    window_strides : sequence of int
    padding : {"SAME", "SAME_LOWER", "VALID"} or sequence of (low, high)
        Negative amounts crop.
    lhs_dilation, rhs_dilation : sequence of int, optional
    dimension_numbers : tuple of three str, or `jax.lax.ConvDimensionNumbers`, optional
        Such as ``("NHWC", "HWIO", "NHWC")``; numbers for each axis follow the second.
    feature_group_count, batch_group_count : int
        At most one of them above 1.
    precision : optional
        A `jax.lax.Precision` or its name: "highest" is what convcore does by default, lower ones
        allow less.
    preferred_element_type : dtype, optional
        Of the sums and the result.
    out_sharding : None
        No other is allowed: constrain the result instead.

    Returns
    -------
    array
        Without samples, where the kernel is larger than the padded data.

    Raises
    ------
    ValueError, TypeError, RuntimeError
        As lax.

    Examples
    --------
    >>> from convcore.compat import jax_lax as lax
    >>> x, w = np.array([[[1, 2, 4, 8]]]), np.array([[[1, 10]]])
    >>> lax.conv_general_dilated(x, w, (1,), [(1, 0)], lhs_dilation=(2,))
    array([[[10,  1, 20,  2, 40,  4, 80]]])
    """
    if out_sharding is not None:
        raise NotImplementedError("out_sharding; allowed is None: constrain the result instead")
    if len(lhs.shape) != len(rhs.shape):
        raise TypeError(f"shapes {lhs.shape} and {rhs.shape}; allowed are operands of equal rank")
    lhs, rhs = _beside(lhs, rhs), _beside(rhs, lhs)
    numbers = Numbers.parse(dimension_numbers, len(lhs.shape))
    axes = _axes(lhs, rhs, numbers, window_strides, padding, lhs_dilation, rhs_dilation)
    _check_channels(lhs, rhs, numbers, feature_group_count, batch_group_count)
    options = {
        "groups": feature_group_count * batch_group_count,
        "precision": _precision(precision),
        "dtype": _dtype(lhs, rhs, preferred_element_type),
    }
    return run(lhs, rhs, numbers, axes, batch_group_count, **options)


def conv(
    lhs: Any,
    rhs: Any,
    window_strides: Sequence[int],
    padding: str,
    precision: Any = None,
    preferred_element_type: Any = None,
) -> Any:
    """Convolve channels-first arrays, as `jax.lax.conv`.

    Parameters
    ----------
    lhs, rhs : array
    window_strides : sequence of int
    padding : {"SAME", "SAME_LOWER", "VALID"}
    precision : optional
    preferred_element_type : dtype, optional

    Returns
    -------
    array

    Raises
    ------
    ValueError, TypeError, RuntimeError
        As lax.

    Examples
    --------
    >>> from convcore.compat import jax_lax as lax
    >>> lax.conv(np.array([[[1, 2, 4, 8]]]), np.array([[[1, 10]]]), (1,), "SAME")
    array([[[21, 42, 84,  8]]])
    """
    return conv_with_general_padding(
        lhs, rhs, window_strides, padding, None, None, precision, preferred_element_type
    )


def conv_with_general_padding(
    lhs: Any,
    rhs: Any,
    window_strides: Sequence[int],
    padding: _Padding,
    lhs_dilation: Sequence[int] | None,
    rhs_dilation: Sequence[int] | None,
    precision: Any = None,
    preferred_element_type: Any = None,
) -> Any:
    """Convolve channels-first arrays, as `jax.lax.conv_with_general_padding`.

    Parameters
    ----------
    lhs, rhs : array
    window_strides : sequence of int
    padding : {"SAME", "SAME_LOWER", "VALID"} or sequence of (low, high)
    lhs_dilation, rhs_dilation : sequence of int or None
    precision : optional
    preferred_element_type : dtype, optional

    Returns
    -------
    array

    Raises
    ------
    ValueError, TypeError, RuntimeError
        As lax.

    Examples
    --------
    >>> from convcore.compat import jax_lax as lax
    >>> x, w = np.array([[[1, 2, 4, 8]]]), np.array([[[1, 10]]])
    >>> lax.conv_with_general_padding(x, w, (1,), [(0, 0)], None, (2,))
    array([[[41, 82]]])
    """
    return conv_general_dilated(
        lhs,
        rhs,
        window_strides,
        padding,
        lhs_dilation,
        rhs_dilation,
        precision=precision,
        preferred_element_type=preferred_element_type,
    )


def conv_transpose(
    lhs: Any,
    rhs: Any,
    strides: Sequence[int],
    padding: _Padding,
    rhs_dilation: Sequence[int] | None = None,
    dimension_numbers: Any = None,
    transpose_kernel: bool = False,
    precision: Any = None,
    preferred_element_type: Any = None,
    use_consistent_padding: bool = False,
) -> Any:
    """Convolve with fractional strides, as `jax.lax.conv_transpose`.

    Parameters
    ----------
    lhs, rhs : array
        Channels last, unless dimension_numbers says otherwise.
    strides : sequence of int
    padding : {"SAME", "VALID"} or sequence of (low, high)
        Amounts that are added to lhs once it has been spread; with use_consistent_padding, those
        of the convolution that is transposed.
    rhs_dilation : sequence of int, optional
    dimension_numbers : optional
    transpose_kernel : bool
        Reverse the kernel in space and exchange its channels, as in the transpose of a
        convolution; by default this is none.
    precision : optional
    preferred_element_type : dtype, optional
    use_consistent_padding : bool

    Returns
    -------
    array

    Raises
    ------
    ValueError, TypeError, RuntimeError
        As lax; TypeError, not AssertionError, for operands of two ranks.

    Examples
    --------
    >>> from convcore.compat import jax_lax as lax
    >>> x, w = np.array([[[1], [10]]]), np.array([[[1]], [[2]], [[3]]])
    >>> lax.conv_transpose(x, w, (2,), "VALID")[0, :, 0]
    array([ 3,  2, 31, 20, 10])
    >>> lax.conv_transpose(x, w, (2,), "VALID", transpose_kernel=True)[0, :, 0]
    array([ 1,  2, 13, 20, 30])
    """
    rank = len(lhs.shape)
    if rank != len(rhs.shape):
        raise TypeError(f"shapes {lhs.shape} and {rhs.shape}; allowed are operands of equal rank")
    if dimension_numbers is None:
        if not 2 <= rank <= 5:
            raise ValueError(f"operands of {rank} axes need dimension_numbers; 2 ... 5 have them")
        dimension_numbers = _CHANNELS_LAST[rank - 2]
    numbers = Numbers.parse(dimension_numbers, rank)
    space = numbers.rhs_spec[2:]
    if use_consistent_padding or padding in ("SAME", "VALID"):
        each = [padding] * len(strides) if isinstance(padding, str) else padding
        dilation = (1,) * len(space) if rhs_dilation is None else rhs_dilation
        reaches = [d * (rhs.shape[axis] - 1) for d, axis in zip(dilation, space, strict=True)]
        padding = [_spread_padding(*axis) for axis in zip(reaches, strides, each, strict=True)]
    if transpose_kernel:
        xp = array_namespace(rhs)
        swapped = list(range(rank))
        out, into = numbers.rhs_spec[:2]
        swapped[out], swapped[into] = into, out
        rhs = xp.permute_dims(xp.flip(rhs, axis=space), tuple(swapped))
    return conv_general_dilated(
        lhs,
        rhs,
        (1,) * (rank - 2),
        padding,
        strides,
        rhs_dilation,
        numbers,
        precision=precision,
        preferred_element_type=preferred_element_type,
    )


def _beside(x: Any, other: Any) -> Any:
    """NumPy's arrays are taken beside those of any library, as lax does."""
    if not isinstance(x, np.ndarray) or isinstance(other, np.ndarray):
        return x
    return array_namespace(other).asarray(x, device=device(other))


def _spread_padding(reach: int, stride: int, padding: Any) -> tuple[int, int]:
    """Padding of spread data, of a convolution's own."""
    if padding == "SAME":
        total = reach + stride - 1
        low = reach if stride > reach else -(-total // 2)
        return low, total - low
    if padding == "VALID":
        return reach, reach + max(stride - 1 - reach, 0)
    if not isinstance(padding, tuple):
        raise ValueError(f"padding={padding!r}; allowed are 'SAME', 'VALID' and (low, high) pairs")
    low, high = padding
    return reach - low, reach - high


def _axes(
    lhs: Array,
    rhs: Array,
    numbers: Numbers,
    window_strides: Any,
    padding: Any,
    lhs_dilation: Any,
    rhs_dilation: Any,
) -> Axes:
    sizes = tuple(lhs.shape[axis] for axis in numbers.lhs_spec[2:])
    taps = tuple(rhs.shape[axis] for axis in numbers.rhs_spec[2:])
    rank = len(sizes)
    if isinstance(padding, str) and any(step != 1 for step in lhs_dilation or ()):
        raise ValueError(f"padding={padding!r} with lhs_dilation; allowed are numbers")
    expansion = _each("lhs_dilation", lhs_dilation, rank, TypeError)
    dilation = _each("rhs_dilation", rhs_dilation, rank, TypeError)
    strides = _each("window_strides", tuple(window_strides), rank, ValueError)
    if 0 in taps:
        raise ValueError(f"rhs has shape {rhs.shape}; allowed are kernels with taps")
    if isinstance(padding, str):
        padding = _named(padding.upper(), sizes, taps, strides, dilation)
    return Axes(sizes, taps, strides, _pairs(padding, rank), expansion, dilation)


def _each(name: str, values: Any, rank: int, low: type[Exception]) -> tuple[int, ...]:
    found = (1,) * rank if values is None else tuple(map(index, values))
    if len(found) != rank:
        raise ValueError(f"{name}={values!r}; allowed is one int for each of {rank} axes")
    if any(value < 1 for value in found):
        raise low(f"{name}={values!r}; allowed are ints from 1")
    return found


def _pairs(padding: Any, rank: int) -> tuple[tuple[int, int], ...]:
    try:
        pads = tuple((index(low), index(high)) for low, high in padding)
    except (TypeError, ValueError):
        raise ValueError(f"padding={padding!r}; allowed are a name and (low, high) pairs") from None
    if len(pads) != rank:
        raise TypeError(f"padding={padding!r}; allowed is one pair for each of {rank} axes")
    return pads


def _named(padding: str, *axes: tuple[int, ...]) -> list[tuple[int, int]]:
    """What a name means for axes of such sizes, taps, strides and dilations."""
    if padding not in ("SAME", "SAME_LOWER", "VALID"):
        raise RuntimeError(f"padding={padding!r}; allowed are 'SAME', 'SAME_LOWER' and 'VALID'")
    pairs = []
    for size, taps, stride, dilation in zip(*axes, strict=True):
        total = max((-(-size // stride) - 1) * stride + dilation * (taps - 1) + 1 - size, 0)
        ends = total // 2, total - total // 2
        pairs.append((0, 0) if padding == "VALID" else ends if padding == "SAME" else ends[::-1])
    return pairs


def _check_channels(lhs: Array, rhs: Array, numbers: Numbers, features: int, batches: int) -> None:
    batch, channels = (lhs.shape[axis] for axis in numbers.lhs_spec[:2])
    outs, ins = (rhs.shape[axis] for axis in numbers.rhs_spec[:2])
    groups = f"feature_group_count={features!r} and batch_group_count={batches!r}"
    if not (features > 0 and batches > 0) or (features > 1 and batches > 1):
        raise ValueError(f"{groups}; allowed are ints from 1, and one of them above 1")
    if channels % features or channels != ins * features or batch % batches:
        raise ValueError(f"{groups}: shapes {lhs.shape} and {rhs.shape} do not fit")
    if outs % features or outs % batches:
        raise ValueError(f"{groups}: allowed are divisors of rhs's {outs} output channels")


def _dtype(lhs: Array, rhs: Array, preferred: Any) -> str | None:
    if lhs.dtype != rhs.dtype:
        raise TypeError(f"dtypes {lhs.dtype} and {rhs.dtype}; allowed is one for both operands")
    if preferred is None:
        return None
    name = dtype_option(preferred, "preferred_element_type")
    own, wanted = DTYPES[dtype_name(lhs.dtype, "lhs")], DTYPES[name]
    to_float = (own.kind, wanted.kind) == ("integer", "real floating")
    alike = own.kind == wanted.kind and (wanted.signed or not own.signed)
    if not (to_float or alike) or wanted.bits < own.bits:
        raise TypeError(
            f"preferred_element_type={name} with dtype {lhs.dtype}; allowed is none narrower, of "
            "the same kind and signedness, or a float for integers"
        )
    return name


def _precision(precision: Any) -> str | None:
    if precision is None:
        return None
    each = precision if isinstance(precision, tuple) else (precision,)
    names = [str(getattr(one, "name", one)).lower() for one in each]
    if not 1 <= len(names) <= 2 or not all(name in _PRECISIONS for name in names):
        raise ValueError(f"precision={precision!r}; allowed are {', '.join(_PRECISIONS)}")
    return "fast" if "fast" in [_PRECISIONS[name] for name in names] else "ieee"
