"""What NumPy's own engines would cost: their steps, each at a measured price."""

from math import prod

import numpy as np

from convcore_numpy._banded import Banded
from convcore_numpy._bands import rows_met
from convcore_numpy._columns import columns_threads, sums_rows
from convcore_numpy._dots import sums_in
from convcore_numpy._rows import pieces
from convcore_numpy._steps import Steps
from convcore_numpy._threads import threads_of
from convcore_numpy._winograd import winograd_work

__all__ = ["Costs"]

_LONG = 1.5  # times the price by width: no vector instruction multiplies such integers
_EVERY_OTHER = 1.5  # times the price of a copy of samples that lie side by side
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
        # Of one row or one column, matrices are multiplied by loops, not by blocks.
        thin, outer = self._o == 1, self._c * self._taps == 1
        plain = not (strided or exact or self._problem.is_complex)
        copy = p.thin_copy if thin and plain else p.copy
        copied = columns / rows * copy if self._taps > 1 else 0
        made = self._n * self._g * self._o * self._outputs
        added = 2 * made * (rows - 1) * p.arithmetic
        unfolds = self._taps > 1 or strided or exact
        product = p.outer_product if outer else p.thin_product if thin else p.product
        product *= 2 if self._problem.is_complex else 1
        packed = 0 if thin or outer else columns * (p.narrow_packed if summed else p.packed)
        multiplied = columns * self._o * product + packed + unfolds * made * p.copy + added
        tiles = 1 + columns * width // 2**20
        runs = self._n * self._g * (self._c * self._taps * p.copied_run + p.small_call)
        calls = tiles * (5 + self._planes) * p.call + runs
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

    def rows(self) -> float:
        """Columns of all axes but the first, and each row of outputs as products."""
        p, others = self._prices, prod(a.unfolded for a in self._problem.axes[1:])
        made = self._n * self._g * self._problem.axes[0].unfolded * others
        channels, outputs = pieces(self._problem)
        # Each product takes its columns in anew.
        taken = made * self._c * self._taps * -(-self._o // channels)
        multiplied = made * self._o * self._c * self._taps * p.small_product
        multiplied *= 2 if self._problem.is_complex else 1
        copied, calls = self._row_columns(self._c)
        work = copied + self._width * (multiplied + taken * p.packed)
        products = made / others * -(-others // outputs) * -(-self._o // channels)
        return self._over_threads("rows", work + products * p.small_call) + calls

    def bands(self) -> float:
        """Columns of all axes but the first, and rows of outputs as products."""
        p, (first, *others) = self._prices, self._problem.axes
        parts = 2 if self._problem.is_complex else 1
        made = self._n * self._g * first.unfolded * prod(a.unfolded for a in others) * self._width
        met = rows_met(first) * prod(a.taps for a in others) * parts
        # Of complex data, parts are laid beside each other first.
        copied, calls = self._row_columns(parts)
        work = parts * (copied + made * (met * p.small_product + p.arithmetic))
        return self._over_threads("bands", work) + calls

    def _row_columns(self, channels: int) -> tuple[float, float]:
        """Making such columns; and the calls."""
        p, (first, *others) = self._prices, self._problem.axes
        taps = prod(a.taps for a in others)
        rows = self._n * self._g * first.padded * channels * taps
        outs, last = prod(a.unfolded for a in others), others[-1]
        apart = _EVERY_OTHER if last.stride > 1 else 1
        copied = rows * outs * apart * p.far_copy * self._width
        # The more axes, the more loops there are around each run.
        copied += rows * outs / max(last.unfolded, 1) * p.copied_run * len(others)
        return copied, (45 + 2 * taps) * p.call

    def _over_threads(self, engine: str, work: float) -> float:
        """Of work that threads share, and that is bound by one memory."""
        shared = threads_of(self._problem, engine) > 1
        return float(work * self._prices.tap_sharing if shared else work)

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
