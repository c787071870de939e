"""A convolution with few outputs, as PyTorch's gradient of a kernel.

With the images of the data and of the kernel for channels, a kernel's gradient is a convolution
too: its result is the outputs, its stride the dilation, its dilation the stride. PyTorch computes
it with the loops the right way round where the "kernel" is as large as an image.
"""

from math import prod
from typing import Any

import torch
from torch.nn.functional import pad

from convcore.plugins import ConvProblem, Namespace, Staged
from convcore_torch._ieee import may_reduce
from convcore_torch._margins import amounts, margins

__all__ = ["kernel_gradient", "takes_kernel_gradient"]


def takes_kernel_gradient(problem: ConvProblem, device: str) -> bool:
    """Whether a problem is worth running so, and keeps its precision."""
    fewer = prod(a.unfolded for a in problem.axes) < prod(a.taps for a in problem.axes)
    plain = all(axis.expansion == 1 for axis in problem.axes)
    kept = problem.accumulator == "float64" or problem.precision == "fast"
    return (
        fewer
        and plain
        and len(problem.axes) in (1, 2, 3)
        and problem.accumulator in ("float32", "float64")
        and all(map(bool, map(problem.size, "ngoc")))
        and (kept or not may_reduce(device))
    )


def kernel_gradient(problem: ConvProblem, _xp: Namespace) -> Staged:
    """Lower a canonical problem that `takes_kernel_gradient`."""
    axes = [axis.with_out(axis.unfolded) for axis in problem.axes]  # no sample is left over
    ends = [margins(axis.lo, axis.hi) for axis in axes]
    more = amounts(ends)
    outs = tuple(axis.unfolded for axis in axes)
    n, g, o = (problem.size(role) for role in "ngo")
    numbers = (
        [axis.dilation for axis in axes],
        [both for both, _, _ in ends],
        [axis.stride for axis in axes],
        False,
        [0] * len(axes),
        g,
        [False, True, False],
    )

    def apply(x: Any, w: Any, _bias: Any) -> Any:
        x = x.transpose(0, 2).flatten(1, 2)
        w = w.movedim(2, 0).flatten(1, 2)
        x = x if more is None else pad(x, more)
        shape = x.new_empty((g * o, n, *outs))
        y = torch.ops.aten.convolution_backward(w, x, shape, None, *numbers)[1]
        return y.unflatten(0, (g, o)).movedim(2, 0)

    return Staged(lambda w: w, apply)
