"""PyTorch's array API namespace, but for what the portable algorithms must have otherwise."""

from typing import Any

import torch
from array_api_compat import torch as xp

from convcore_torch._ieee import is_recorded, matmul_ieee, may_reduce
from convcore_torch._integers import matmul_exact

__all__ = ["TorchNamespace"]

_SINGLE = (torch.float32, torch.complex64)


class TorchNamespace:
    """The namespace; matrix products are of their own precision unless ``"fast"`` is allowed."""

    # PyTorch's own, without what array-api-compat adds in Python: 2 us of a small signal's 19.
    reshape = staticmethod(torch.reshape)
    permute_dims = staticmethod(torch.permute)

    def __init__(self, device: str, precision: str) -> None:
        self._guarded = precision == "ieee" and may_reduce(device)
        self._on_cuda = device == "cuda"
        self.fft = _Transforms()

    def __getattr__(self, name: str) -> Any:
        return getattr(xp, name)

    def matmul(self, a: Any, b: Any) -> Any:
        # An autocast region may be around the gradients, too, and reduces single precision alone.
        if a.dtype in _SINGLE and (self._guarded or is_recorded(a, b)):
            return matmul_ieee(a, b)
        if self._on_cuda and not (a.is_floating_point() or a.is_complex()):
            return matmul_exact(a, b, xp)
        return torch.matmul(a, b)


class _Transforms:
    """The transforms, with the complex inverse by way of the forward one.

    PyTorch's own inverse on CPUs has given wrong values for large complex64 arrays on several
    threads; its forward transform never did.
    """

    @staticmethod
    def rfftn(x: Any, s: Any, axes: Any) -> Any:
        return torch.fft.rfftn(x, s, axes)

    @staticmethod
    def irfftn(x: Any, s: Any, axes: Any) -> Any:
        return torch.fft.irfftn(x, s, axes)

    @staticmethod
    def fftn(x: Any, s: Any, axes: Any) -> Any:
        return torch.fft.fftn(x, s, axes)

    @staticmethod
    def ifftn(x: Any, s: Any, axes: Any) -> Any:
        return torch.fft.fftn(x.conj(), s, axes, norm="forward").conj_physical()
