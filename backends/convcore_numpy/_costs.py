"""What NumPy's own engines would cost: their steps, each at a measured price."""

from math import log2, prod

import numpy as np

from convcore.plugins import ConvProblem
from convcore_numpy._banded import Banded
from convcore_numpy._columns import sums_rows
from convcore_numpy._dots import sums_in
from convcore_numpy._exact import limb_pairs
from convcore_numpy._overlap import block_length
from convcore_numpy._planes import residues
from convcore_numpy._prices import Prices
from convcore_numpy._threads import threads_of
from convcore_numpy._winograd import winograd_work

__all__ = ["Costs"]

_LONG = 1.5  # times the price by width: no vector instruction multiplies such integers
_APART = 3  # times the price of samples that lie side by side
_FEWEST = 11  # products of a sum, for which NumPy has loops of their own


class Costs:
    """Predicted seconds of each engine for one problem."""

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

    def taps(self) -> float:
        """Add up runs by taps."""
        p, images = self._prices, self._n * self._g * self._o
        parts = 2 if self._problem.is_complex else 1
        added = images * self._outputs * p.tap * self._width
        if self._problem.accumulator in ("int64", "uint64"):
            added *= _LONG
        runs = images * (1 + self._outputs * self._width // 2**12) * p.run
        tiles = 1 + images * self._outputs * self._width // 2**17
        work = self._taps * parts * (added + runs)
        if threads_of(self._problem, "taps") > 1:
            work *= p.tap_sharing
        work += self._moved(p.copy * self._width * parts, tiles)
        halves = 2 if self._taps > 1 and not self._problem.is_complex else 1
        calls = 15 + self._expansion * (5 + 6 * self._planes * halves) * tiles
        return float(work + calls * p.call)

    def clipped_taps(self) -> float:
        """Multiply and add by taps, none of them beyond the data."""
        p, images = self._prices, self._n * self._g * self._o
        steps = 2 * self._taps * images * self._outputs * p.arithmetic * self._width
        if threads_of(self._problem, "taps") > 1:
            steps *= p.tap_sharing
        tiles = 1 + images * self._outputs * self._width // 2**17
        calls = 10 + 3 * self._taps * tiles
        return float(steps + self._taps * images * p.run + calls * p.call)

    def columns(self) -> float:
        """Unfold and multiply matrices."""
        p, exact = self._prices, self._problem.is_exact
        width = 2 if exact else self._width
        # All windows of a plane are copied at once.
        strided = any(a.stride > 1 for a in self._problem.axes)
        columns = self._n * self._g * self._c * self._taps * self._outputs
        summed = sums_rows(self._problem)
        rows = max(self._taps // self._problem.axes[-1].taps, 1) if summed else 1
        copied = columns / rows * p.copy if self._taps > 1 else 0
        made = self._n * self._g * self._o * self._outputs
        added = 2 * made * (rows - 1) * p.arithmetic
        unfolds = self._taps > 1 or strided or exact
        # Of one row or one column, matrices are multiplied by loops, not by blocks.
        thin, outer = self._o == 1, self._c * self._taps == 1
        product = p.outer_product if outer else p.thin_product if thin else p.product
        product *= 2 if self._problem.is_complex else 1
        packed = 0 if thin or outer else columns * (p.narrow_packed if summed else p.packed)
        multiplied = columns * self._o * product + packed + unfolds * made * p.copy + added
        tiles = 1 + columns * width // 2**19
        runs = self._n * self._g * (self._c * self._taps * p.copied_run + p.small_call)
        calls = tiles * (5 + self._planes) * p.call + runs
        calls += (5 + self._expansion * 8) * p.call
        turned = self._turned(tiles) if unfolds else 0
        return float(self._pairs() * (width * (copied + multiplied) + calls) + turned)

    def toeplitz(self) -> float:
        """Multiply blocks by the banded matrices, and add up what each makes."""
        p, banded = self._prices, Banded(self._problem)
        width = 2 if self._problem.is_exact else self._width
        kernels, rows = self._g * self._o, banded.rows
        made = self._n * kernels * self._outputs
        # Of several rows they are small, which complex numbers suit least.
        complexes = 3 if self._problem.is_complex else 1
        product = self._product if rows == 1 else p.small_product * complexes
        multiplied = made * (rows * banded.length * product + p.copy)
        added = made * rows * p.arithmetic  # once to see that all is finite
        # Made once, and read again for every so many blocks.
        again = 2 + banded.length / banded.outputs / 2
        matrix = kernels * rows * banded.outputs * banded.length * p.copy * again
        tiles = 1 + made * width // 2**18
        products = rows * self._g * -(-banded.length // banded.outputs)
        each = 12 + 3 * rows + (25 if self._problem.is_exact else 0)
        calls = (20 + each * tiles) * p.call + tiles * products * p.small_call
        work = width * (multiplied + added + matrix) + calls
        return float(self._pairs() * work + self._turned())

    def winograd(self) -> float:
        """Values of tiles and kernel, multiplied point by point."""
        p, work = self._prices, winograd_work(self._problem)
        read = work.parts * work.kernel * p.arithmetic  # the kernel's, by each part anew
        shared = work.values * p.value + work.products * self._product + read
        if threads_of(self._problem, "winograd") > 1:
            shared *= p.sharing
        calls = (20 * work.parts + 30) * p.call
        return float(self._width * (shared + work.kernel * p.value) + calls)

    def windows(self) -> float:
        """A matrix product for each sample of the output."""
        p, samples = self._prices, prod(a.unfolded for a in self._problem.axes)
        width = 2 if self._problem.is_exact else self._width
        last = [a.taps + a.reach for a in self._problem.axes[1:]]
        met = self._c * self._problem.axes[0].taps * prod(last)
        multiplied = samples * self._n * self._g * self._o * met * self._product
        laid = self._g * self._o * met * p.copy
        calls = samples * (8 + 4 * self._c) * p.call + 30 * p.call
        return float(self._pairs() * (width * (multiplied + laid) + calls) + self._turned())

    def overlap_save(self) -> float:
        """Transform blocks, multiply, transform back."""
        p, (axis,) = self._prices, self._problem.axes
        length = block_length(self._problem)
        blocks = axis.unfolded * axis.stride / (length - axis.reach)
        transforms = self._n * self._g * (1 + self._o) * max(blocks, 1) + self._g * self._o
        points = transforms * length * log2(max(length, 2)) * p.point * self._width
        if threads_of(self._problem, "overlap_add") > 1:
            points *= p.sharing
        return float(points + transforms * p.line + self._turned() + 70 * p.call)

    def beyond_cache(self) -> float:
        """Factor on a transform of all samples, where its steps reach ever farther in memory."""
        axes, exact = self._problem.axes, self._problem.is_exact
        if len(axes) > 1 and not exact:
            return 1.0
        samples = prod(max(a.size, a.taps) for a in axes) / 2 ** (15 if len(axes) > 1 else 13)
        return min(1 + log2(max(samples, 1)) / 4, 2)

    def lines(self) -> float:
        """What each line of a transform over several axes takes beside its points."""
        lengths = [a.unfolded + a.reach for a in self._problem.axes]
        each = sum(prod(lengths) / max(length, 1) for length in lengths)
        transforms = self._n * self._g * (self._c + self._o) + self._g * self._o * self._c
        return float(transforms * each * self._prices.line)

    def dots(self) -> float:
        """One dot product an output, each as long as the shorter operand."""
        p, axis = self._prices, self._problem.axes[0]
        few = min(axis.size, axis.taps)
        if self._problem.is_exact:
            return float(p.call + axis.unfolded * (p.integer_sum + few * p.integer_dot))
        if few <= _FEWEST and not self._problem.is_complex:
            return float(p.call + axis.unfolded * few * p.few_dots)
        dtype = sums_in(self._problem)
        each = p.dot * np.dtype(dtype).itemsize / 4 * (2 if self._problem.is_complex else 1)
        sums = p.dot_single if self._problem.is_complex or dtype == "float32" else p.dot_call
        return float(p.call + axis.unfolded * (sums + few * each))

    def table(self, products: int) -> float:
        """Every product looked up."""
        return 2 * self._prices.call + products * self._prices.entry

    @property
    def _product(self) -> float:
        return self._prices.product * (2 if self._problem.is_complex else 1)

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
