"""`torch.nn.functional`'s convolutions and transposed convolutions, on any array library.

Operands are arrays of one dtype, as PyTorch wants them; numbers and sequences are refused. What
PyTorch refuses for want of a kernel is computed: integers of every width, no output channels.
Its global flags of reduced precision are not read: float32 is float32 unless `convcore.use` says
otherwise.
"""

# ruff: noqa: A002 - the names of the parameters are PyTorch's

from collections.abc import Iterator
from contextlib import contextmanager
from operator import index
from typing import Any, TypeAlias

import convcore
from convcore._weak import is_weak
from convcore.compat._arrays import each

__all__ = [
    "conv1d",
    "conv2d",
    "conv3d",
    "conv_transpose1d",
    "conv_transpose2d",
    "conv_transpose3d",
]

_Operands: TypeAlias = tuple[Any, Any, Any]
"""Input, weight, and bias or None."""


def conv1d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Any:
    """Convolve along one axis, as `torch.nn.functional.conv1d`.

    Parameters
    ----------
    input : array
        ``(N, C_in, L)`` or ``(C_in, L)``.
    weight : array
        ``(C_out, C_in / groups, K)``.
    bias : array, optional
        ``(C_out,)``.
    stride, dilation : int or tuple of int
    padding : int, tuple of int, "valid" or "same"
        "same" goes with stride 1 only; its odd sample is at the end.
    groups : int

    Returns
    -------
    array
        ``(N, C_out, L_out)`` or ``(C_out, L_out)``.

    Raises
    ------
    RuntimeError
        For shapes, dtypes and numbers that do not fit.
    TypeError
        For what is no array, or no int.

    Notes
    -----
    Without input channels PyTorch returns ``(N, 0, L_out)``, which is an error: this returns
    ``(N, C_out, L_out)``, the bias or zeros.

    Examples
    --------
    >>> from convcore.compat import torch_functional as F
    >>> F.conv1d(np.array([[1.0, 2, 3, 4]]), np.array([[[1.0, 10]]]), padding=1, stride=2)
    array([[10., 32.,  4.]])
    """
    return _conv(1, (input, weight, bias), stride, padding, dilation, groups)


def conv2d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Any:
    """Convolve along two axes, as `torch.nn.functional.conv2d`; otherwise as `conv1d`.

    Parameters
    ----------
    input, weight, bias : array
    stride, dilation : int or tuple of int
    padding : int, tuple of int, "valid" or "same"
    groups : int

    Returns
    -------
    array

    Raises
    ------
    RuntimeError, TypeError
        As `conv1d`.

    Examples
    --------
    >>> from convcore.compat import torch_functional as F
    >>> F.conv2d(np.ones((1, 3, 8, 8)), np.ones((4, 3, 3, 3)), stride=(1, 2)).shape
    (1, 4, 6, 3)
    """
    return _conv(2, (input, weight, bias), stride, padding, dilation, groups)


def conv3d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Any:
    """Convolve along three axes, as `torch.nn.functional.conv3d`; otherwise as `conv1d`.

    Parameters
    ----------
    input, weight, bias : array
    stride, dilation : int or tuple of int
    padding : int, tuple of int, "valid" or "same"
    groups : int

    Returns
    -------
    array

    Raises
    ------
    RuntimeError, TypeError
        As `conv1d`.

    Examples
    --------
    >>> from convcore.compat import torch_functional as F
    >>> F.conv3d(np.ones((1, 3, 8, 8, 8)), np.ones((4, 3, 1, 2, 3)), padding="same").shape
    (1, 4, 8, 8, 8)
    """
    return _conv(3, (input, weight, bias), stride, padding, dilation, groups)


def conv_transpose1d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> Any:
    """Transpose of `conv1d`, as `torch.nn.functional.conv_transpose1d`.

    Parameters
    ----------
    input : array
        ``(N, C_in, L)`` or ``(C_in, L)``.
    weight : array
        ``(C_in, C_out / groups, K)``.
    bias : array, optional
        ``(C_out,)``.
    stride, padding, dilation : int or tuple of int
    output_padding : int or tuple of int
        More samples at the end: fewer than stride or dilation, whichever is more.
    groups : int

    Returns
    -------
    array
        ``(N, C_out, (L - 1) stride - 2 padding + dilation (K - 1) + output_padding + 1)``.

    Raises
    ------
    RuntimeError, TypeError
        As `conv1d`.

    Examples
    --------
    >>> from convcore.compat import torch_functional as F
    >>> F.conv_transpose1d(np.array([[1, 10]]), np.array([[[1, 2, 3]]]), stride=2, padding=1)
    array([[ 2, 13, 20]])
    """
    operands = input, weight, bias
    return _transpose(1, operands, stride, padding, output_padding, groups, dilation)


def conv_transpose2d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> Any:
    """Transpose of `conv2d`, as `torch.nn.functional.conv_transpose2d`.

    Parameters
    ----------
    input, weight, bias : array
    stride, padding, output_padding, dilation : int or tuple of int
    groups : int

    Returns
    -------
    array

    Raises
    ------
    RuntimeError, TypeError
        As `conv1d`.

    Examples
    --------
    >>> from convcore.compat import torch_functional as F
    >>> F.conv_transpose2d(np.ones((1, 3, 8, 8)), np.ones((3, 4, 3, 3)), stride=2).shape
    (1, 4, 17, 17)
    """
    operands = input, weight, bias
    return _transpose(2, operands, stride, padding, output_padding, groups, dilation)


def conv_transpose3d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> Any:
    """Transpose of `conv3d`, as `torch.nn.functional.conv_transpose3d`.

    Parameters
    ----------
    input, weight, bias : array
    stride, padding, output_padding, dilation : int or tuple of int
    groups : int

    Returns
    -------
    array

    Raises
    ------
    RuntimeError, TypeError
        As `conv1d`.

    Examples
    --------
    >>> from convcore.compat import torch_functional as F
    >>> F.conv_transpose3d(np.ones((3, 4, 4, 4)), np.ones((3, 2, 2, 2, 2)), stride=2).shape
    (2, 8, 8, 8)
    """
    operands = input, weight, bias
    return _transpose(3, operands, stride, padding, output_padding, groups, dilation)


def _conv(
    rank: int, operands: _Operands, stride: Any, padding: Any, dilation: Any, groups: Any
) -> Any:
    _check(rank, *operands)
    stride, dilation = _each("stride", stride, rank), _each("dilation", dilation, rank)
    if not isinstance(padding, str):
        padding = _each("padding", padding, rank, least=0)
    elif padding not in ("same", "valid") or (padding == "same" and set(stride) != {1}):
        raise RuntimeError(
            f"padding={padding!r} with stride={stride}; allowed are 'valid', or 'same' at stride 1"
        )
    options = {"stride": stride, "padding": padding, "dilation": dilation, "groups": index(groups)}
    with _torch_errors():
        return convcore.conv(*operands, **options)


def _transpose(
    rank: int,
    operands: _Operands,
    stride: Any,
    padding: Any,
    output_padding: Any,
    groups: Any,
    dilation: Any,
) -> Any:
    _check(rank, *operands)
    stride, dilation = _each("stride", stride, rank), _each("dilation", dilation, rank)
    padding = _each("padding", padding, rank, least=0)
    more = _each("output_padding", output_padding, rank, least=0)
    if any(n >= max(s, d) for n, s, d in zip(more, stride, dilation, strict=True)):
        raise RuntimeError(
            f"output_padding={more} with stride={stride} and dilation={dilation}; allowed is less "
            "than the larger of them"
        )
    # Cropping so much less at the end is the same, and has no upper bound.
    cropped = tuple((p, p - n) for p, n in zip(padding, more, strict=True))
    options = {"stride": stride, "padding": cropped, "dilation": dilation, "groups": index(groups)}
    with _torch_errors():
        return convcore.conv_transpose(*operands, **options)


def _check(rank: int, *operands: Any) -> None:
    arrays = [x for x in operands if x is not None]
    if len(arrays) < 2 or any(map(is_weak, arrays)):
        raise TypeError("input, weight and bias; allowed are arrays, and None for the bias")
    if len({x.dtype for x in arrays}) > 1:
        raise RuntimeError(f"dtypes {[x.dtype for x in arrays]}; allowed is one for all operands")
    if len(arrays[1].shape) != rank + 2:
        raise RuntimeError(f"weight has shape {arrays[1].shape}; allowed are {rank + 2} axes")


def _each(name: str, value: Any, rank: int, least: int = 1) -> tuple[int, ...]:
    """One int for each axis, of one for all of them or of as many as there are axes."""
    given = tuple(map(index, each(value)))
    if len(given) not in (1, rank) or min(given) < least:
        raise RuntimeError(
            f"{name}={value!r}; allowed are ints from {least}: one, or one for each of {rank} axes"
        )
    return given * (rank // len(given))


@contextmanager
def _torch_errors() -> Iterator[None]:
    """Raise what PyTorch raises for shapes and numbers that do not fit."""
    try:
        yield
    except (convcore.ShapeError, convcore.OptionError) as error:
        raise RuntimeError(str(error)) from error
