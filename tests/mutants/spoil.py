"""How a mutant differs from the loopback: by its problem, operands, result, kernel or listing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from convcore.plugins import Axis, Candidate, ConvProblem, Run

from .loopback import Loopback, Plain

__all__ = [
    "TAPS",
    "TRANSFORMS",
    "Mutant",
    "Spoil",
    "along_axes",
    "in_candidates",
    "in_engine",
    "in_operands",
    "in_problem",
    "in_result",
    "is_neural",
    "is_weight_grad",
    "kept",
    "member",
]

Spoil: TypeAlias = Callable[[Loopback], None]
Operands: TypeAlias = tuple[Plain, Plain, Plain | None]
TAPS = ("taps", "matmul")
TRANSFORMS = ("fft", "overlap_add")
ALL = TAPS + TRANSFORMS


@dataclass(frozen=True)
class Mutant:
    """One row: a loopback with a mistake that a backend's author could make.

    Parameters
    ----------
    name : str
    wrong : str
        The mistake.
    clauses : tuple of str
        It breaks these; a failing test must cite one of them.
    spoil : callable
        Puts the mistake into a loopback.
    """

    name: str
    wrong: str
    clauses: tuple[str, ...]
    spoil: Spoil


def in_engine(
    run: Callable[[ConvProblem, Run, Plain, Plain, Plain | None], Any],
    engines: tuple[str, ...] = ALL,
) -> Spoil:
    """Replace the runs of some engines; each is given the problem and the right run."""

    def spoil(backend: Loopback) -> None:
        right = backend.lowered

        def lowered(problem: ConvProblem, engine: str) -> Run:
            inner = right(problem, engine)
            if engine not in engines:
                return inner
            return lambda x, w, bias: run(problem, inner, x, w, bias)

        backend.lowered = lowered

    return spoil


def in_problem(change: Callable[[ConvProblem], ConvProblem]) -> Spoil:
    """Misread the problem."""

    def spoil(backend: Loopback) -> None:
        right = backend.lowered
        backend.lowered = lambda problem, engine: right(change(problem), engine)

    return spoil


def along_axes(change: Callable[[Axis], Axis]) -> Spoil:
    """Misread every convolved axis."""
    return in_problem(lambda p: replace(p, axes=tuple(change(a) for a in p.axes)))


def kept(axis: Axis, **fields: Any) -> Axis:
    """An axis with other fields but as many outputs, as a backend that allocates y first has it."""
    return replace(axis, **fields).with_out(axis.unfolded)


def in_operands(change: Callable[[ConvProblem, Plain, Plain, Plain | None], Operands]) -> Spoil:
    """Run on other operands."""
    return in_engine(lambda p, run, x, w, bias: run(*change(p, x, w, bias)))


def in_result(change: Callable[[ConvProblem, Plain], Any], engines: tuple[str, ...] = ALL) -> Spoil:
    """Hand out another result."""
    return in_engine(lambda p, run, x, w, bias: change(p, run(x, w, bias)), engines)


def is_neural(p: ConvProblem) -> bool:
    """Only the neural operations have channels that are summed."""
    return "c0" in p.sizes


def is_weight_grad(p: ConvProblem) -> bool:
    """Its channels are what was the batch."""
    return is_neural(p) and any("n0" in atoms[1:] or atoms == ("c0",) for atoms in p.x)


def in_candidates(change: Callable[[ConvProblem, Candidate], Candidate]) -> Spoil:
    """List other candidates."""

    def spoil(backend: Loopback) -> None:
        right = backend.listed
        backend.listed = lambda problem: tuple(change(problem, c) for c in right(problem))

    return spoil


def member(**changed: Any) -> Spoil:
    """Replace a function of the backend."""

    def spoil(backend: Loopback) -> None:
        for name, value in changed.items():
            setattr(backend, name, value)

    return spoil
