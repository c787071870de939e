"""Which engines can run a problem on a platform, and what each would cost there."""

from dataclasses import dataclass, replace
from math import prod

from convcore import algorithms
from convcore.algorithms import Rates
from convcore.plugins import DTYPES, Accuracy, Candidate, ConvProblem
from convcore_jax._blocks import takes_toeplitz, toeplitz_hop
from convcore_jax._direct import MOST_UNROLLED
from convcore_jax._namespace import namespace
from convcore_jax._native import takes_native
from convcore_jax._problems import is_symbolic, real_part

__all__ = ["PLATFORMS", "offered"]

PLATFORMS = ("cpu", "gpu", "tpu")


@dataclass(frozen=True, slots=True)
class _Costs:
    """Seconds of a platform's operations; `rates` are those of its transforms.

    Attributes
    ----------
    call : float
        One operation.
    tap : float
        One product in a fused loop over four-byte elements.
    mixed : float
        One product of matrices of floats of four bytes.
    mixed_integer : float
        The same of integers.
    moved : float
        One element unfolded or passed over.
    native, window, turned : float
        One product of XLA's own convolution, the least time for one tap of one output, and one
        element of an operand brought into its layout.
    """

    call: float
    tap: float
    mixed: float
    mixed_integer: float
    moved: float
    native: float
    window: float
    turned: float
    rates: Rates


# Measured on two cores of an x86 machine, over layers of 4 to 512 channels and 1 to 25 taps; what
# matters is their ratio to each other.
_CPU = _Costs(
    call=1e-5,
    tap=5e-11,
    mixed=1.4e-11,
    mixed_integer=2.5e-10,
    moved=6e-10,
    native=1.5e-11,
    window=3.8e-9,
    turned=1e-9,
    rates=Rates(call=1e-6, tap=4e-10, point=6e-10),
)
# Not measured: launches of some microseconds, memory of about 1 TB/s, 20 Tflop/s.
_GPU = _Costs(
    call=4e-6,
    tap=1e-12,
    mixed=1e-13,
    mixed_integer=1e-12,
    moved=8e-12,
    native=1e-13,
    window=2e-12,
    turned=8e-12,
    rates=Rates(call=4e-6, tap=8e-12, point=5e-13),
)
_TPU = replace(_GPU, rates=Rates(call=4e-6, tap=8e-12, point=1e-9))
_COSTS = {"cpu": _CPU, "tpu": _TPU}
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
        self._costs = _COSTS.get(platform, _GPU)
        self._taps = prod(a.taps for a in problem.axes)
        self._outputs = problem.size("ngo") * prod(a.unfolded for a in problem.axes)
        self._width = DTYPES[problem.accumulator].bits / 32

    def candidates(self) -> tuple[Candidate, ...]:
        return (*self._direct(), *self._native(), *self._toeplitz(), *self._transforms())

    @property
    def _exactly(self) -> Accuracy:
        return Accuracy("exact" if self._problem.is_exact else "componentwise")

    @property
    def _is_wide_integer_on_tpu(self) -> bool:
        """Whether XLA has no products of matrices for these numbers."""
        return bool(self._platform == "tpu" and self._problem.is_exact and self._width == 2)

    def _direct(self) -> list[Candidate]:
        c, p = self._costs, self._problem
        channels = p.size("c")
        terms = self._taps * max(channels, 1)
        products = float(p.multiplications) * self._width * (2 if p.is_complex else 1)
        mixed = products * (c.mixed_integer if p.is_exact else c.mixed)
        found = []
        if channels <= 16 or self._is_wide_integer_on_tpu:
            # Beyond what is written out at once, every step of the loop passes over the sums.
            steps = terms // 16 if terms > MOST_UNROLLED else 0
            passes = steps * (2 * c.call + self._outputs * self._width * c.moved)
            mixing = c.call * channels / 2 if channels > 1 else 0
            spread = 3 if any(a.stride > 1 for a in p.axes) else 1  # its loads fill no vectors
            seconds = c.call + mixing + products * spread * c.tap + passes
            why = "scaled views in one fused loop"
            found.append(Candidate("taps", "direct", self._exactly, seconds, 0, why))
        if self._is_wide_integer_on_tpu:
            return found
        views = p.size("ngc") * self._outputs / max(p.size("ngo"), 1) * self._taps * self._width
        passed = 2 * self._outputs * self._taps * self._width
        seconds = (self._taps + p.size("n")) * c.call + mixed + passed * c.moved
        why = "a product of matrices per tap"
        found.append(Candidate("dots", "direct", self._exactly, seconds, 0, why))
        if 4 * views <= _MOST_COLUMNS and self._taps <= MOST_UNROLLED:
            unfolded = 2 * views if self._taps > 1 else 0
            passed = self._outputs * self._width
            seconds = c.call * p.size("n") + mixed + (unfolded + passed) * c.moved
            why = "windows as columns"
            found.append(Candidate("columns", "direct", self._exactly, seconds, 4 * views, why))
        return found

    def _native(self) -> list[Candidate]:
        c, p = self._costs, self._problem
        if not takes_native(p, self._platform):
            return []
        if self._platform == "tpu" and max(a.taps for a in p.axes) > _MOST_TPU_TAPS:
            return []
        spans = prod(a.expansion for a in p.axes)
        windows = self._outputs / max(p.size("o"), 1) * self._taps
        products = float(p.multiplications) * spans * (4 if p.is_complex else 1)
        turned = p.size("ngc") * prod(a.size for a in p.axes) + 2 * p.size("goc") * self._taps
        seconds = products * c.native + windows * c.window + turned * c.turned
        return _native(p, self._platform, 4 * c.call + seconds)

    def _toeplitz(self) -> list[Candidate]:
        c, p = self._costs, self._problem
        if not takes_toeplitz(p) or self._is_wide_integer_on_tpu:
            return []
        (axis,) = p.axes
        hop = toeplitz_hop(axis)
        zeros = (hop + axis.taps - 1) / axis.taps  # of which the matrix has so many more
        products = float(p.multiplications) * zeros * self._width * (2 if p.is_complex else 1)
        mixed = products * (c.mixed_integer if p.is_exact else c.mixed)
        frames = p.size("ngc") * axis.unfolded * (hop + axis.taps) / hop
        matrix = p.size("goc") * hop * (hop + axis.taps)
        moved = (frames + matrix + self._outputs) * self._width
        seconds = 4 * c.call + mixed + moved * c.moved
        # A NaN would spread over its block, which only integers can promise not to happen.
        method = "direct" if p.is_exact else "auto"
        why = "blocks times a banded matrix"
        return [Candidate("toeplitz", method, self._exactly, seconds, 4 * moved, why)]

    def _transforms(self) -> list[Candidate]:
        p = self._problem
        # Integers need float64 and a transform that is known; XLA's on CPUs is Ducc's.
        if p.is_exact and not (self._wide and self._platform == "cpu"):
            return []
        if self._platform == "tpu" and real_part(p) == "float64":
            return []
        found = algorithms.candidates(p, namespace(), self._costs.rates)
        return [c for c in found if c.name in ("fft", "overlap_add")]
