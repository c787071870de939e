"""Which problems are a convolution of cuDNN's, and with which numbers: no library is asked."""

from dataclasses import replace
from math import prod
from typing import NamedTuple

from convcore.plugins import DTYPES, Axis, ConvProblem

__all__ = ["ROLES", "Call", "as_call"]

_MOST = 2**31 - 1  # cuDNN's engines index in 32 bits


ROLES = {
    "fprop": (("n", "gc"), ("go", "c"), ("n", "go")),
    "dgrad": (("n", "gc"), ("gc", "o"), ("n", "go")),
    "wgrad": (("c", "gn"), ("c", "go"), ("go", "n")),
}
"""What the batch and the channels of cuDNN's operands and result are, in the problem's roles."""


class Call(NamedTuple):
    """One convolution as cuDNN describes it, whose arrays are (batch, channels, *space).

    Attributes
    ----------
    op : {"fprop", "dgrad", "wgrad"}
        Forward, or the gradient of the image or of the filter of this forward convolution.
    a, b, y : tuple of int
        Shapes of its operands (image or gradient, then filter or gradient) and of its result.
    pre, post, stride, dilation : tuple of int
        Of the forward convolution, for each axis.
    dtype : str
        Of all three arrays.
    channels_last : bool
        Whether the arrays lie so in memory.
    bias : bool
        Whether a bias is added before the result is rounded.
    fast : bool
        Whether reduced precision is allowed.
    """

    op: str
    a: tuple[int, ...]
    b: tuple[int, ...]
    y: tuple[int, ...]
    pre: tuple[int, ...]
    post: tuple[int, ...]
    stride: tuple[int, ...]
    dilation: tuple[int, ...]
    dtype: str
    channels_last: bool
    bias: bool
    fast: bool


def as_call(problem: ConvProblem) -> Call | None:
    """The problem as cuDNN's, or None if it is none of these."""
    real = DTYPES[problem.dtype].kind == "real floating"
    if not real or not 1 <= len(problem.axes) <= 3 or problem.size("ngoc") == 0:
        return None
    if problem.is_extended or any(a.fold for a in problem.axes):
        return None
    if problem.bias not in (None, ("g0", "o0")):
        return None
    op, forward = _forward(problem.axes)
    shapes = _shapes(problem, op)
    if not all(map(_fits, forward)) or max(map(prod, shapes)) > _MOST:
        return None
    dtype, (a, b, y) = _dtype(problem, op), shapes
    return Call(
        op=op,
        a=a,
        b=b,
        y=y,
        pre=tuple(a.lo for a in forward),
        post=tuple(max(a.hi, 0) for a in forward),
        stride=tuple(a.stride for a in forward),
        dilation=tuple(a.dilation for a in forward),
        dtype=dtype,
        channels_last=_is_channels_last(problem),
        bias=problem.bias is not None and dtype != problem.accumulator,
        fast=problem.precision == "fast",
    )


def _forward(axes: tuple[Axis, ...]) -> tuple[str, tuple[Axis, ...]]:
    """The operation, and the axes of the forward convolution that it belongs to."""
    if any(a.expansion > 1 for a in axes):
        return "dgrad", tuple(a.transpose() for a in axes)
    # A filter larger than the output is an output's gradient: the sum is over the image.
    if prod(a.taps for a in axes) > prod(a.unfolded for a in axes):
        return "wgrad", tuple(a.weight_grad() for a in axes)
    return "fprop", axes


def _fits(axis: Axis) -> bool:
    """Whether an axis has no zeros in it and no negative padding, but what no window meets."""
    padded = replace(axis, hi=max(axis.hi, 0))
    return axis.expansion == 1 and axis.lo >= 0 and padded.unfolded == axis.unfolded > 0


def _shapes(problem: ConvProblem, op: str) -> tuple[tuple[int, ...], ...]:
    lengths = zip(*((a.size, a.taps, a.unfolded) for a in problem.axes), strict=True)
    return tuple(
        tuple(problem.size(role) for role in roles) + space
        for roles, space in zip(ROLES[op], lengths, strict=True)
    )


def _dtype(problem: ConvProblem, op: str) -> str:
    """That of the operands where they and the result agree; else the accumulator."""
    alike = problem.x_dtype == problem.w_dtype == problem.dtype
    # A bias comes before the one rounding, which only a forward graph can do in 16 bits.
    fused = problem.bias is None or op == "fprop"
    return problem.dtype if alike and fused else problem.accumulator


def _is_channels_last(problem: ConvProblem) -> bool:
    """Whether the channels of the caller's x come after its space."""
    roles = [{atom[0] for atom in atoms} for atoms in problem.x]
    space = [i for i, of in enumerate(roles) if "s" in of]
    return any("c" in of for of in roles[space[0] + 1 :])
