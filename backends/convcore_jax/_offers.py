"""Which engines can run a problem on a platform."""

from math import prod

from convcore import algorithms
from convcore.algorithms import Rates
from convcore.plugins import DTYPES, Accuracy, Candidate, ConvProblem
from convcore_jax._blocks import block_work, takes_toeplitz
from convcore_jax._columns import MOST_VIEWS, tile_bytes
from convcore_jax._counts import banded_counts, counts, unfolded_bytes
from convcore_jax._namespace import namespace
from convcore_jax._native import takes_native
from convcore_jax._prices import PRICES, Line, priced
from convcore_jax._problems import is_symbolic, real_part

__all__ = ["PLATFORMS", "offered"]

PLATFORMS = ("cpu", "gpu", "tpu")
# On TPUs a long kernel's native convolution takes half a second to compile for each tap.
_MOST_TPU_TAPS = 64


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
    native = _native(problem, platform, 1.5) if takes_native(problem, platform) else []
    name, seconds = ("taps", 1) if problem.size("c") == 1 else ("dots", 2)
    return (*native, Candidate(name, "direct", exactly, seconds, 0, "for any size"))


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
        self._counts = counts(problem, platform)

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

    def _seconds(self, line: Line) -> float:
        return priced(line, self._counts)

    def _direct(self) -> list[Candidate]:
        p, prices, found = self._problem, self._prices, []
        if p.size("c") <= 16 or self._is_wide_integer_on_tpu:
            why, seconds = "scaled views in one fused loop", self._seconds(prices.taps)
            found.append(Candidate("taps", "direct", self._exactly, seconds, 0, why))
        if self._is_wide_integer_on_tpu:
            return found
        tap_count = prod(a.taps for a in p.axes)
        if self._sums_products(tap_count):
            why, seconds = "a product of matrices per tap", self._seconds(prices.dots)
            found.append(Candidate("dots", "direct", self._exactly, seconds, 0, why))
        if tap_count <= MOST_VIEWS:
            why, seconds = "windows as columns", self._seconds(prices.columns)
            size = min(unfolded_bytes(p), tile_bytes(self._platform))
            found.append(Candidate("columns", "direct", self._exactly, seconds, size, why))
        return found

    def _sums_products(self, tap_count: int) -> bool:
        """Whether to offer products for each tap.

        Of a single channel they would be the loop over taps, of a single tap its own columns. On
        CPUs no counts tell where they beat columns: of 566 problems that both serve they were the
        fastest on 37, and chosen for two.
        """
        if self._problem.size("c") == 1 or tap_count == 1:
            return False
        return self._platform != "cpu" or tap_count > MOST_VIEWS

    def _native(self) -> list[Candidate]:
        p = self._problem
        if not takes_native(p, self._platform):
            return []
        if self._platform == "tpu" and max(a.taps for a in p.axes) > _MOST_TPU_TAPS:
            return []
        return _native(p, self._platform, self._seconds(self._own_line()))

    def _own_line(self) -> Line:
        """What XLA makes of its own convolution: of one tap, what convcore would."""
        p, prices = self._problem, self._prices
        one = all(axis.taps == 1 for axis in p.axes)
        if len(p.axes) == 3 and not one:
            return prices.volume
        if p.size("g") > 1:
            plain = one and p.size("c") == 1 and all(a.stride == 1 for a in p.axes)
            return prices.taps if plain else prices.grouped
        return prices.native

    def _toeplitz(self) -> list[Candidate]:
        p = self._problem
        if not takes_toeplitz(p) or self._is_wide_integer_on_tpu:
            return []
        # A NaN would spread over its block, which only integers can promise not to happen.
        method, why = "direct" if p.is_exact else "auto", "blocks times a banded matrix"
        banded = banded_counts(p, self._platform)
        seconds, size = priced(self._prices.toeplitz, banded), 4 * banded["banded"]
        return [Candidate("toeplitz", method, self._exactly, seconds, size, why)]

    def _transforms(self) -> list[Candidate]:
        p = self._problem
        # Integers need float64 and a transform that is known; XLA's on CPUs is Ducc's.
        if p.is_exact and not (self._wide and self._platform == "cpu"):
            return []
        if self._platform == "tpu" and real_part(p) == "float64":
            return []
        prices = self._prices
        whole, one = (self._portable(rates) for rates in (prices.fft, prices.blocks))
        if not whole:
            return []
        work = block_work(p, power_of_two=self._platform == "tpu")
        seconds = one["fft"].seconds * work + prices.program
        why = "spectra of all blocks at once"
        return [
            whole["fft"]._replace(seconds=whole["fft"].seconds + prices.program),
            whole["overlap_add"]._replace(seconds=seconds, why=why),
        ]

    def _portable(self, rates: Rates) -> dict[str, Candidate]:
        found = algorithms.candidates(self._problem, namespace(), rates)
        return {c.name: c for c in found if c.name in ("fft", "overlap_add")}
