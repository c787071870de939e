"""The rows of a kernel's taps as banded (Toeplitz) matrices."""

from math import prod
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from convcore.plugins import ConvProblem
from convcore_numpy._planes import Planes, Tap, residues

__all__ = ["Banded"]

_SHORT = 256  # taps
_ONE_ROW, _LONG_ROW, _MANY_ROWS = 64, 256, 16


class Banded:
    """How the taps of the last axis are arranged in matrices.

    Attributes
    ----------
    outputs, length : int
        Columns and rows of a matrix: outputs of a block, and the samples of a plane they meet.
    apart : int
        Blocks that overlap are no rows of a matrix to a BLAS; every so many of them do not.
    """

    def __init__(self, problem: ConvProblem) -> None:
        self._residues = residues(problem.axes[-1])
        self._lead = prod(a.taps for a in problem.axes[:-1])
        self.outputs = _block_outputs(problem, self.rows)
        self._step = self._residues[0].step
        self.length = self.outputs + (self._residues[0].length - 1) * self._step
        self.apart = -(-self.length // self.outputs)

    @property
    def rows(self) -> int:
        """How many matrices a kernel has."""
        return int(self._lead * len(self._residues))

    def matrices(self, w: Any) -> Any:
        """A kernel (g, o, 1, *k) as (row, g, length, o * outputs): each column one sample later."""
        g, o, *_, taps = w.shape
        rows = w.reshape(g, o, -1, taps).transpose(2, 0, 3, 1)[..., None]
        shape = (self._lead, len(self._residues), g, self.length, o, self.outputs)
        made = np.zeros(shape, w.dtype)
        row, _, group, sample, kernel, column = made.strides
        strides = (row, group, self._step * sample, kernel, sample + column)
        for i, residue in enumerate(self._residues):
            met = rows[:, :, residue.taps]
            as_strided(made[:, i], (*met.shape[:-1], self.outputs), strides)[...] = met
        return made.reshape(-1, g, self.length, o * self.outputs)

    def starts(self, planes: Planes) -> list[Tap]:
        """Where the first tap of each matrix meets the first output."""
        taps = planes.taps
        row = planes.axes[-1].taps
        firsts = [residue.taps.start for residue in self._residues]
        return [taps[lead * row + first] for lead in range(self._lead) for first in firsts]


def _block_outputs(problem: ConvProblem, rows: int) -> int:
    """Outputs of a block: more mean more zeros in the matrix, fewer more copies of the data."""
    short = problem.axes[-1].taps <= _SHORT
    most = _MANY_ROWS if rows > 1 else _ONE_ROW if short else _LONG_ROW
    flat = problem.size("n") * prod(a.unfolded for a in problem.axes)
    return int(min(most, max(flat, 1)))
