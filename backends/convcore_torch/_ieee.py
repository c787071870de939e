"""Single precision that stays single whatever PyTorch's global flags say, in the gradients too.

The flags belong to the user and to the whole process, so nothing here ever writes one. On CUDA a
convolution has a switch of its own; what has none runs in double precision while a flag allows it
less than single (CC-PRECISION). The gradients are convolutions again and go the same way: those
of PyTorch would read the flags when they are computed.
"""

from __future__ import annotations

from functools import cache, partial
from platform import machine
from typing import TYPE_CHECKING, Any

import torch

from convcore_torch._autocast import outside_autocast

if TYPE_CHECKING:
    from convcore_torch._calls import Call

__all__ = [
    "SINGLE",
    "convolve_ieee",
    "is_plain",
    "is_recorded",
    "is_reduced",
    "matmul_ieee",
    "may_reduce",
]

SINGLE = ("float32", "complex64")
"""Accumulators that a flag may reduce."""
_EAGER = (torch.Tensor, torch.nn.Parameter)
_WIDE = {torch.float32: torch.float64, torch.complex64: torch.complex128}
# Every call asks for one. Python looks for such an attribute everywhere else first, in half a us.
_FLAGS = {
    ("conv", "cpu"): partial(torch.backends.mkldnn.conv.__getattr__, "fp32_precision"),
    ("conv", "cuda"): partial(torch.backends.cudnn.conv.__getattr__, "fp32_precision"),
    ("matmul", "cpu"): partial(torch.backends.mkldnn.matmul.__getattr__, "fp32_precision"),
    ("matmul", "cuda"): partial(torch.backends.cuda.matmul.__getattr__, "fp32_precision"),
}


@cache
def may_reduce(device: str) -> bool:
    """Whether a kind of device can compute float32 with less, if a flag lets it."""
    if device != "cpu":
        return device == "cuda"
    if machine() in ("x86_64", "AMD64"):
        return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


def is_reduced(operation: str, device: str) -> bool:
    """Whether a flag lets an operation ("conv" or "matmul") compute float32 with less now."""
    return _FLAGS[operation, device]() not in ("none", "ieee")


def is_plain(operation: str, a: Any, b: Any) -> bool:
    """Whether PyTorch's own operation on CPUs keeps single precision, here and now.

    A graph may be run, and a gradient computed, when the flags are others.
    """
    if type(a) not in _EAGER or ((a.requires_grad or b.requires_grad) and torch.is_grad_enabled()):
        return False
    return not is_reduced(operation, "cpu")


def matmul_ieee(a: Any, b: Any) -> Any:
    """A matrix product in the operands' own precision, whatever flies when gradients are asked."""
    return _Matmul.apply(a, b) if is_recorded(a, b) else _product(a, b)


def convolve_ieee(x: Any, w: Any, call: Call) -> Any:
    """A convolution in single precision."""
    zeros = (0,) * len(call.stride)
    numbers = (call.stride, call.padding, call.dilation, call.transposed, zeros, call.groups)
    convolve = _Convolution.apply if is_recorded(x, w) else _convolution
    return convolve(x, w, *numbers)


def is_recorded(a: Any, b: Any) -> bool:
    """Whether gradients may be asked for later, when the flags may be others."""
    return bool((a.requires_grad or b.requires_grad) and torch.is_grad_enabled())


def _product(a: Any, b: Any) -> Any:
    if is_reduced("matmul", "cuda" if a.is_cuda else "cpu"):
        return torch.matmul(a.to(_WIDE[a.dtype]), b.to(_WIDE[b.dtype])).to(a.dtype)
    return torch.matmul(a, b)


def _convolution(x: Any, w: Any, *numbers: Any) -> Any:
    if type(x) in _EAGER:
        return _convolved(x, w, *numbers)
    # In a graph as one operation: what Inductor makes of PyTorch's own drops its switch.
    return torch.ops.convcore.convolution(x, w, *numbers)


def _convolved(x: Any, w: Any, *numbers: Any) -> Any:
    if x.is_cuda:
        flags = torch.backends.cudnn
        switches = (flags.benchmark, flags.deterministic, flags.enabled, False)
        return _outside(x, w, None, *numbers, *switches)
    if is_reduced("conv", "cpu"):
        wide = x.to(_WIDE[x.dtype]), w.to(_WIDE[w.dtype])
        return torch.ops.aten.convolution(*wide, None, *numbers).to(x.dtype)
    return torch.ops.aten.convolution(x, w, None, *numbers)


# A gradient may be asked for within an autocast region.
_outside = outside_autocast(torch.ops.aten._convolution, "cuda")


def _shaped(x: Any, w: Any, *numbers: Any) -> Any:
    return torch.ops.aten.convolution(x, w, None, *numbers)


torch.library.define(
    "convcore::convolution",
    "(Tensor x, Tensor w, SymInt[] stride, SymInt[] padding, SymInt[] dilation, "
    "bool transposed, SymInt[] output_padding, SymInt groups) -> Tensor",
)
torch.library.impl("convcore::convolution", "CompositeExplicitAutograd", _convolved)
torch.library.register_fake("convcore::convolution", _shaped)


class _Matmul(torch.autograd.Function):
    """A matrix product whose gradients are such products."""

    generate_vmap_rule = True

    @staticmethod
    def forward(a: Any, b: Any) -> Any:
        return _product(a, b)

    @staticmethod
    def setup_context(ctx: Any, inputs: Any, output: Any) -> None:  # noqa: ARG004
        ctx.save_for_backward(*inputs)
        ctx.save_for_forward(*inputs)

    @staticmethod
    def jvp(ctx: Any, da: Any, db: Any) -> Any:
        a, b = ctx.saved_tensors
        pairs = [pair for pair in ((da, b), (a, db)) if not any(t is None for t in pair)]
        made = [_Matmul.apply(*pair) for pair in pairs]
        return made[0] if len(made) == 1 else made[0] + made[1]

    @staticmethod
    def backward(ctx: Any, grad: Any) -> tuple[Any, Any]:
        a, b = ctx.saved_tensors
        multiplied = outside_autocast(_Matmul.apply, grad.device.type)
        da = multiplied(grad, b.mT.conj()).sum_to_size(a.shape)
        return da, multiplied(a.mT.conj(), grad).sum_to_size(b.shape)


class _Convolution(torch.autograd.Function):
    """A convolution, or a transposed one, whose gradients are such convolutions."""

    generate_vmap_rule = True

    @staticmethod
    def forward(x: Any, w: Any, *numbers: Any) -> Any:
        return _convolution(x, w, *numbers)

    @staticmethod
    def setup_context(ctx: Any, inputs: Any, output: Any) -> None:  # noqa: ARG004
        x, w, *ctx.numbers = inputs
        ctx.save_for_backward(x, w)
        ctx.save_for_forward(x, w)

    @staticmethod
    def jvp(ctx: Any, dx: Any, dw: Any, *_: Any) -> Any:
        x, w = ctx.saved_tensors
        pairs = [pair for pair in ((dx, w), (x, dw)) if not any(t is None for t in pair)]
        made = [_Convolution.apply(*pair, *ctx.numbers) for pair in pairs]
        return made[0] if len(made) == 1 else made[0] + made[1]

    @staticmethod
    def backward(ctx: Any, grad: Any) -> tuple[Any, ...]:
        x, w = ctx.saved_tensors
        stride, padding, dilation, transposed, _, groups = ctx.numbers
        extra = (0,) * len(stride)
        if not transposed:
            extra = tuple(
                have - ((made - 1) * s - 2 * p + d * (k - 1) + 1)
                for have, made, s, p, d, k in zip(
                    x.shape[2:], grad.shape[2:], stride, padding, dilation, w.shape[2:], strict=True
                )
            )
        dx = dw = None
        if ctx.needs_input_grad[0]:
            dx = _Convolution.apply(
                grad, w, stride, padding, dilation, not transposed, extra, groups
            )
        if ctx.needs_input_grad[1]:
            data, kernel = (grad, x) if transposed else (x, grad)
            dw = _kernel_gradient(data, kernel, w.shape[2:], stride, padding, dilation, groups)
        return dx, dw, None, None, None, None, None, None


def _kernel_gradient(
    x: Any, grad: Any, taps: Any, stride: Any, padding: Any, dilation: Any, groups: Any
) -> Any:
    """The gradient of a kernel: x convolved with the result's gradient, images as channels."""
    x = x.unflatten(1, (groups, x.shape[1] // groups)).permute(2, 1, 0, *range(3, x.ndim + 1))
    grad = grad.unflatten(1, (groups, grad.shape[1] // groups))
    grad = grad.permute(1, 2, 0, *range(3, grad.ndim))
    extra = (0,) * len(stride)
    y = _Convolution.apply(
        x.flatten(1, 2), grad.flatten(0, 1), dilation, padding, stride, False, extra, groups
    )
    y = y[(..., *(slice(0, k) for k in taps))]
    return y.transpose(0, 1)
