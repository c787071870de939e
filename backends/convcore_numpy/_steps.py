"""What the costs of all of NumPy's engines have in common: sizes, and steps that many take."""

from functools import cached_property
from math import prod

import numpy as np

from convcore.plugins import Axis, ConvProblem
from convcore_numpy._exact import limb_pairs
from convcore_numpy._planes import residues
from convcore_numpy._prices import Prices
from convcore_numpy._threads import threads_of

__all__ = ["Steps"]

_APART = 3  # times the price of samples that lie side by side


class Steps:
    """Sizes of one problem, and predicted seconds of common steps."""

    def __init__(self, problem: ConvProblem, prices: Prices) -> None:
        self._problem = problem
        self._prices = prices
        self._n, self._g, self._o, self._c = (problem.size(role) for role in "ngoc")
        self._width = np.dtype(problem.accumulator).itemsize / 4
        # Each output of an expanded axis meets one in so many taps.
        self._taps = max(prod(a.taps for a in problem.axes) // self._expansion, 1)
        last = [a.unfolded + a.reach // a.stride for a in problem.axes[1:]]
        # With those between the rows, which are computed too.
        self._outputs = problem.axes[0].unfolded * prod(last) if problem.axes else 1

    @property
    def _planes(self) -> int:
        return prod(len(residues(a)) for a in self._problem.axes)

    @property
    def _expansion(self) -> int:
        return int(prod(a.expansion for a in self._problem.axes))

    @cached_property
    def _unexpanded(self) -> list[Axis]:
        """The axes of the phase that has the most taps."""
        met = [[phase.axis for phase in a.phases()] for a in self._problem.axes]
        return [max(axes, key=lambda axis: axis.taps) for axes in met]

    @property
    def _phases(self) -> int:
        """How many there are that some tap meets."""
        return prod(sum(p.axis.taps > 0 for p in a.phases()) for a in self._problem.axes)

    @property
    def _product(self) -> float:
        return self._prices.product * (2 if self._problem.is_complex else 1)

    def _over_threads(self, engine: str, work: float, left: float) -> float:
        """Of seconds that an engine shares among threads, of which a second leaves some part."""
        shared = threads_of(self._problem, engine) > 1
        return float(work * left + self._prices.wake if shared else work)

    def _pairs(self) -> float:
        """Products of limbs; numbers are seldom as large as their type allows."""
        return (15 + limb_pairs(self._problem)) / 16 if self._problem.is_exact else 1

    def _moved(self, each: float, tiles: float = 1) -> float:
        """Laying out the data and writing the outputs; each tile lays out its own reach."""
        axes = self._problem.axes
        if not axes:
            return float(self._n * self._g * (self._c + self._o) * each)
        again = min(tiles, axes[0].unfolded) * axes[0].reach / max(axes[0].size, 1)
        apart = _APART if axes[-1].stride > 1 else 1
        laid = self._c * prod(a.size for a in axes) * (1 + again) * apart
        return float(self._n * self._g * (laid + self._o * self._outputs) * each)

    def _turned(self, tiles: float = 1) -> float:
        """The same; of integers, as limbs."""
        p = self._prices
        each = self._pairs() * p.limb if self._problem.is_exact else p.copy * self._width
        return self._moved(each, tiles)
