"""Overlap-save: the spectra of blocks of a signal that overlap by the kernel's reach.

Many blocks are transformed by one call, and parts of them by several threads. A block is some
eight kernels long: longer ones save little of the overlap, and leave the cache.
"""

from math import ceil
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from convcore import algorithms
from convcore.plugins import Axis, ConvProblem, Size
from convcore_numpy._in_place import Write
from convcore_numpy._threads import ThreadedNumPy

__all__ = ["OverlapSave", "block_length", "takes_overlap_save"]

_TILE_BYTES = 2**21
_LEAST_BLOCK = 2048


def takes_overlap_save(problem: ConvProblem) -> bool:
    """Whether a problem is one of floating signals."""
    plain = len(problem.axes) == 1 and problem.axes[0].expansion == 1 and problem.size("c") == 1
    return plain and not problem.is_exact and not problem.prefers_exchange


def block_length(problem: ConvProblem) -> int:
    """Samples of a block, fast to transform; of few blocks, none is left with little to do."""
    (axis,) = problem.axes
    longest = max(8 * (axis.reach + 1), _LEAST_BLOCK)
    blocks = ceil(axis.unfolded / _outputs(axis, longest))
    outputs = ceil(axis.unfolded / blocks)
    least = (outputs - 1) * axis.stride + axis.reach + 1
    return algorithms.fast_length(least, even=not problem.is_complex)


def _outputs(axis: Axis, length: int) -> Size:
    """Outputs of a block of so many samples that nothing has wrapped onto."""
    return (length - axis.reach - 1) // axis.stride + 1


class OverlapSave:
    """Products of spectra, of as many blocks at once as stay in a cache."""

    def __init__(self, problem: ConvProblem) -> None:
        (axis,) = problem.axes
        self._length = block_length(problem)
        self._outputs = _outputs(axis, self._length)
        transforms = ThreadedNumPy(1).fft  # the parts have the threads
        real = (transforms.rfftn, transforms.irfftn)
        self._forth, self._back = (
            (transforms.fftn, transforms.ifftn) if problem.is_complex else real
        )
        self._dilation = axis.dilation
        itemsize = np.dtype(problem.accumulator).itemsize
        block = 2 * itemsize * self._length * problem.size("g") * (1 + problem.size("o"))
        # Whole blocks, lest each part end in one that is mostly empty.
        self.most = max(_TILE_BYTES // block, 1) * self._outputs

    def prepare(self, w: Any) -> Any:
        """The spectra (g, o, 1, f) of a kernel (g, o, 1, k), which runs backwards."""
        *channels, taps = w.shape
        spaced = np.zeros((*channels, (taps - 1) * self._dilation + 1), w.dtype)
        spaced[..., :: self._dilation] = w[..., ::-1]
        return self._forth(spaced, s=(self._length,), axes=(3,))

    def writer(self, part: ConvProblem) -> Write:
        """Transform, multiply, and keep of each block what nothing has wrapped onto."""
        (axis,) = part.axes
        window = axis.window(0, axis.unfolded)
        count, hop = ceil(axis.unfolded / self._outputs), self._outputs * axis.stride
        whole = axis.unfolded // self._outputs
        kept = slice(axis.reach, axis.reach + hop, axis.stride)

        def write(x: Any, spectra: Any, out: Any) -> None:
            samples = x[..., window.begin : window.end]
            padded = np.zeros((*x.shape[:3], (count - 1) * hop + self._length), x.dtype)
            padded[..., window.axis.lo : window.axis.lo + samples.shape[3]] = samples
            *steps, step = padded.strides
            shape, strides = (*x.shape[:3], count, self._length), (*steps, hop * step, step)
            blocks = self._forth(as_strided(padded, shape, strides), s=(self._length,), axes=(4,))
            y = self._back(blocks * spectra, s=(self._length,), axes=(4,))[..., kept]
            full = out[..., : whole * self._outputs]
            full.reshape(*out.shape[:3], whole, self._outputs)[...] = y[..., :whole, :]
            out[..., full.shape[3] :] = y[..., whole:, : axis.unfolded - full.shape[3]].reshape(
                *out.shape[:3], -1
            )

        return write
