"""The neural pair and conv's gradients.

With the channels split into groups, x is (N, G, C, *S), w is (G, O, C, *K) and y is (N, G, O, *P);
the letters n, g, c, o of the equations below are these axes.
"""

from __future__ import annotations

from collections.abc import Sequence

from ._axis import Axis, Sampling, conv_axis, input_grad_axis, transpose_axis, weight_grad_axis
from ._contract import Element, Result, contract
from ._layout import Layout
from ._numbers import Scalar, conjugate, modulus_up
from ._padding import Padding, PerAxis, resolve, samplings, transposed
from ._tensor import Tensor


def conv(
    x: Tensor[Scalar],
    w: Tensor[Scalar],
    bias: Tensor[Scalar] | None = None,
    *,
    stride: PerAxis = 1,
    padding: Padding = 0,
    dilation: PerAxis = 1,
    groups: int = 1,
    layout: str = "channels_first",
    boundary: str | Sequence[str] = "constant",
    fill_value: Scalar = 0,
) -> Result:
    """Cross-correlate: y[n,g,o,p] = sum_c sum_k padded[n,g,c,p*stride+k*dilation] w[g,o,c,k].

    Parameters
    ----------
    x, w, bias : Tensor
        Data, kernel, and one number for each output channel.
    stride, padding, dilation, groups, layout, boundary, fill_value
        As in ``convcore.conv``.

    Returns
    -------
    Result
        Every element exactly.
    """
    own = Layout.of(layout, len(x.shape), len(w.shape))
    data, kernel = own.x_in(x), own.w_in(w)
    sampled = samplings(kernel.shape[2:], stride, dilation)
    axes = _conv_axes(data.shape[2:], sampled, padding, boundary)
    result = contract(
        "ngc,goc->ngo", axes, _split(data, 1, groups), _split(kernel, 0, groups), fill_value
    )
    return _finish(result, own, bias)


def conv_transpose(
    x: Tensor[Scalar],
    w: Tensor[Scalar],
    bias: Tensor[Scalar] | None = None,
    *,
    stride: PerAxis = 1,
    padding: Padding = 0,
    output_padding: PerAxis = 0,
    output_size: PerAxis | None = None,
    dilation: PerAxis = 1,
    groups: int = 1,
    layout: str = "channels_first",
) -> Result:
    """Scatter: full[n,g,c,p*stride+k*dilation] += x[n,g,o,p] w[g,o,c,k]; then crop.

    Parameters
    ----------
    x, w, bias : Tensor
        Data with the output channels O of the convolution that this transposes, that convolution's
        kernel, and one number for each of its input channels.
    stride, padding, output_padding, output_size, dilation, groups, layout
        As in ``convcore.conv_transpose``.

    Returns
    -------
    Result
        Every element exactly.
    """
    own = Layout.of(layout, len(x.shape), len(w.shape))
    data, kernel = own.x_in(x), own.w_in(w)
    sampled = samplings(kernel.shape[2:], stride, dilation)
    windows = transposed(padding, data.shape[2:], sampled, output_padding, output_size)
    axes = [
        transpose_axis(size, axis, lo, out_size)
        for size, axis, (lo, out_size) in zip(data.shape[2:], sampled, windows, strict=True)
    ]
    result = contract("ngo,goc->ngc", axes, _split(data, 1, groups), _split(kernel, 0, groups))
    return _finish(result, own, bias)


def conv_input_grad(
    input_shape: Sequence[int],
    w: Tensor[Scalar],
    grad: Tensor[Scalar],
    *,
    stride: PerAxis = 1,
    padding: Padding = 0,
    dilation: PerAxis = 1,
    groups: int = 1,
    layout: str = "channels_first",
    boundary: str | Sequence[str] = "constant",
    fill_value: Scalar = 0,
) -> Result:
    """Give the adjoint in x: dx[n,g,c,i] = sum of conj(w[g,o,c,k]) grad[n,g,o,p] wherever p met i.

    Parameters
    ----------
    input_shape : sequence of int
        The shape of x.
    w, grad : Tensor
        The kernel, and a tensor like the output.
    stride, padding, dilation, groups, layout, boundary, fill_value
        As in ``convcore.conv``; the fill value meets no x and so has no part in this.

    Returns
    -------
    Result
        Every element exactly.
    """
    del fill_value
    own = Layout.of(layout, len(input_shape), len(w.shape))
    sizes = [input_shape[own.x.index(s)] for s in own.spatial]
    kernel = own.w_in(w.map(conjugate))
    sampled = samplings(kernel.shape[2:], stride, dilation)
    forward = _conv_axes(sizes, sampled, padding, boundary)
    axes = [
        input_grad_axis(axis, size, one)
        for axis, size, one in zip(forward, sizes, sampled, strict=True)
    ]
    result = contract(
        "ngo,goc->ngc", axes, _split(own.y_in(grad), 1, groups), _split(kernel, 0, groups)
    )
    return _like(result, own.x_out(_joined(result.elements, 1)))


def conv_weight_grad(
    x: Tensor[Scalar],
    weight_shape: Sequence[int],
    grad: Tensor[Scalar],
    *,
    stride: PerAxis = 1,
    padding: Padding = 0,
    dilation: PerAxis = 1,
    groups: int = 1,
    layout: str = "channels_first",
    boundary: str | Sequence[str] = "constant",
    fill_value: Scalar = 0,
) -> Result:
    """Give the adjoint in w: dw[g,o,c,k] = sum of conj(padded x[n,g,c,i]) grad[n,g,o,p].

    Parameters
    ----------
    x : Tensor
        The data.
    weight_shape : sequence of int
        The shape of w.
    grad : Tensor
        A tensor like the output.
    stride, padding, dilation, groups, layout, boundary, fill_value
        As in ``convcore.conv``.

    Returns
    -------
    Result
        Every element exactly.
    """
    own = Layout.of(layout, len(x.shape), len(weight_shape))
    data = own.x_in(x.map(conjugate))
    kernels = [weight_shape[own.w.index(s)] for s in own.spatial]
    sampled = samplings(kernels, stride, dilation)
    forward = _conv_axes(data.shape[2:], sampled, padding, boundary)
    axes = [weight_grad_axis(axis, one.stride) for axis, one in zip(forward, sampled, strict=True)]
    upstream = _split(own.y_in(grad), 1, groups)
    fill = conjugate(fill_value)
    result = contract("ngc,ngo->goc", axes, _split(data, 1, groups), upstream, fill)
    return _like(result, own.w_out(_joined(result.elements, 0)))


def _conv_axes(
    sizes: Sequence[int],
    sampled: Sequence[Sampling],
    padding: Padding,
    boundary: str | Sequence[str],
) -> list[Axis]:
    pads = resolve(padding, sizes, sampled)
    names = [boundary] * len(sampled) if isinstance(boundary, str) else boundary
    return [
        conv_axis(size, axis, pad, name)
        for size, axis, pad, name in zip(sizes, sampled, pads, names, strict=True)
    ]


def _split(tensor: Tensor[Scalar], axis: int, groups: int) -> Tensor[Scalar]:
    """Split the channels of an axis into (groups, channels per group): contiguous blocks."""
    shape = tensor.shape
    split = (groups, shape[axis] // groups)
    return tensor.reshaped((*shape[:axis], *split, *shape[axis + 1 :]))


def _joined(tensor: Tensor[Element], axis: int) -> Tensor[Element]:
    shape = tensor.shape
    return tensor.reshaped((*shape[:axis], shape[axis] * shape[axis + 1], *shape[axis + 2 :]))


def _finish(result: Result, layout: Layout, bias: Tensor[Scalar] | None) -> Result:
    elements = _joined(result.elements, 1)
    if bias is not None:
        elements = _biased(elements, bias)
    return _like(result, layout.y_out(elements))


def _biased(elements: Tensor[Element], bias: Tensor[Scalar]) -> Tensor[Element]:
    """Add to each channel (axis 1) its bias: one more term."""
    channels = elements.shape[1]
    inner = len(elements.values) // max(elements.shape[0] * channels, 1)
    values = tuple(
        element._replace(
            value=element.value + (b := bias.values[flat // inner % channels]),
            terms=element.terms + 1,
            magnitude=element.magnitude + modulus_up(b),
        )
        for flat, element in enumerate(elements.values)
    )
    return Tensor(elements.shape, values)


def _like(result: Result, elements: Tensor[Element]) -> Result:
    return Result(elements, result.length, result.channels)
