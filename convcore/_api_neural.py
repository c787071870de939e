"""The neural operations: signatures and documentation; every body is one call."""

from typing import Any

from convcore._dispatch import call
from convcore._operations import OPERATIONS

__all__ = ["conv", "conv_input_grad", "conv_transpose", "conv_weight_grad"]

_CONV = OPERATIONS["conv"]
_CONV_TRANSPOSE = OPERATIONS["conv_transpose"]
_CONV_INPUT_GRAD = OPERATIONS["conv_input_grad"]
_CONV_WEIGHT_GRAD = OPERATIONS["conv_weight_grad"]


def conv(
    x: Any,
    w: Any,
    bias: Any = None,
    *,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
    layout: str = "channels_first",
    boundary: Any = "constant",
    fill_value: Any = 0,
    method: str | None = None,
    dtype: Any = None,
    precision: str | None = None,
    backend: str | None = None,
) -> Any:
    """Convolve as neural networks do: cross-correlation over space, summed over channels.

    Parameters
    ----------
    x : array, number or nested sequence
        ``(N, C_in, *S)``, or unbatched ``(C_in, *S)``, with any number of spatial axes.
    w : array
        ``(C_out, C_in / groups, *K)``. It is not conjugated.
    bias : array, optional
        (C_out,); added to every output.
    stride, dilation : int or tuple of int
        Step of the output and spacing of the taps, in samples; for all spatial axes or each.
    padding : int, tuple or str
        An int; one entry per spatial axis, each an int or a (lo, hi) pair; negative crops. Or
        "valid"; "full"; "same" (ceil(S / stride) outputs, an odd sample at the end) or
        "same_lower" (at the start).
    groups : int
        Number of independent blocks of channels.
    layout : str
        "channels_first"; "channels_last" (x ``N*SC``, w ``*KIO``); or letters, such as
        "NHWC,HWIO->NHWC".
    boundary : str or tuple of str
        How x goes on beyond its ends, as in `convolve`.
    fill_value : number
        What boundary "constant" continues with.
    method : {"auto", "direct", "fft", "overlap_add", "native"}, optional
    dtype : dtype or str, optional
    precision : {"ieee", "fast"}, optional
    backend : str, optional

    Returns
    -------
    array
        ``(N, C_out, *out)``, out = floor((S + lo + hi - dilation (K - 1) - 1) / stride) + 1, in x's
        layout.

    Raises
    ------
    ConvcoreError
        As `convolve`; ShapeError also for a kernel larger than the padded data.

    Notes
    -----
    ``conv(padding="same_lower")`` has the window of `correlate`'s mode "same"; ``"same"`` is
    that of XLA, TensorFlow and ONNX (SAME_UPPER), which differs for kernels of even length.

    Examples
    --------
    >>> convcore.conv([[1.0, 2.0, 3.0, 4.0]], [[[1.0, 1.0]]], stride=2)
    array([[3., 7.]])
    """
    shared = (method, dtype, precision, backend)
    own = (stride, padding, dilation, groups, layout, boundary, fill_value)
    return call(_CONV, x, w, bias, shared, own)


def conv_transpose(
    x: Any,
    w: Any,
    bias: Any = None,
    *,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    output_size: Any = None,
    dilation: Any = 1,
    groups: int = 1,
    layout: str = "channels_first",
    method: str | None = None,
    dtype: Any = None,
    precision: str | None = None,
    backend: str | None = None,
) -> Any:
    """Transpose of `conv` with the same parameters: scatter instead of gather.

    Each sample of x adds a copy of the kernel, ``full[p * stride + k * dilation] += x[p] w[k]``;
    padding then crops the result.

    Parameters
    ----------
    x : array, number or nested sequence
        ``(N, C_in, *S)``, or unbatched ``(C_in, *S)``: an output of the convolution it transposes.
    w : array
        ``(C_in, C_out / groups, *K)``: the kernel of that convolution, in its layout.
    bias : array, optional
        (C_out,); added to every output, also where no tap reaches.
    stride, dilation, groups : int or tuple of int
        As in `conv`.
    padding : int, tuple or str
        As in `conv`; numbers crop the full result.
    output_padding : int or tuple of int
        More samples at the end, 0 ... stride - 1: the sizes whose `conv` has S outputs.
    output_size : tuple of int, optional
        Spatial size of the result instead; by default S * stride for "same" and "same_lower".
    layout : str
        As in `conv`; I is the axis of size C_out / groups and O that of x's channels.
    method : {"auto", "direct", "fft", "overlap_add", "native"}, optional
    dtype : dtype or str, optional
    precision : {"ieee", "fast"}, optional
    backend : str, optional

    Returns
    -------
    array
        ``(N, C_out, *size)``, size = (S - 1) stride + dilation (K - 1) + 1 - lo - hi +
        output_padding.

    Raises
    ------
    ConvcoreError
        As `convolve`; ShapeError also for an output_size whose `conv` has not S outputs.

    Notes
    -----
    The transpose, not the adjoint: a complex kernel is not conjugated. The adjoint is
    `conv_input_grad`.

    Examples
    --------
    >>> convcore.conv_transpose([[1.0, 2.0]], [[[1.0, 10.0, 100.0]]], stride=2)
    array([[  1.,  10., 102.,  20., 200.]])
    """
    shared = (method, dtype, precision, backend)
    own = (output_padding, output_size, stride, padding, dilation, groups, layout)
    return call(_CONV_TRANSPOSE, x, w, bias, shared, own)


def conv_input_grad(
    input_shape: tuple[int, ...],
    w: Any,
    grad: Any,
    *,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
    layout: str = "channels_first",
    boundary: Any = "constant",
    fill_value: Any = 0,
    method: str | None = None,
    dtype: Any = None,
    precision: str | None = None,
    backend: str | None = None,
) -> Any:
    """Adjoint of `conv` in its data: ``<conv(x, w), g> = <x, conv_input_grad(x.shape, w, g)>``.

    The inner product is ``sum a conj(b)``; what a boundary reads beyond the ends folds back.

    Parameters
    ----------
    input_shape : tuple of int
        Shape of the convolution's x.
    w : array
        Its kernel.
    grad : array
        Of its result's shape.
    stride, padding, dilation, groups, layout, boundary, fill_value
        Those of the convolution; the gradient does not depend on fill_value.
    method : {"auto", "direct", "fft", "overlap_add", "native"}, optional
    dtype : dtype or str, optional
    precision : {"ieee", "fast"}, optional
    backend : str, optional

    Returns
    -------
    array
        Of input_shape.

    Raises
    ------
    ConvcoreError
        As `conv`.

    Examples
    --------
    >>> convcore.conv_input_grad((1, 3), [[[1.0, 10.0]]], [[1.0, 2.0]])
    array([[ 1., 12., 20.]])
    """
    shared = (method, dtype, precision, backend)
    own = (input_shape, stride, padding, dilation, groups, layout, boundary, fill_value)
    return call(_CONV_INPUT_GRAD, grad, w, None, shared, own)


def conv_weight_grad(
    x: Any,
    weight_shape: tuple[int, ...],
    grad: Any,
    *,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
    layout: str = "channels_first",
    boundary: Any = "constant",
    fill_value: Any = 0,
    method: str | None = None,
    dtype: Any = None,
    precision: str | None = None,
    backend: str | None = None,
) -> Any:
    """Adjoint of `conv` in its kernel: ``<conv(x, w), g> = <w, conv_weight_grad(x, w.shape, g)>``.

    Parameters
    ----------
    x : array
        The convolution's data.
    weight_shape : tuple of int
        Shape of its kernel.
    grad : array
        Of its result's shape.
    stride, padding, dilation, groups, layout, boundary, fill_value
        Those of the convolution.
    method : {"auto", "direct", "fft", "overlap_add", "native"}, optional
    dtype : dtype or str, optional
    precision : {"ieee", "fast"}, optional
    backend : str, optional

    Returns
    -------
    array
        Of weight_shape.

    Raises
    ------
    ConvcoreError
        As `conv`.

    Examples
    --------
    >>> convcore.conv_weight_grad([[1.0, 10.0, 100.0]], (1, 1, 2), [[1.0, 2.0]])
    array([[[ 21., 210.]]])
    """
    shared = (method, dtype, precision, backend)
    own = (weight_shape, stride, padding, dilation, groups, layout, boundary, fill_value)
    return call(_CONV_WEIGHT_GRAD, x, grad, None, shared, own)
