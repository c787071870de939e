"""Which engines can run a problem on a platform."""

from math import prod

from convcore import algorithms
from convcore.plugins import DTYPES, Accuracy, Candidate, ConvProblem
from convcore_jax._blocks import block_work, takes_toeplitz
from convcore_jax._costs import Costs
from convcore_jax._direct import MOST_UNROLLED
from convcore_jax._namespace import namespace
from convcore_jax._native import takes_native
from convcore_jax._prices import PRICES
from convcore_jax._problems import is_symbolic, real_part

__all__ = ["PLATFORMS", "offered"]

PLATFORMS = ("cpu", "gpu", "tpu")
# On TPUs a long kernel's native convolution takes half a second to compile for each tap.
_MOST_TPU_TAPS = 64
_MOST_COLUMNS = 2**28  # bytes


def offered(problem: ConvProblem, platform: str, wide: bool) -> tuple[Candidate, ...]:
    """The engines of a platform.

    Parameters
    ----------
    wide : bool
        Whether there are 64-bit numbers.
    """
    if is_symbolic(problem):
        return _unpriced(problem, platform)
    return _Offer(problem, platform, wide).candidates()


def _unpriced(problem: ConvProblem, platform: str) -> tuple[Candidate, ...]:
    """The engines whose programs do for any size; symbolic costs cannot be compared."""
    exactly = Accuracy("exact" if problem.is_exact else "componentwise")
    single = problem.size("c") == 1
    native = _native(problem, platform, 1.5) if takes_native(problem, platform) else []
    taps = Candidate("taps", "direct", exactly, 1, 0, "for any size") if single else None
    dots = Candidate("dots", "direct", exactly, 2, 0, "for any size")
    return (*native, dots) if taps is None else (*native, dots, taps)


def _native(problem: ConvProblem, platform: str, seconds: float) -> list[Candidate]:
    """XLA's own convolution; on CPUs it sums every output's own products, as `direct` wants it."""
    why = "one convolution of XLA"
    if problem.is_exact:
        return [Candidate("native", "native", Accuracy("exact"), seconds, 0, why)]
    if platform != "cpu":  # cuDNN may choose Winograd's algorithm or a transform
        normwise = Accuracy("normwise", algorithms.FFT_CONSTANT)
        accuracy = normwise if problem.precision == "ieee" else Accuracy("none")
        return [Candidate("native", "native", accuracy, seconds, 0, why)]
    found = [Candidate("native", "native", Accuracy("componentwise"), seconds, 0, why)]
    if all(axis.expansion == 1 for axis in problem.axes):
        # Zeros between the data would meet an infinite kernel.
        found.append(Candidate("eigen", "direct", Accuracy("componentwise"), seconds, 0, why))
    return found


class _Offer:
    """The candidates of one problem on one platform."""

    def __init__(self, problem: ConvProblem, platform: str, wide: bool) -> None:
        self._problem, self._platform, self._wide = problem, platform, wide
        self._prices = PRICES.get(platform, PRICES["gpu"])
        self._costs = Costs(problem, self._prices)

    def candidates(self) -> tuple[Candidate, ...]:
        return (*self._direct(), *self._native(), *self._toeplitz(), *self._transforms())

    @property
    def _exactly(self) -> Accuracy:
        return Accuracy("exact" if self._problem.is_exact else "componentwise")

    @property
    def _is_wide_integer_on_tpu(self) -> bool:
        """Whether XLA has no products of matrices for these numbers."""
        p = self._problem
        return self._platform == "tpu" and p.is_exact and DTYPES[p.accumulator].bits == 64

    def _direct(self) -> list[Candidate]:
        p, costs, found = self._problem, self._costs, []
        if p.size("c") <= 16 or self._is_wide_integer_on_tpu:
            why = "scaled views in one fused loop"
            found.append(Candidate("taps", "direct", self._exactly, costs.taps(), 0, why))
        if self._is_wide_integer_on_tpu:
            return found
        why = "a product of matrices per tap"
        found.append(Candidate("dots", "direct", self._exactly, costs.dots(), 0, why))
        unfolded = costs.unfolded_bytes
        if unfolded <= _MOST_COLUMNS and prod(a.taps for a in p.axes) <= MOST_UNROLLED:
            why, seconds = "windows as columns", costs.columns()
            found.append(Candidate("columns", "direct", self._exactly, seconds, unfolded, why))
        return found

    def _native(self) -> list[Candidate]:
        p = self._problem
        if not takes_native(p, self._platform):
            return []
        if self._platform == "tpu" and max(a.taps for a in p.axes) > _MOST_TPU_TAPS:
            return []
        return _native(p, self._platform, self._costs.native())

    def _toeplitz(self) -> list[Candidate]:
        p, costs = self._problem, self._costs
        if not takes_toeplitz(p) or self._is_wide_integer_on_tpu:
            return []
        # A NaN would spread over its block, which only integers can promise not to happen.
        method, why = "direct" if p.is_exact else "auto", "blocks times a banded matrix"
        size, seconds = costs.banded_bytes, costs.toeplitz()
        return [Candidate("toeplitz", method, self._exactly, seconds, size, why)]

    def _transforms(self) -> list[Candidate]:
        p = self._problem
        # Integers need float64 and a transform that is known; XLA's on CPUs is Ducc's.
        if p.is_exact and not (self._wide and self._platform == "cpu"):
            return []
        if self._platform == "tpu" and real_part(p) == "float64":
            return []
        portable = algorithms.candidates(p, namespace(), self._prices.rates)
        by_name = {c.name: c for c in portable if c.name in ("fft", "overlap_add")}
        if not by_name:
            return []
        whole, blocks = by_name["fft"], by_name["overlap_add"]
        work = block_work(p, power_of_two=self._platform == "tpu")
        seconds = whole.seconds * work + self._prices.call
        return [whole, blocks._replace(seconds=seconds, why="spectra of all blocks at once")]
