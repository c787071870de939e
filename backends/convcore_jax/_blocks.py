"""Long kernels by blocks of the data: spectra of all blocks at once, or one matrix for them all.

Block b of an axis holds the samples that the outputs b * hop ... (b + 1) * hop - 1 meet. The blocks
become a batch of short problems, in a program whose size does not grow with the data.
"""

from dataclasses import replace
from math import log2, prod
from typing import Any

import jax.numpy as jnp
from jax import lax

from convcore import algorithms
from convcore.algorithms import Blocking
from convcore.plugins import Axis, ConvProblem, Namespace, Staged
from convcore_jax._views import SPACE

__all__ = ["block_work", "overlap_add", "takes_toeplitz", "toeplitz", "toeplitz_hop"]

_LEAST_BAND = 16  # taps


def _block_axis(problem: ConvProblem) -> int:
    """The axis with most outputs per tap."""
    axes = problem.axes
    return max(range(len(axes)), key=lambda i: axes[i].unfolded / axes[i].taps)


def _block_outputs(problem: ConvProblem, power_of_two: bool) -> int:
    """Outputs of a block of the block axis: a fast length, some kernels long."""
    axis = problem.axes[_block_axis(problem)]
    least = max(4 * (axis.reach + 1), 1024 if len(problem.axes) == 1 else 64)
    length = 1 << (least - 1).bit_length() if power_of_two else algorithms.fast_length(least)
    return max(min((length - axis.reach - 1) // axis.stride + 1, axis.unfolded), 1)


def block_work(problem: ConvProblem, *, power_of_two: bool) -> float:
    """What the transforms of all blocks take, of what one of everything does."""
    along = _block_axis(problem)
    axis = problem.axes[along]
    others = prod(max(a.size + a.reach, 1) for i, a in enumerate(problem.axes) if i != along)
    blocking = Blocking.of(axis, _block_outputs(problem, power_of_two))
    one, whole = blocking.length * others, max(axis.expanded + axis.reach, 2) * others
    return float(blocking.blocks * one * log2(max(one, 2)) / (whole * log2(whole)))


def overlap_add(problem: ConvProblem, xp: Namespace, *, power_of_two: bool = False) -> Staged:
    """Transform all blocks at once, as a batch."""
    along = _block_axis(problem)
    axis = problem.axes[along]
    blocking = Blocking.of(axis, _block_outputs(problem, power_of_two))
    count = blocking.blocks
    inner = replace(axis, size=blocking.length, lo=0, hi=0)
    axes = (*problem.axes[:along], inner, *problem.axes[along + 1 :])
    sizes = {**problem.sizes, "n": problem.sizes["n"] * count}
    run = algorithms.fft(replace(problem, axes=axes, sizes=sizes), xp)

    def apply(x: Any, kernel: Any, _bias: Any) -> Any:
        at = SPACE + along
        # The blocks go next to the images, as a batch.
        frames = jnp.moveaxis(blocking.frames(x, at, xp), at, 1)
        frames = jnp.reshape(frames, (-1, *frames.shape[2:]))
        y = run.apply(frames, kernel, None)
        y = jnp.moveaxis(jnp.reshape(y, (-1, count, *y.shape[1:])), 1, at)
        y = jnp.reshape(y, (*y.shape[:at], -1, *y.shape[at + 2 :]))
        return lax.slice_in_dim(y, 0, axis.unfolded, axis=at)

    return Staged(run.prepare, apply)


def takes_toeplitz(problem: ConvProblem) -> bool:
    """Whether the banded matrix of a kernel serves a problem, and is worth its zeros."""
    if len(problem.axes) != 1:
        return False
    (axis,) = problem.axes
    plain = axis.stride == axis.dilation == axis.expansion == 1
    return plain and _LEAST_BAND <= axis.taps <= axis.unfolded


def toeplitz_hop(axis: Axis) -> int:
    """Outputs of a block: enough to fill a matrix unit, few zeros beside the taps."""
    return min(max(128, 1 << max((axis.taps // 2).bit_length() - 1, 0)), axis.unfolded)


def toeplitz(problem: ConvProblem, xp: Namespace) -> Staged:
    """Multiply the blocks of one axis by the banded matrix of the kernel, all at once.

    Its zeros meet samples too, so a NaN spreads over its block.
    """
    return algorithms.banded(problem, xp, toeplitz_hop(problem.axes[0]))
