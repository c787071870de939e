"""What NumPy's own engines would cost: their steps, each at a measured price."""

from math import prod

import numpy as np

from convcore_numpy._banded import Banded
from convcore_numpy._columns import columns_threads, sums_rows
from convcore_numpy._dots import sums_in
from convcore_numpy._steps import Steps
from convcore_numpy._threads import MOST_ALONE
from convcore_numpy._winograd import winograd_work

__all__ = ["Costs"]

_LONG = 1.5  # times the price by width: no vector instruction multiplies such integers
_FEWEST = 11  # products of a sum, for which NumPy has loops of their own


class Costs(Steps):
    """Predicted seconds of each direct engine for one problem."""

    def taps(self) -> float:
        """Add up runs by taps."""
        p, images = self._prices, self._n * self._g * self._o
        parts = 2 if self._problem.is_complex else 1
        added = images * self._outputs * p.tap * self._width
        if self._problem.accumulator in ("int64", "uint64"):
            added *= _LONG
        flat = 0.5 if len(self._problem.axes) == 1 else 1  # one loop instead of two
        runs = images * (1 + self._outputs * self._width // 2**12) * p.run * flat
        tiles = 1 + images * self._outputs * self._width // 2**17
        work = self._taps * parts * (added + runs)
        work = self._over_threads("taps", work, p.tap_sharing)
        work += self._moved(p.copy * self._width * parts, tiles)
        halves = 2 if self._taps > 1 and not self._problem.is_complex else 1
        calls = 15 + self._expansion * (5 + 6 * self._planes * halves) * tiles
        return float(work + calls * p.call)

    def clipped_taps(self) -> float:
        """Multiply and add by taps, none of them beyond the data."""
        p, images = self._prices, self._n * self._g * self._o
        steps = 2 * self._taps * images * self._outputs * p.arithmetic * self._width
        steps = self._over_threads("taps", steps, p.tap_sharing)
        tiles = 1 + images * self._outputs * self._width // 2**17
        calls = 10 + 3 * self._taps * tiles
        return float(steps + self._taps * images * p.run + calls * p.call)

    def columns(self) -> float:
        """Unfold and multiply matrices."""
        p, exact = self._prices, self._problem.is_exact
        width = 2 if exact else self._width
        # All windows of a plane are copied at once.
        strided = any(a.stride > 1 for a in self._problem.axes)
        outputs = self._outputs * self._phases / self._expansion
        columns = self._n * self._g * self._c * self._taps * outputs
        summed = sums_rows(self._problem)
        rows = max(self._taps // self._problem.axes[-1].taps, 1) if summed else 1
        # Of one row or one column, matrices are multiplied by loops, not by blocks.
        thin, outer = self._o == 1, self._c * self._taps == 1
        plain = not (strided or exact or self._problem.is_complex)
        copy = p.thin_copy if thin and plain else p.copy
        copied = columns / rows * copy if self._taps > 1 else 0
        made = self._n * self._g * self._o * outputs
        added = 2 * made * (rows - 1) * p.arithmetic
        unfolds = self._taps > 1 or strided or exact
        product = p.outer_product if outer else p.thin_product if thin else p.product
        product *= 2 if self._problem.is_complex else 1
        packed = 0 if thin or outer else columns * p.packed
        written = p.apart_copy if self._expansion > 1 else p.copy if unfolds else 0
        multiplied = columns * self._o * product + packed + made * written + added
        tiles = 1 + columns * width // 2**20
        # Each tile's product takes the kernel in anew.
        multiplied += tiles * self._g * self._o * self._c * self._taps * p.far_copy
        runs = self._n * self._g * (self._c * self._taps * p.copied_run + p.small_call)
        calls = tiles * (5 + self._planes) * p.call + runs
        if columns * self._o > tiles * MOST_ALONE:
            calls += tiles * p.blas_wake
        calls += (5 + self._expansion * 8) * p.call
        turned = self._turned(tiles) if unfolds else 0
        work = self._pairs() * (width * (copied + multiplied) + calls) + turned
        return float(work * p.sharing if columns_threads(self._problem) > 1 else work)

    def toeplitz(self) -> float:
        """Multiply blocks by the banded matrices, and add up what each makes."""
        p, banded = self._prices, Banded(self._problem)
        width = 2 if self._problem.is_exact else self._width
        kernels, rows = self._g * self._o, banded.rows
        made = self._n * kernels * self._outputs
        # Of several rows they are small, which complex numbers suit least.
        complexes = (3 if rows > 1 else 2) if self._problem.is_complex else 1
        product = (p.small_product if rows > 1 else p.banded_product) * complexes
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
        shared = self._over_threads("winograd", self._width * shared, p.sharing)
        calls = (20 * work.parts + 30) * p.call
        return float(shared + self._width * work.kernel * p.value + calls)

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
