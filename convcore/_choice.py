"""Choosing among the ways to run a problem."""

from collections.abc import Sequence
from math import prod

from convcore._backend import Candidate
from convcore._dtypes import DTYPES
from convcore._errors import MethodError
from convcore._options import Options
from convcore._problem import ConvProblem

__all__ = ["cheapest", "choose", "operand_bytes"]

_FREE_WORKSPACE = 64 * 2**20
_WORTH_MEMORY = 10  # how many times faster a method must be to exceed the workspace


def operand_bytes(problem: ConvProblem) -> int:
    """Bytes of the operands and the result of a problem."""
    counts = zip(
        (problem.x_shape, problem.w_shape, problem.y_shape),
        (problem.x_dtype, problem.w_dtype, problem.dtype),
        strict=True,
    )
    return sum(prod(shape) * DTYPES[dtype].bits // 8 for shape, dtype in counts)


def choose(
    problem: ConvProblem, candidates: Sequence[Candidate], options: Options
) -> tuple[Candidate, tuple[Candidate, ...]]:
    """The candidate to run, and the others by predicted time.

    Raises
    ------
    MethodError
        Where no candidate serves the forced method.
    """
    ranked = sorted(candidates, key=lambda c: c.seconds)
    method = options.method or "auto"
    if method == "auto":
        chosen = cheapest(problem, _eligible(ranked, options))
    else:
        serving = [c for c in ranked if c.method == method]
        if not serving:
            able = sorted({c.method for c in ranked} - {"auto"})
            raise MethodError(
                f"method={method!r} cannot serve this problem; allowed are 'auto', "
                + ", ".join(map(repr, able))
            )
        chosen = cheapest(problem, serving)
    return chosen, tuple(c for c in ranked if c is not chosen)


def _eligible(ranked: Sequence[Candidate], options: Options) -> Sequence[Candidate]:
    """What "auto" may choose from."""
    if options.accuracy == "componentwise":
        ranked = [c for c in ranked if c.accuracy.name in ("exact", "componentwise")]
    if not ranked:
        raise MethodError("no method of this backend serves the problem; convert to another dtype")
    return ranked


def cheapest(problem: ConvProblem, candidates: Sequence[Candidate]) -> Candidate:
    """The candidate that takes least time, of those that need little memory if they take as long.

    Parameters
    ----------
    problem : ConvProblem
    candidates : sequence of Candidate
        One or more.
    """
    ranked = sorted(candidates, key=lambda c: c.seconds)
    room = _FREE_WORKSPACE + operand_bytes(problem)
    # Said this way round, an unknown size leaves room for all.
    modest = [c for c in ranked if not c.workspace > room]
    if not modest:
        return ranked[0]
    fastest, frugal = ranked[0], modest[0]
    return fastest if frugal.seconds > _WORTH_MEMORY * fastest.seconds else frugal
