"""NumPy's engines by name: which can run a problem, what each costs, and how it is lowered."""

from collections.abc import Callable

import numpy as np

from convcore import algorithms
from convcore.algorithms import Rates
from convcore.plugins import Accuracy, Candidate, ConvProblem, Run
from convcore_numpy._dots import lower_dots, takes_dots
from convcore_numpy._table import MOST_PRODUCTS, lower_table
from convcore_numpy._taps import taps_in_place
from convcore_numpy._threads import ThreadedNumPy
from convcore_numpy._toeplitz import toeplitz_repaired

__all__ = ["candidates", "lower"]

# Measured on one 2-core x86 machine; what matters is their ratio to each other.
_RATES = Rates(
    call=1.5e-6,
    tap=1.5e-10,
    product=1e-11,
    integer_product=8e-10,
    column=6e-10,
    point=8e-10,
    rows=0.4,
)
_DOT_CALL = {"float32": 2.2e-8, "complex64": 4e-8, "complex128": 4e-8}
_OTHER_DOT_CALL = 1.1e-8
_DOT_PRODUCT = 3.5e-11
_INTEGER_DOT_PRODUCT = 5e-10


def candidates(problem: ConvProblem) -> tuple[Candidate, ...]:
    """All engines that can run a problem."""
    found = [_own(c) for c in algorithms.candidates(problem, np, _RATES)]
    exactly = Accuracy("exact" if problem.is_exact else "componentwise")
    if takes_dots(problem):
        seconds = _dot_seconds(problem)
        found.append(Candidate("dots", "direct", exactly, seconds, 0, "one np.convolve"))
    if 0 < algorithms.products(problem) <= MOST_PRODUCTS:
        seconds = 3e-6 + 4e-9 * algorithms.products(problem)
        found.append(Candidate("table", "direct", exactly, seconds, 0, "few products, by a table"))
    return tuple(found)


def _own(portable: Candidate) -> Candidate:
    """A portable candidate as NumPy's own engine serves it."""
    if portable.name == "taps":
        return portable._replace(why="in place by taps")
    return portable._replace(method="direct") if portable.name == "toeplitz" else portable


def _dot_seconds(problem: ConvProblem) -> float:
    # One dot product for each sample of the longer operand, each as long as the shorter.
    axis = problem.axes[0]
    many, few = max(axis.size, axis.taps), min(axis.size, axis.taps)
    each = _INTEGER_DOT_PRODUCT if problem.is_exact else _DOT_PRODUCT
    call = _DOT_CALL.get(problem.accumulator, _OTHER_DOT_CALL)
    width = 1 if problem.is_exact else np.dtype(problem.accumulator).itemsize / 4
    return float(1.2e-6 + many * (call + few * each * width))


def lower(problem: ConvProblem, engine: str) -> Run:
    """Lower a problem to one of the candidates."""
    if engine in _WHOLE:
        return _WHOLE[engine](problem)
    if engine == "toeplitz":
        return algorithms.frame(problem, toeplitz_repaired, np)
    if engine == "taps" and problem.size("c") == 1:
        around = algorithms.exchanged if problem.prefers_exchange else algorithms.frame
        return around(problem, taps_in_place, np)
    return algorithms.lower(problem, engine, ThreadedNumPy(problem.threads))


_WHOLE: dict[str, Callable[[ConvProblem], Run]] = {"dots": lower_dots, "table": lower_table}
