"""What each engine but the transforms is predicted to cost on a platform."""

from math import prod

from convcore.plugins import DTYPES, ConvProblem
from convcore_jax._blocks import toeplitz_hop
from convcore_jax._direct import MOST_UNROLLED, UNROLLED
from convcore_jax._prices import Prices

__all__ = ["Costs"]

_SHARED = 30_000  # products, from which on a loop is surely shared
_KEPT_BYTES = 2**25  # up to which an allocator gives out again what it has


class Costs:
    """Seconds of the engines for one problem; elements are counted as if of four bytes."""

    def __init__(self, problem: ConvProblem, prices: Prices) -> None:
        self._problem, self._prices = problem, prices
        self._width = DTYPES[problem.accumulator].bits / 32
        self._taps = prod(a.taps for a in problem.axes)
        self._phases = prod(a.expansion for a in problem.axes)
        space = prod(a.unfolded for a in problem.axes)
        self._outputs = problem.size("ngo") * space
        self._data = problem.size("ngc") * prod(a.size for a in problem.axes)
        self._views = problem.size("ngc") * space * self._taps / self._phases

    @property
    def unfolded_bytes(self) -> float:
        """Bytes of the samples in all windows."""
        return float(4 * self._views * self._width)

    def taps(self) -> float:
        """Scaled views, one for each channel and tap, in one loop."""
        terms = self._taps * max(self._problem.size("c"), 1)
        loops = self._fused(terms, self._prices.strided)
        if self._phases > 1 and terms > UNROLLED * self._phases:
            loops *= self._prices.phased
        return float(loops + self._joining)

    def dots(self) -> float:
        """A product of matrices for each tap."""
        price = self._prices
        if self._problem.size("c") == 1:  # XLA makes products of single numbers of them
            calls = self._taps * price.product_call / UNROLLED
            return float(self._fused(self._taps, 1) + calls + self._joining)
        viewed = 0.0 if self._lies and self._problem.size("n") == 1 else self._views * price.viewed
        added = self._outputs * self._taps / self._phases * price.moved
        calls = price.call + self._taps * price.product_call
        return float(calls + (viewed + added) * self._width + self._mixing + self._joining)

    def columns(self) -> float:
        """Windows as columns, for one product of matrices."""
        price = self._prices
        unfolded = 0.0 if self._lies else self._views * price.unfolded
        moved = (unfolded + self._outputs * price.moved) * self._width
        # XLA asks for all that it needs in between as one.
        held = self.unfolded_bytes + 4 * self._width * (self._data + self._outputs)
        if unfolded and held > _KEPT_BYTES:
            moved += held * price.fresh
        return float(price.call + price.columns_call + moved + self._mixing + self._joining)

    def toeplitz(self) -> float:
        """Blocks of the data times a banded matrix."""
        price, (axis,) = self._prices, self._problem.axes
        hop = toeplitz_hop(axis)
        zeros = (hop + axis.taps - 1) / axis.taps  # of which the matrix has so many more
        moved = self.banded_bytes / 4 * price.moved
        return float(price.call + price.columns_call + self._mixing * zeros + moved)

    @property
    def banded_bytes(self) -> float:
        """Bytes of the blocks, of the banded matrix, and of the result."""
        p, (axis,) = self._problem, self._problem.axes
        hop = toeplitz_hop(axis)
        frames = p.size("ngc") * axis.unfolded * (hop + axis.taps) / hop
        matrix = p.size("goc") * hop * (hop + axis.taps)
        return float(4 * (frames + matrix + self._outputs) * self._width)

    def native(self) -> float:
        """XLA's own convolution, which multiplies the zeros of an expansion too."""
        price, p = self._prices, self._problem
        turned = (self._data + 2 * p.size("goc") * self._taps) * price.turned
        made = self._outputs * price.made
        return float(price.call + price.native_call + turned + made + self._convolving())

    def _convolving(self) -> float:
        price, p = self._prices, self._problem
        parts = 2 if p.is_complex else 1
        met, outs = self._views * self._phases * parts, p.size("o")
        if len(p.axes) == 3 and price.looped > 0:
            return float(met * (price.looped + price.looped_pixel / max(p.size("c"), 1)))
        products = met * outs * parts
        if p.size("g") > 1:
            return float(products * price.grouped / max(p.size("co"), 1) ** 0.65)
        windows = met / max(p.size("c"), 1) / parts
        return float(products * price.native + windows * price.window)

    def _fused(self, terms: int, strided: float) -> float:
        """One loop over all products, slower by a factor where its loads fill no vectors.

        Of many terms only some are written out; then each step passes over the sums.
        """
        price, p = self._prices, self._problem
        products = p.multiplications * self._width * (3 if p.is_complex else 1)
        if any(a.stride > 1 for a in p.axes):
            products *= strided
        steps = terms // UNROLLED if terms > MOST_UNROLLED else 0
        if steps:
            products *= price.stepped
        passes = steps * (2 * price.call + self._outputs * self._width * price.moved)
        shared = price.shared * min(products / _SHARED, 1)
        return float(price.call + shared + products * price.tap + passes)

    @property
    def _mixing(self) -> float:
        """All products, as one of matrices."""
        price, p = self._prices, self._problem
        each = price.mixed_integer if p.is_exact else price.mixed * (2 if p.is_complex else 1)
        return float(p.multiplications * each * self._width)

    @property
    def _joining(self) -> float:
        """Bringing the phases of an expansion together."""
        if self._phases == 1:
            return 0.0
        written = self._outputs * self._width * self._prices.joined
        return float(self._phases * self._prices.product_call + written)

    @property
    def _lies(self) -> bool:
        """Whether every phase has one tap, which meets the data as they lie."""
        return all(a.taps <= a.expansion and a.stride == 1 for a in self._problem.axes)
