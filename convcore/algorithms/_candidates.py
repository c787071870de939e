"""The portable engines by name, and what each would cost."""

from dataclasses import dataclass, replace
from math import log2, prod

from convcore._axis import Axis
from convcore._backend import Accuracy, Candidate
from convcore._dtypes import DTYPES
from convcore._errors import MethodError
from convcore._problem import ConvProblem
from convcore._typing import Namespace, Run
from convcore.algorithms._direct import clipped_taps, matmul, taps
from convcore.algorithms._engine import Engine
from convcore.algorithms._fft import FFT_CONSTANT, block_tiling, fft, has_fft, overlap_add
from convcore.algorithms._frame import exchanged, frame
from convcore.algorithms._limbs import Limbs
from convcore.algorithms._spectrum import Circle, fast_length
from convcore.algorithms._toeplitz import block_outputs, takes_toeplitz, toeplitz

__all__ = ["Rates", "candidates", "lower"]

_ENGINES: dict[str, Engine] = {
    "taps": taps,
    "matmul": matmul,
    "toeplitz": toeplitz,
    "fft": fft,
    "overlap_add": overlap_add,
}
# For a kernel longer than the data: a product per sample, blocks of the kernel.
_EXCHANGED: dict[str, Engine] = {"taps": clipped_taps, "overlap_add": overlap_add}


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
    """

    call: float = 2e-6
    tap: float = 1.2e-9
    product: float = 5e-11
    integer_product: float = 1e-9
    column: float = 1e-9
    point: float = 1.5e-9
    rows: float = 1.0


def candidates(
    problem: ConvProblem, xp: Namespace, rates: Rates | None = None
) -> tuple[Candidate, ...]:
    """The portable engines that can run a problem in a namespace, with predicted costs.

    Parameters
    ----------
    problem : ConvProblem
    xp : namespace
    rates : Rates, optional
        What the library's operations cost.
    """
    cost = _Cost(problem, rates or Rates())
    swapped = _Cost(problem.exchange(), cost.rates) if problem.prefers_exchange else cost
    direct = Accuracy("exact" if problem.is_exact else "componentwise")
    found = [
        Candidate("taps", "direct", direct, swapped.taps(), cost.tile(), "a product per tap"),
        Candidate("matmul", "direct", direct, cost.matmul(), cost.tile(), "windows as columns"),
    ]
    if takes_toeplitz(problem):
        # Its method is "auto": a NaN spreads over its block, which `direct` promises not to happen.
        seconds, why = cost.toeplitz(), "blocks times a banded matrix"
        found.append(Candidate("toeplitz", "auto", direct, seconds, cost.tile(), why))
    if problem.axes and has_fft(xp) and _is_transformable(problem):
        normwise = direct if problem.is_exact else Accuracy("normwise", FFT_CONSTANT)
        found += [
            Candidate("fft", "fft", normwise, cost.fft(), cost.whole(), "spectra multiplied"),
            Candidate(
                "overlap_add",
                "overlap_add",
                normwise,
                swapped.blocks(),
                cost.tile(),
                "spectra of blocks",
            ),
        ]
    return tuple(found)


def _is_transformable(problem: ConvProblem) -> bool:
    """Whether the transforms lower: for integers, whether some split is proven exact."""
    if problem.size("ngoc") == 0:
        return False
    if not problem.is_exact:
        return True
    # As long as it can get, where a boundary is made explicit.
    axes = tuple(a.extended() if problem.is_extended else a for a in problem.axes)
    lengths = tuple(fast_length(max(a.expanded + a.reach, 1)) for a in axes)
    return Limbs.proven(replace(problem, axes=axes), lengths, FFT_CONSTANT) is not None


def lower(problem: ConvProblem, engine: str, xp: Namespace) -> Run:
    """Lower a problem to one of the portable engines.

    Raises
    ------
    MethodError
        For the name of none.
    """
    if engine not in _ENGINES:
        raise MethodError(f"engine={engine!r} is none of {', '.join(map(repr, _ENGINES))}")
    if problem.prefers_exchange and engine in _EXCHANGED:
        return exchanged(problem, _EXCHANGED[engine], xp)
    return frame(problem, _ENGINES[engine], xp)


@dataclass(frozen=True, slots=True)
class _Cost:
    """Predicted seconds and bytes of each engine for one problem."""

    problem: ConvProblem
    rates: Rates

    @property
    def _itemsize(self) -> int:
        return DTYPES[self.problem.accumulator].bits // 8

    @property
    def _outputs(self) -> int:
        return int(prod(a.unfolded for a in self.problem.axes))

    @property
    def _product(self) -> float:
        if self.problem.is_exact:
            return self.rates.integer_product
        return self.rates.product * (self._itemsize / 4) * (2 if self.problem.is_complex else 1)

    def _calls(self, per_tile: float, bytes_per_output: float) -> float:
        tiles = 1 + self._outputs * self.problem.size("n") * bytes_per_output // 2**23
        return float(per_tile * tiles * self.rates.call)

    @property
    def _pass(self) -> float:
        return self.rates.tap * self._itemsize / 4

    def taps(self) -> float:
        p = self.problem
        count = prod(a.taps for a in p.axes)
        if p.size("c") == 1:
            work = p.multiplications * self._pass
        else:  # each tap's view is copied for its matrix product
            work = p.multiplications * self._product
            work += p.size("ngc") * self._outputs * count * self.rates.column
        adding = p.size("ngo") * self._outputs * count * self._pass
        return float(self._calls(3 * count, 3 * self._itemsize * p.size("go")) + work + adding)

    def matmul(self) -> float:
        p = self.problem
        columns = p.size("ng") * p.terms * self._outputs * self.rates.column * self._itemsize / 4
        count = prod(a.taps for a in p.axes)
        calls = self._calls(count + 4, self._itemsize * p.size("g") * p.terms)
        return float(calls + columns + p.multiplications * self._product)

    def toeplitz(self) -> float:
        p, outputs = self.problem, block_outputs(self.problem)
        length = outputs + p.axes[0].taps - 1
        products = p.size("ngo") * self._outputs * length * self._product
        copied = p.size("ng") * self._outputs * length / outputs + p.size("go") * outputs * length
        moved = (copied + p.size("ngo") * self._outputs) * self.rates.column * self._itemsize / 4
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

    def _transforms(self, length: int, blocks: int) -> float:
        p = self.problem
        # Limbs have some 15 bits.
        split = -(-8 * self._itemsize // 15) if p.is_exact else 1
        transforms = blocks * (p.size("ngc") + p.size("ngo")) + p.size("goc")
        width = 1 if p.is_exact else self._itemsize / 8
        many = len(p.axes) > 1 or p.size("ngc") > 1
        point = self.rates.point * (self.rates.rows if many else 1)
        points = transforms * length * split * width
        transforming = points * log2(max(length, 2)) * point
        multiplying = blocks * length * split**2 * self._spectral_products
        calls = (60 + 20 * blocks) * split * self.rates.call
        return float(transforming + multiplying + calls)

    @property
    def _spectral_products(self) -> float:
        """At one frequency: one by one, or of many channels a complex matrix product."""
        p, products = self.problem, self.problem.size("ngoc")
        if p.size("c") == 1:
            return float(2 * products * self._pass)
        turned = p.size("ngc") + p.size("goc") + p.size("ngo")
        width = self._itemsize / 4
        return float((2 * products * self.rates.product + turned * self.rates.column) * width)

    def tile(self) -> float:
        """A tile, and the parts of the output before they are joined."""
        return float(2**24 + self.problem.size("ngo") * self._outputs * self._itemsize)

    def whole(self) -> float:
        p = self.problem
        length = prod(map(_length, p.axes))
        return float(3 * self._itemsize * length * (p.size("ngc") + p.size("ngo")))


def _length(axis: Axis) -> int:
    """Of a transform that has all of an axis."""
    if axis.expansion > 1 or axis.boundary != "constant":
        return fast_length(axis.expanded + axis.reach)
    return Circle.of(axis.window(0, axis.unfolded).axis).length
