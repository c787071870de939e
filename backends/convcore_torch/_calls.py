"""One convolution as PyTorch takes it: (n, g c, *s) with (g o, c, *k), every number said."""

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch.nn.functional import pad

from convcore_torch._ieee import SINGLE, convolve_ieee, is_plain, may_reduce

__all__ = ["Call", "biased", "convolver"]

_FORWARD = (torch.conv1d, torch.conv2d, torch.conv3d)
_TRANSPOSED = (torch.conv_transpose1d, torch.conv_transpose2d, torch.conv_transpose3d)
_COMPLEX = ("complex64", "complex128")

Convolve = Callable[[Any, Any, Any], Any]


class Call(NamedTuple):
    """The numbers of one convolution, one of each for every axis.

    Attributes
    ----------
    images : int or None
        How many to convolve at once; all for None.
    halved : int or None
        The outputs along the first axis of a single image that is convolved as two, its halves.
    """

    stride: tuple[Any, ...]
    padding: tuple[Any, ...]
    dilation: tuple[Any, ...]
    groups: Any
    transposed: bool
    dtype: str
    precision: str
    images: int | None = None
    halved: int | None = None


def convolver(call: Call, device: str) -> Convolve:
    """The function ``(x, w, bias or None) -> y`` of a call, on a kind of device."""
    convolve = _real(call, device)
    if call.dtype in _COMPLEX:
        return _complex(convolve, call)
    return convolve


def _real(call: Call, device: str) -> Convolve:
    if call.halved is not None:
        return _halves(call, call.halved, device)
    convolve = _plain(call)
    if call.dtype in SINGLE and call.precision == "ieee" and may_reduce(device):
        return _careful(convolve, call, device)
    if call.images is None:
        return convolve
    images: int = call.images
    return lambda x, w, bias: torch.cat([convolve(part, w, bias) for part in x.split(images)])


def _halves(call: Call, outs: int, device: str) -> Convolve:
    """The image as two, which overlap along the first axis, and their results as one."""
    first, *others = call.padding
    convolve = _real(call._replace(padding=(0, *others), halved=None), device)
    half, rest = outs - outs // 2, outs // 2
    step = half * call.stride[0]
    beyond = 2 * (len(call.padding) - 1)  # ends of the other axes, which PyTorch counts first

    def run(x: Any, w: Any, bias: Any) -> Any:
        span = step - call.stride[0] + call.dilation[0] * (w.shape[2] - 1) + 1
        more = max(step + span - x.shape[2] - first, 0)
        x = pad(x, (*(0,) * beyond, first, more))
        parts = torch.cat([x[:, :, :span], x[:, :, step : step + span]])
        y = convolve(parts, w, bias)
        return torch.cat([y[:1], y[1:, :, :rest]], 2)

    return run


def _careful(plain: Convolve, call: Call, device: str) -> Convolve:
    """A convolution in single precision, by PyTorch's own call where that keeps it."""
    on_cpu = device == "cpu"

    def convolve(x: Any, w: Any, bias: Any) -> Any:
        if on_cpu and is_plain("conv", x, w):
            return plain(x, w, bias)
        return biased(convolve_ieee(x, w, call), bias)

    return convolve


def _plain(call: Call) -> Convolve:
    rank, groups = len(call.stride), call.groups
    stride, padding, dilation = map(_one_for_all, (call.stride, call.padding, call.dilation))
    if call.transposed:
        function = _TRANSPOSED[rank - 1]
        numbers = _said((stride, padding, 0, groups, dilation), (1, 0, 0, 1, 1))
    else:
        function = _FORWARD[rank - 1]
        numbers = _said((stride, padding, dilation, groups), (1, 0, 1, 1))
    return lambda x, w, bias: function(x, w, bias, *numbers)


def _said(numbers: tuple[Any, ...], defaults: tuple[int, ...]) -> tuple[Any, ...]:
    """Without those at the end that are PyTorch's defaults, each of which takes time to read."""
    pairs = zip(numbers, defaults, strict=True)
    others = [i for i, (n, own) in enumerate(pairs) if type(n) is not int or n != own]
    return numbers[: max(others, default=-1) + 1]


def _one_for_all(numbers: tuple[Any, ...]) -> Any:
    """One number where every axis has the same, which PyTorch reads half a microsecond faster."""
    first, *others = numbers
    plain = all(type(number) is int for number in numbers)
    return first if plain and all(number == first for number in others) else numbers


def biased(y: Any, bias: Any) -> Any:
    """An (n, g o, *s) result, with a bias for each of its channels if there is one."""
    return y if bias is None else y + bias.reshape(-1, *(1,) * (y.ndim - 2))


def _complex(convolve: Convolve, call: Call) -> Convolve:
    """Four real products in one call: real and imaginary parts are channels of every group.

    PyTorch's own takes three, whose differences lose a small part beside a large one.
    """
    groups = call.groups

    def run(x: Any, w: Any, bias: Any) -> Any:
        y = convolve(_parts_of_data(x, groups), _parts_of_kernel(w, call), None)
        real, imag = y.unflatten(1, (groups, 2, -1)).unbind(2)
        return biased(torch.complex(real, imag).flatten(1, 2), bias)

    return run


def _parts_of_data(x: Any, groups: Any) -> Any:
    """(n, g c, *s) to (n, g 2 c, *s)."""
    if groups == 1:
        return torch.cat([x.real, x.imag], 1)
    x = x.unflatten(1, (groups, -1))
    return torch.cat([x.real, x.imag], 2).flatten(1, 2)


def _parts_of_kernel(w: Any, call: Call) -> Any:
    """What real and imaginary parts of the data add to those of the result, as one kernel."""
    w = w.unflatten(0, (call.groups, -1))  # (g, o, c, *k), or (g, c, o, *k) of a transposed one
    real, imag = w.real, w.imag
    minus = -imag
    upper, lower = (imag, minus) if call.transposed else (minus, imag)
    parts = torch.cat([real, upper], 2), torch.cat([lower, real], 2)
    return torch.cat(parts, 1).flatten(0, 1)
