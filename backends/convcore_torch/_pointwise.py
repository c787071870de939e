"""Kernels of one tap: a product of matrices, which has no layout to change as oneDNN's call has."""

from typing import Any

import torch

from convcore.plugins import ConvProblem, Namespace
from convcore_torch._calls import Call, Convolve, biased
from convcore_torch._ieee import is_plain

__all__ = ["pointwise", "takes_pointwise"]


def takes_pointwise(problem: ConvProblem, device: str) -> bool:
    """Whether every output has one sample of each channel, and PyTorch has a BLAS for them."""
    if device not in ("cpu", "meta") or problem.is_exact or not problem.axes:
        return False
    if not all(map(bool, map(problem.size, "goc"))):
        return False
    return all(a.taps == a.expansion == 1 and a.lo == a.hi == 0 for a in problem.axes)


def pointwise(call: Call, xp: Namespace) -> Convolve:
    """The function ``(x, w, bias or None) -> y`` of a call whose kernel has one tap."""
    mixed = _grouped(call.groups, xp) if call.groups > 1 else _mixed(xp)
    step = (..., *(slice(None, None, s) for s in call.stride))
    strided = any(s != 1 for s in call.stride)

    def run(x: Any, w: Any, bias: Any) -> Any:
        x = x[step] if strided else x
        return mixed(x.flatten(2), w.flatten(1), bias).unflatten(2, x.shape[2:])

    return run


def _mixed(xp: Namespace) -> Convolve:
    """(n, c, s) and (o, c) to (n, o, s)."""

    def mixed(x: Any, w: Any, bias: Any) -> Any:
        if bias is None or not is_plain("matmul", x, w):
            return biased(xp.matmul(w, x), bias)
        return torch.baddbmm(bias[:, None], w.expand(x.shape[0], *w.shape), x)

    return mixed


def _grouped(groups: int, xp: Namespace) -> Convolve:
    """(n, g c, s) and (g o, c) to (n, g o, s)."""

    def mixed(x: Any, w: Any, bias: Any) -> Any:
        x, w = x.unflatten(1, (groups, -1)), w.unflatten(0, (groups, -1))
        y = x * w if w.shape[2] == 1 else xp.matmul(w, x)
        return biased(y.flatten(1, 2), bias)

    return mixed
