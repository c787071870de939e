"""What each of the portable engines would cost a library."""

from dataclasses import dataclass
from math import log2, prod

from convcore._axis import Axis
from convcore._dtypes import DTYPES
from convcore._problem import ConvProblem
from convcore.algorithms._fft import block_tiling
from convcore.algorithms._spectrum import Circle, fast_length
from convcore.algorithms._toeplitz import block_outputs

__all__ = ["Cost", "Rates"]

_PAD_CALLS = 3  # for each axis of each phase
_JOIN_CALLS = 3.5  # for each axis of each phase
_FAR = 2  # copies of neighbours that one sample far from its own costs


@dataclass(frozen=True, slots=True)
class Rates:
    """Measured costs of a library, in seconds.

    Attributes
    ----------
    call : float
        One library call.
    tap : float
        One pass over whole arrays of four-byte elements, an element.
    product : float
        One multiplication in a matrix product of floats.
    integer_product : float
        The same for integers.
    column : float
        Copying one element of four bytes into a column.
    point : float
        One point of a transform of float64, per unit of log2 of its length.
    rows : float
        Factor on that where a transform has many rows (threads, caches).
    complexes : float
        Factor on that of complex numbers, which a library may transform as fast as real ones.
    matrix : float
        One product of small matrices among many.
    """

    call: float = 2e-6
    tap: float = 1.2e-9
    product: float = 5e-11
    integer_product: float = 1e-9
    column: float = 1e-9
    point: float = 1.5e-9
    rows: float = 1.0
    complexes: float = 1.0
    matrix: float = 5e-8


@dataclass(frozen=True, slots=True)
class Cost:
    """Predicted seconds and bytes of each engine for one problem."""

    problem: ConvProblem
    rates: Rates

    def taps(self) -> float:
        p = self.problem
        count = prod(a.taps for a in p.axes)
        if p.size("c") == 1:
            work = p.multiplications * self._pass
            work += self._windows() if self._are_apart else 0  # read as slowly as copied
        else:  # each tap's view is copied for its matrix product
            work = p.multiplications * self._product
            as_they_lie = all(a.taps <= a.expansion and a.stride == 1 for a in p.axes)
            work += 0 if as_they_lie else self._windows()
        adding = p.size("ngo") * self._outputs * count / self._expansion * self._pass
        calls = self._calls(2 * count + 4, 3 * self._itemsize * p.size("go"))
        return float(calls + work + adding)

    def matmul(self) -> float:
        p = self.problem
        count = prod(a.taps for a in p.axes)
        calls = self._calls(count / 2 + 4, self._itemsize * p.size("g") * p.terms)
        return float(calls + self._windows() + p.multiplications * self._product)

    def toeplitz(self) -> float:
        p, outputs = self.problem, block_outputs(self.problem)
        length = outputs + p.axes[0].taps - 1
        products = p.size("ngo") * self._outputs * length * self._product
        copied = p.size("ng") * self._outputs * length / outputs + p.size("go") * outputs * length
        moved = (copied + p.size("ngo") * self._outputs) * self._copy
        calls = self._calls(12, self._itemsize * p.size("go") * (1 + length / outputs) * 8)
        return float(calls + products + moved)

    def fft(self) -> float:
        return self._transforms(prod(map(_length, self.problem.axes)), 1)

    def blocks(self) -> float:
        p, tiling = self.problem, block_tiling(self.problem)
        axis = p.axes[tiling.along]
        blocks = -(-axis.unfolded // tiling.outputs)
        one = fast_length((tiling.outputs - 1) * axis.stride + axis.reach + 1)
        others = prod(_length(a) for i, a in enumerate(p.axes) if i != tiling.along)
        return self._transforms(min(one, _length(axis)) * others, blocks)

    def tile(self) -> float:
        """A tile, and the parts of the output before they are joined."""
        return float(2**24 + self.problem.size("ngo") * self._outputs * self._itemsize)

    def whole(self) -> float:
        p = self.problem
        length = prod(map(_length, p.axes))
        return float(3 * self._itemsize * length * (p.size("ngc") + p.size("ngo")))

    @property
    def _itemsize(self) -> int:
        return DTYPES[self.problem.accumulator].bits // 8

    @property
    def _outputs(self) -> int:
        return int(prod(a.unfolded for a in self.problem.axes))

    @property
    def _expansion(self) -> int:
        """Of so many taps an output meets one."""
        return int(prod(a.expansion for a in self.problem.axes))

    @property
    def _product(self) -> float:
        if self.problem.is_exact:
            return self.rates.integer_product
        return self.rates.product * (self._itemsize / 4) * (2 if self.problem.is_complex else 1)

    def _calls(self, per_tile: float, bytes_per_output: float) -> float:
        """Seconds of the calls, and of joining the phases of an expansion, each a problem."""
        p = self.problem
        tiles = 1 + self._outputs * p.size("n") * bytes_per_output // (self._expansion * 2**23)
        pads, joins = self._pads_and_joins()
        per_tile += _PAD_CALLS * pads + _JOIN_CALLS * joins
        calls = per_tile * tiles * self.rates.call
        # They are joined axis by axis.
        joined = p.size("ngo") * self._outputs * sum(a.expansion > 1 for a in p.axes)
        return float(calls + joined * self._copy)

    def _pads_and_joins(self) -> tuple[int, int]:
        """How many axes are padded, and joined from their phases, of all phases together."""
        axes = self.problem.axes
        # A phase that no tap meets is zeros.
        phases = [[phase.axis for phase in a.phases() if phase.axis.taps > 0] for a in axes]
        padded = [sum(a.lo != 0 or a.hi != 0 for a in one) for one in phases]
        counts = [len(one) for one in phases]
        pads = sum(n * prod(counts[:i] + counts[i + 1 :]) for i, n in enumerate(padded))
        joins = sum(prod(counts[:i]) for i, axis in enumerate(axes) if axis.expansion > 1)
        return pads, joins

    @property
    def _pass(self) -> float:
        return self.rates.tap * self._itemsize / 4

    @property
    def _copy(self) -> float:
        """Seconds of copying one element into a column."""
        return self.rates.column * self._itemsize / 4

    def _windows(self) -> float:
        """Seconds of copying all windows."""
        p = self.problem
        met = p.size("ngc") * self._outputs * prod(a.taps / a.expansion for a in p.axes)
        return float(met * self._copy * (_FAR if self._are_apart else 1))

    @property
    def _are_apart(self) -> bool:
        """Whether the samples that a tap meets do not lie one after the other."""
        return bool(self.problem.axes) and self.problem.axes[-1].stride > 1

    def _transforms(self, length: int, blocks: int) -> float:
        p = self.problem
        # Limbs have some 15 bits.
        split = -(-8 * self._itemsize // 15) if p.is_exact else 1
        transforms = blocks * (p.size("ngc") + p.size("ngo")) + p.size("goc")
        width = 1 if p.is_exact else self._itemsize / 8
        many = len(p.axes) > 1 or p.size("ngc") > 1
        point = self.rates.point * (self.rates.rows if many else 1)
        point *= self.rates.complexes if p.is_complex else 1
        points = transforms * length * split * width
        transforming = points * log2(max(length, 2)) * point
        multiplying = blocks * length * split**2 * self._spectral_products
        calls = (16 + 8 * blocks) * split * self.rates.call
        return float(transforming + multiplying + calls)

    @property
    def _spectral_products(self) -> float:
        """At one frequency: one by one, or of many channels a complex matrix product."""
        p, products = self.problem, self.problem.size("ngoc")
        if p.size("c") == 1:
            return float(2 * products * self._pass)
        turned = p.size("ngc") + p.size("goc") + p.size("ngo")
        width = self._itemsize / 4
        each = p.size("g") * self.rates.matrix + 2 * products * self.rates.product * width
        return float(each + turned * self.rates.column * width)


def _length(axis: Axis) -> int:
    """Of a transform that has all of an axis."""
    if axis.expansion > 1 or axis.boundary != "constant":
        return fast_length(axis.expanded + axis.reach)
    return Circle.of(axis.window(0, axis.unfolded).axis).length
