"""PyTorch's: its convolution as called, the same with channels last inside, and its transforms."""

from collections.abc import Callable
from functools import partial
from math import prod
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812

from convcore import Plan
from convcore.algorithms import fast_length
from convcore_benchmarks.cases import Case
from convcore_benchmarks.timing import Call

from ._peer import Peer, reach, window

__all__ = ["PEERS"]

_FORWARD = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}
_TRANSPOSED = {1: F.conv_transpose1d, 2: F.conv_transpose2d, 3: F.conv_transpose3d}
_LAST = {2: torch.channels_last, 3: torch.channels_last_3d}
_OPTIONS = {"stride", "padding", "dilation", "groups", "output_padding"}
_MOST_COLUMNS = 2**30  # bytes


def _spell(case: Case, plan: Plan, arguments: tuple[Any, ...]) -> Call | None:
    if _outgrows(plan):
        return None
    if case.op in ("convolve", "correlate"):
        return _signal(case, plan, *map(torch.as_tensor, arguments))
    own = _layer(case)
    return own and partial(own, *map(torch.as_tensor, arguments), **case.options)


def _spell_last(case: Case, plan: Plan, arguments: tuple[Any, ...]) -> Call | None:
    own, how = _layer(case), _LAST.get(len(case.shapes[0]) - 2)
    if own is None or how is None or _outgrows(plan):
        return None
    x, w, *bias = map(torch.as_tensor, arguments)

    def last() -> Any:
        turned = x.contiguous(memory_format=how), w.contiguous(memory_format=how)
        return own(*turned, *bias, **case.options).contiguous()

    return last


def _spell_fft(case: Case, plan: Plan, arguments: tuple[Any, ...]) -> Call | None:
    if case.op != "convolve" or plan.problem.is_exact:
        return None
    x, w = map(torch.as_tensor, arguments)
    axes = [case.options["axes"]] if "axes" in case.options else list(range(x.ndim))
    size = [fast_length(x.shape[a] + w.shape[a] - 1) for a in axes]
    size[-1] = fast_length(size[-1], even=not x.is_complex())
    there, back = (
        (torch.fft.fftn, torch.fft.ifftn) if x.is_complex() else (torch.fft.rfftn, torch.fft.irfftn)
    )
    kept = (..., *window(case, plan))
    return lambda: back(there(x, size, axes) * there(w, size, axes), size, axes)[kept]


def _outgrows(plan: Plan) -> bool:
    """Whether it would write down more columns than there is room for: all but float32 has them."""
    p = plan.problem
    size = np.dtype(p.dtype).itemsize
    columns = p.terms * p.size("ng") * prod(axis.out for axis in p.axes)
    return bool(p.dtype != "float32" and columns * size > _MOST_COLUMNS)


def _layer(case: Case) -> Callable[..., Any] | None:
    table = {"conv": _FORWARD, "conv_transpose": _TRANSPOSED}.get(case.op, {})
    return table.get(len(case.shapes[0]) - 2) if case.options.keys() <= _OPTIONS else None


def _signal(case: Case, plan: Plan, x: Any, w: Any) -> Call:
    """Views, the kernel turned where it has to be, and one channel, or one for each kernel."""
    axes = plan.problem.axes
    own, padding = _FORWARD[len(axes)], reach(case, plan)
    turn = _turn(case, w, x.ndim - len(axes))

    def plain() -> Any:
        return own(x[None], turn(w)[None, None], padding=padding)[0]

    def shared() -> Any:
        return own(x[:, None], turn(w)[:, None], padding=padding)[:, 0]

    def separate() -> Any:
        return own(x, turn(w)[:, None], padding=padding, groups=len(x))

    call = plain if x.ndim == len(axes) else shared if w.shape[0] == 1 else separate
    kept = (..., *(slice(axis.out) for axis in axes))
    # As much padding at the end as at the start is a sample too many for an even kernel.
    is_even = case.options.get("mode") == "same" and any(axis.taps % 2 == 0 for axis in axes)
    return (lambda: call()[kept]) if is_even else call


def _turn(case: Case, w: Any, first: int) -> Callable[[Any], Any]:
    """What makes the kernel of a signal the one of a convolution without a flip."""
    if case.op == "convolve":
        return partial(torch.flip, dims=tuple(range(first, w.ndim)))
    return torch.conj if w.is_complex() else (lambda kernel: kernel)


PEERS = (
    Peer("torch", _spell),
    Peer("torch.channels_last", _spell_last),
    Peer("torch.fft", _spell_fft),
)
