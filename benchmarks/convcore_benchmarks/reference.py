"""The definition at a few outputs of a large problem, and how far a result is from it.

Sums are made in extended precision (integers: in Python's), whose own error is a thousandth of the
least bound here. The bounds are those of the spec's accuracy classes (CC-ACCURACY).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from math import inf, log2, prod
from typing import Any

import numpy as np

from convcore import Plan
from convcore.plugins import Accuracy, Axis, ConvProblem

__all__ = ["Sample", "samples", "worst"]

_SUMMED = "cs"
_WIDE = {"i": object, "u": object, "f": np.longdouble, "c": np.clongdouble}


@dataclass(frozen=True)
class Sample:
    """One output, by the definition.

    Attributes
    ----------
    place : tuple of int
        Its index in the output, the axes of which are split into their roles.
    value : number
    magnitude : number
        The sum of the moduli of its terms.
    terms : int
    norms : float
        The product of the 2-norms of its batch item and its kernel.
    """

    place: tuple[int, ...]
    value: Any
    magnitude: Any
    terms: int
    norms: float


def samples(plan: Plan, x: Any, w: Any, bias: Any = None, count: int = 12) -> list[Sample]:
    """Work out some outputs of a problem on zeros beyond the data, at random places.

    Parameters
    ----------
    plan : Plan
        Whose problem.
    x, w, bias : ndarray
        Data, kernel, and bias or None.
    count : int
        How many.

    Returns
    -------
    list of Sample
    """
    problem, rng = plan.problem, np.random.default_rng(1)
    sizes = problem.atom_sizes("y")
    places = [tuple(int(rng.integers(size)) for size in sizes) for _ in range(count)]
    return [_sample(problem, place, x, w, bias) for place in places]


def worst(got: Any, found: Sequence[Sample], plan: Plan, accuracy: Accuracy) -> float:
    """The largest error over its bound.

    Parameters
    ----------
    got : ndarray
        The result, of the plan's shape and dtype.
    found : sequence of Sample
    plan : Plan
    accuracy : Accuracy
        The class whose bound to take.

    Returns
    -------
    float
        At most 1 where the bound is kept; inf where an integer is not exact.
    """
    split = got.reshape(plan.problem.atom_sizes("y"))
    ratios = []
    for sample in found:
        # A Python number first: a difference of unsigned integers would wrap.
        value = split[sample.place]
        wide = int(value) if plan.problem.is_exact else _WIDE[got.dtype.kind](value)
        error = float(abs(wide - sample.value))
        bound = _bound(sample, plan.problem, accuracy)
        ratios.append(error / bound if bound else (inf if error else 0.0))
    # The maximum of nan and a number depends on their order; a nan is no small error.
    return max(inf if ratio != ratio else ratio for ratio in ratios)


def _bound(sample: Sample, problem: ConvProblem, accuracy: Accuracy) -> float:
    if accuracy.name == "exact":
        return 0.0
    unit, result = (np.finfo(dtype).eps / 2 for dtype in (problem.accumulator, problem.dtype))
    least = sample.terms * float(np.finfo(problem.accumulator).tiny) + result * abs(sample.value)
    if accuracy.name == "componentwise":
        products = 4 if problem.is_complex else 1
        return float((sample.terms + 4) * products * unit * sample.magnitude + least)
    length = prod(max(2, axis.padded + axis.reach) for axis in problem.axes)
    growth = accuracy.constant * (log2(length) + problem.size("c"))
    return float(growth * unit * sample.norms + least)


def _sample(problem: ConvProblem, place: tuple[int, ...], x: Any, w: Any, bias: Any) -> Sample:
    at = dict(zip(_atoms(problem.y), place, strict=True))
    pairs = [
        list(_pairs(axis, at[f"s{number}"], flip=problem.flip))
        for number, axis in enumerate(problem.axes)
    ]
    data, taps = ({f"s{j}": [pair[s] for pair in p] for j, p in enumerate(pairs)} for s in (0, 1))
    a = _terms(problem, "x", x, at | data, conj=problem.conj_x)
    b = _terms(problem, "w", w, at | taps, conj=problem.conj_w)
    offset = bias[at["g0"] * problem.sizes["o0"] + at["o0"]].item() if bias is not None else 0
    everywhere = {f"s{number}": None for number in range(len(pairs))}
    norms = [_norm(_part(problem, n, v, at | everywhere)) for n, v in (("x", x), ("w", w))]
    return Sample(
        place,
        _wrapped((a * b).sum() + offset, problem),
        (abs(a) * abs(b)).sum() + abs(offset),
        a.size + (bias is not None),
        norms[0] * norms[1],
    )


def _atoms(layout: tuple[tuple[str, ...], ...]) -> list[str]:
    return list(chain.from_iterable(layout))


def _pairs(axis: Axis, p: int, *, flip: bool) -> Iterator[tuple[int, int]]:
    """The samples i and taps k that meet at output p: see convcore's `Axis`."""
    for k in range(axis.taps):
        i, rest = divmod(p * axis.stride - axis.lo + k * axis.dilation, axis.expansion)
        if not rest and 0 <= i < axis.size:
            yield i, axis.taps - 1 - k if flip else k


def _part(problem: ConvProblem, which: str, array: Any, at: dict[str, Any]) -> Any:
    """The elements of an operand at these indices of its atoms; all along those that have none."""
    atoms, sizes = _atoms(getattr(problem, which)), problem.atom_sizes(which)
    every = [
        np.arange(size) if at.get(atom) is None else np.atleast_1d(at[atom])
        for atom, size in zip(atoms, sizes, strict=True)
    ]
    part = array.reshape(sizes)[np.ix_(*(index.astype(np.intp) for index in every))]
    order = sorted(range(len(atoms)), key=lambda axis: (atoms[axis][0] in _SUMMED, atoms[axis]))
    return part.transpose(order).astype(problem.accumulator)


def _terms(problem: ConvProblem, which: str, array: Any, at: dict[str, Any], *, conj: bool) -> Any:
    """One operand's factors of the terms, in the same order for both."""
    part = _part(problem, which, array, at).reshape(-1)
    wide = part.astype(_WIDE[part.dtype.kind])
    return wide.conj() if conj else wide


def _norm(part: Any) -> float:
    return float(np.linalg.norm(part.astype(np.result_type(part.dtype, np.float64)).ravel()))


def _wrapped(value: Any, problem: ConvProblem) -> Any:
    """An integer as its dtype holds it."""
    if not problem.is_exact:
        return value
    limits = np.iinfo(problem.dtype)
    return (int(value) - limits.min) % 2**limits.bits + limits.min
