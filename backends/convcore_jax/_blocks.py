"""Long kernels by blocks of the data: spectra of all blocks at once, or one matrix for them all.

Block b of an axis holds the samples that the outputs b * hop ... (b + 1) * hop - 1 meet. The blocks
become a batch of short problems, in a program whose size does not grow with the data.
"""

from dataclasses import replace
from typing import Any

import jax.numpy as jnp
from jax import lax

from convcore import algorithms
from convcore.plugins import Axis, ConvProblem, Namespace, Staged
from convcore_jax._direct import multiplied, padded

__all__ = ["overlap_add", "takes_toeplitz", "toeplitz", "toeplitz_hop"]

_SPACE = 3
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
    return max((length - axis.reach - 1) // axis.stride + 1, 1)


def overlap_add(problem: ConvProblem, xp: Namespace, *, power_of_two: bool = False) -> Staged:
    """Transform all blocks at once, as a batch."""
    along, hop = _block_axis(problem), _block_outputs(problem, power_of_two)
    axis = problem.axes[along]
    count = -(-axis.unfolded // hop)
    length = (hop - 1) * axis.stride + axis.reach + 1
    inner = replace(axis, size=length, lo=0, hi=0)
    axes = (*problem.axes[:along], inner, *problem.axes[along + 1 :])
    sizes = {**problem.sizes, "n": problem.sizes["n"] * count}
    run = algorithms.fft(replace(problem, axes=axes, sizes=sizes), xp)

    def apply(x: Any, kernel: Any, _bias: Any) -> Any:
        frames = _frames(problem, x, along, hop * axis.stride, length, count)
        # The blocks go next to the images, as a batch.
        frames = jnp.moveaxis(frames, _SPACE + along, 1)
        frames = jnp.reshape(frames, (-1, *frames.shape[2:]))
        y = run.apply(frames, kernel, None)
        y = jnp.moveaxis(jnp.reshape(y, (-1, count, *y.shape[1:])), 1, _SPACE + along)
        return _joined(y, _SPACE + along, axis.unfolded)

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


def toeplitz(problem: ConvProblem, _xp: Namespace) -> Staged:
    """Multiply the blocks of one axis by the banded matrix of the kernel.

    Its zeros meet samples too, so a NaN spreads over its block.
    """
    (axis,) = problem.axes
    hop = toeplitz_hop(axis)
    length, count = hop + axis.taps - 1, -(-axis.unfolded // hop)

    def prepare(w: Any) -> Any:
        # Rows of one sample more than the blocks have: each row starts one tap later.
        row = lax.pad(w, jnp.zeros((), w.dtype), [(0, 0, 0)] * _SPACE + [(0, hop, 0)])
        rows = jnp.broadcast_to(row[:, :, :, None, :], (*w.shape[:_SPACE], hop, length + 1))
        flat = jnp.reshape(rows, (*w.shape[:_SPACE], -1))[..., : hop * length]
        return jnp.reshape(flat, (*w.shape[:_SPACE], hop, length))

    def apply(x: Any, matrix: Any, _bias: Any) -> Any:
        frames = _frames(problem, x, 0, hop, length, count)
        # (n, g, c, b, l) and (g, o, c, h, l) to (g, n, b, o, h)
        y = multiplied(problem, frames, matrix, (((2, 4), (2, 4)), ((1,), (0,))))
        return _joined(jnp.transpose(y, (1, 0, 3, 2, 4)), _SPACE, axis.unfolded)

    return Staged(prepare, apply)


def _frames(problem: ConvProblem, x: Any, along: int, hop: int, length: int, count: int) -> Any:
    """Blocks of so many samples, hop apart, as an axis before that of their samples."""
    at = _SPACE + along
    pieces = -(-length // hop)
    axis = problem.axes[along]
    whole = (count + pieces - 1) * hop
    margins = replace(axis, hi=whole - axis.expanded - axis.lo)
    others = [replace(a, lo=0, hi=0) for a in problem.axes]
    others[along] = margins
    x = padded(replace(problem, axes=tuple(others)), x)
    rows = jnp.reshape(x, (*x.shape[:at], count + pieces - 1, hop, *x.shape[at + 1 :]))
    parts = [lax.slice_in_dim(rows, i, i + count, axis=at) for i in range(pieces)]
    parts[-1] = lax.slice_in_dim(parts[-1], 0, length - (pieces - 1) * hop, axis=at + 1)
    return jnp.concatenate(parts, axis=at + 1)


def _joined(y: Any, at: int, outputs: int) -> Any:
    """An axis from its blocks, without what is beyond its last output."""
    y = jnp.reshape(y, (*y.shape[:at], -1, *y.shape[at + 2 :]))
    return lax.slice_in_dim(y, 0, outputs, axis=at)
