"""The portable engines by name: which can run a problem, and how it is lowered."""

from collections.abc import Mapping
from dataclasses import replace

from convcore._backend import Accuracy, Candidate
from convcore._errors import MethodError
from convcore._problem import ConvProblem
from convcore._typing import Namespace, Run
from convcore.algorithms._costs import Cost, Rates
from convcore.algorithms._direct import clipped_taps, matmul, taps
from convcore.algorithms._engine import Engine
from convcore.algorithms._fft import FFT_CONSTANT, fft, has_fft, overlap_add
from convcore.algorithms._frame import exchanged, frame
from convcore.algorithms._limbs import Limbs
from convcore.algorithms._spectrum import fast_length
from convcore.algorithms._toeplitz import as_rows, takes_toeplitz, toeplitz

__all__ = ["candidates", "lower"]

_ENGINES: dict[str, Engine] = {
    "taps": taps,
    "matmul": matmul,
    "toeplitz": toeplitz,
    "fft": fft,
    "overlap_add": overlap_add,
}
# For a kernel longer than the data: a product per sample, blocks of the kernel.
_EXCHANGED: dict[str, Engine] = {"taps": clipped_taps, "overlap_add": overlap_add}


def candidates(
    problem: ConvProblem, xp: Namespace, rates: Rates | Mapping[str, Rates] | None = None
) -> tuple[Candidate, ...]:
    """The portable engines that can run a problem in a namespace, with predicted costs.

    Parameters
    ----------
    problem : ConvProblem
    xp : namespace
    rates : Rates or mapping of str to Rates, optional
        What the library's operations cost; by engine where that differs, as of memory that one
        finds in caches and another does not.
    """

    def cost(engine: str) -> Cost:
        own = rates[engine] if isinstance(rates, Mapping) else rates
        swapped = problem.prefers_exchange and engine in _EXCHANGED
        return Cost(problem.exchange() if swapped else problem, own or Rates())

    direct = Accuracy("exact" if problem.is_exact else "componentwise")
    tile = cost("matmul").tile()
    found = [
        Candidate("taps", "direct", direct, cost("taps").taps(), tile, "a product per tap"),
        Candidate("matmul", "direct", direct, cost("matmul").matmul(), tile, "windows as columns"),
    ]
    if takes_toeplitz(problem):
        # Its method is "auto": a NaN spreads over its block, which `direct` promises not to happen.
        by_rows = replace(cost("toeplitz"), problem=as_rows(problem))
        seconds, why = by_rows.toeplitz(), "blocks times a banded matrix"
        found.append(Candidate("toeplitz", "auto", direct, seconds, tile, why))
    if problem.axes and has_fft(xp) and _is_transformable(problem):
        normwise = direct if problem.is_exact else Accuracy("normwise", FFT_CONSTANT)
        whole, blocks = cost("fft"), cost("overlap_add").blocks()
        found += [
            Candidate("fft", "fft", normwise, whole.fft(), whole.whole(), "spectra multiplied"),
            Candidate("overlap_add", "overlap_add", normwise, blocks, tile, "spectra of blocks"),
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
    lengths = tuple(fast_length(max(a.expanded + a.reach, 1), even=True) for a in axes)
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
