"""One convolution as PyTorch takes it: (n, g c, *s) with (g o, c, *k), every number said."""

from collections.abc import Callable
from typing import Any, NamedTuple

import torch

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
    """

    stride: tuple[Any, ...]
    padding: tuple[Any, ...]
    dilation: tuple[Any, ...]
    groups: Any
    transposed: bool
    dtype: str
    precision: str
    images: int | None = None


def convolver(call: Call, device: str) -> Convolve:
    """The function ``(x, w, bias or None) -> y`` of a call, on a kind of device."""
    convolve = _real(call, device)
    if call.dtype in _COMPLEX:
        return _complex(convolve, call)
    return convolve


def _real(call: Call, device: str) -> Convolve:
    convolve = _plain(call)
    if call.dtype in SINGLE and call.precision == "ieee" and may_reduce(device):
        return _careful(convolve, call, device)
    if call.images is None:
        return convolve
    images: int = call.images
    return lambda x, w, bias: torch.cat([convolve(part, w, bias) for part in x.split(images)])


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
        transposed = _TRANSPOSED[rank - 1]
        return lambda x, w, bias: transposed(x, w, bias, stride, padding, 0, groups, dilation)
    forward = _FORWARD[rank - 1]
    return lambda x, w, bias: forward(x, w, bias, stride, padding, dilation, groups)


def _one_for_all(numbers: tuple[Any, ...]) -> Any:
    """One number where every axis has the same, which PyTorch reads half a microsecond faster."""
    first, *others = numbers
    plain = all(type(number) is int for number in numbers)
    return first if plain and all(number == first for number in others) else numbers


def biased(y: Any, bias: Any) -> Any:
    """An (n, g o, *s) result, with a bias for each of its channels if there is one."""
    return y if bias is None else y + bias.reshape(-1, *(1,) * (y.ndim - 2))


def _complex(convolve: Convolve, call: Call) -> Convolve:
    """Four real products in one call: the parts of x as images, those of w as channels.

    PyTorch's own takes three, whose differences lose a small part beside a large one.
    """

    def run(x: Any, w: Any, bias: Any) -> Any:
        images = x.shape[0]
        parts = torch.cat([x.real, x.imag])
        y = convolve(parts, _parts_of_kernel(w, call), None)
        y = y.reshape(2, images, call.groups, 2, y.shape[1] // (2 * call.groups), *y.shape[2:])
        real = y[0, :, :, 0] - y[1, :, :, 1]
        imag = y[0, :, :, 1] + y[1, :, :, 0]
        whole = torch.complex(real, imag).flatten(1, 2)
        return biased(whole, bias)

    return run


def _parts_of_kernel(w: Any, call: Call) -> Any:
    """Real and imaginary part as output channels, within every group."""
    if call.transposed:  # (g c, o, *k)
        return torch.cat([w.real, w.imag], dim=1)
    grouped = w.reshape(call.groups, w.shape[0] // call.groups, *w.shape[1:])
    return torch.cat([grouped.real, grouped.imag], dim=1).flatten(0, 1)
