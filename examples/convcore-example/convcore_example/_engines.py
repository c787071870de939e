"""The engines by name: which can run a problem, what each costs, and how it is lowered."""

from typing import Any

from convcore import algorithms
from convcore.plugins import Accuracy, Candidate, ConvProblem, Namespace, Run, Staged

__all__ = ["candidates", "lower"]

# Seconds, as measured; what matters is their ratio to each other.
_CALL, _PRODUCT = 1e-5, 3e-10
_RATES = algorithms.Rates(call=_CALL)


def candidates(problem: ConvProblem, xp: Namespace) -> tuple[Candidate, ...]:
    """The portable engines, and the library's own where it can."""
    portable = algorithms.candidates(problem, xp, _RATES)
    if not _is_native(problem):
        return portable
    accuracy = Accuracy("exact" if problem.is_exact else "componentwise")
    seconds = 4 * _CALL + _PRODUCT * problem.multiplications
    return *portable, Candidate("convolve", "native", accuracy, seconds, why="the library's own")


def lower(problem: ConvProblem, engine: str, xp: Namespace) -> Run:
    """Lower a problem to one of the candidates."""
    if engine == "convolve":
        return algorithms.frame(problem, _native, xp)
    return algorithms.lower(problem, engine, xp)


def _is_native(problem: ConvProblem) -> bool:
    """Whether this is one signal and one kernel without holes: all that ``convolve`` takes."""
    return len(problem.axes) == 1 and problem.axes[0].dilation == 1 and problem.size("ngoc") == 1


def _native(problem: ConvProblem, xp: Namespace) -> Staged:
    """Correlate x (1, 1, 1, size) with w (1, 1, 1, taps): all else is done by the frame."""
    (axis,) = problem.axes

    def apply(x: Any, kernel: Any, _bias: Any) -> Any:
        x = algorithms.pad(x, 3, axis.lo, axis.hi, xp)
        y = xp.convolve(x[0, 0, 0, :], kernel, "valid")
        return xp.reshape(y[:: axis.stride], (1, 1, 1, axis.unfolded))

    return Staged(prepare=lambda w: xp.flip(w[0, 0, 0, :]), apply=apply)
