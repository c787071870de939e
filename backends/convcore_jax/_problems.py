"""Linear problems: what is left when dtypes, conjugates, boundaries, flips and bias are done.

They are closed under what JAX does to functions: tangents, transposes and batches of a linear
problem are linear problems.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeAlias

from convcore.plugins import ConvProblem, Layout

__all__ = [
    "Linear",
    "batched",
    "extended",
    "is_symbolic",
    "linear_part",
    "of_parts",
    "plain",
    "positions",
    "real_part",
]

Linear: TypeAlias = Callable[[Any, Any], Any]
"""A lowered linear problem: ``(x, w) -> y``, y of the accumulator's dtype."""


def real_part(problem: ConvProblem) -> str:
    """Dtype of the components of a problem's sums."""
    return {"complex64": "float32", "complex128": "float64"}.get(
        problem.accumulator, problem.accumulator
    )


def positions(problem: ConvProblem, layout: Layout) -> tuple[int, ...]:
    """Where the convolved axes are among those of an array, in the problem's order."""
    return tuple(layout.index((f"s{i}",)) for i in range(len(problem.axes)))


def plain(problem: ConvProblem) -> ConvProblem:
    """A derived problem of operands that are flipped, or not conjugated, already."""
    return replace(problem, flip=False, conj_x=False, conj_w=False)


def is_symbolic(problem: ConvProblem) -> bool:
    """Whether any size is only known by name."""
    sizes = (*problem.sizes.values(), *(n for a in problem.axes for n in (a.size, a.taps)))
    return not all(isinstance(size, int) for size in sizes)


def linear_part(problem: ConvProblem) -> ConvProblem:
    """The linear problem of a problem's operands; its data are extended, its result not folded."""
    axes = tuple(
        replace(axis.extended() if beyond else axis, fold=None)
        for axis, beyond in zip(problem.axes, extended(problem), strict=True)
    )
    sums = problem.accumulator
    bare = replace(problem, axes=axes, dtype=sums, fill=0, bias=None, threads=None)
    return _without_ones(plain(bare))


def extended(problem: ConvProblem) -> list[bool]:
    """For each axis, whether anything but zeros lies beyond the data."""
    filled = problem.fill != 0
    return [a.boundary != "constant" or (filled and a.expansion == 1) for a in problem.axes]


def _without_ones(problem: ConvProblem) -> ConvProblem:
    """The problem without atoms of length 1, which only get in the way of an arrangement."""
    ones = {atom for atom, size in problem.sizes.items() if isinstance(size, int) and size == 1}

    def rid(layout: Layout) -> Layout:
        return tuple(tuple(atom for atom in atoms if atom not in ones) for atoms in layout)

    sizes = {atom: size for atom, size in problem.sizes.items() if atom not in ones}
    return replace(problem, x=rid(problem.x), w=rid(problem.w), y=rid(problem.y), sizes=sizes)


def batched(problem: ConvProblem, size: Any, *, x: bool, w: bool) -> ConvProblem:
    """The problem with one more axis in front of y and of x, w or both."""
    role = "g" if x and w else "n" if x else "o"
    return _grown(problem, role, size, x=x, w=w, y=True)


def of_parts(problem: ConvProblem) -> ConvProblem:
    """A complex problem as one of real and imaginary parts.

    They are an axis in front of x and two of w, those of y before those of x.
    """
    both = _grown(problem, "c", 2, x=True, w=True, y=False)
    return replace(_grown(both, "o", 2, x=False, w=True, y=True), dtype=real_part(problem))


def _grown(problem: ConvProblem, role: str, size: Any, *, x: bool, w: bool, y: bool) -> ConvProblem:
    """The problem with one more atom of a role, slower than all others, in front of some arrays."""

    def other(atom: str) -> str:
        return f"{role}{int(atom[1:] or 0) + 1}" if atom[0] == role else atom

    def moved(layout: Layout, first: bool) -> Layout:
        rest = tuple(tuple(map(other, atoms)) for atoms in layout)
        return ((f"{role}0",), *rest) if first else rest

    sizes = {other(atom): length for atom, length in problem.sizes.items()}
    return replace(
        problem,
        x=moved(problem.x, x),
        w=moved(problem.w, w),
        y=moved(problem.y, y),
        sizes={**sizes, f"{role}0": size},
    )
