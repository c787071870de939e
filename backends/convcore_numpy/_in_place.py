"""Running an engine part by part, each written where it belongs: no part is ever joined."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from typing import Any, NamedTuple, Protocol, TypeAlias

import numpy as np

from convcore import algorithms
from convcore.plugins import ConvProblem, Staged
from convcore_numpy._threads import shared

__all__ = ["Engine", "Write", "in_place", "is_flat"]

Write: TypeAlias = Callable[[Any, Any, Any], None]
"""``(x, kernel, out)``: writes the outputs of canonical data to `out`."""


def is_flat(out: Any) -> bool:
    """Whether the samples of an image (n, g, o, *s) lie one behind the other."""
    run = out.itemsize
    for step, length in zip(out.strides[:2:-1], out.shape[:2:-1], strict=True):
        if step != run:
            return False
        run *= length
    return True


class Engine(Protocol):
    """How a canonical problem without expansions is run, and parts of it that share its kernel."""

    @property
    def most(self) -> float:
        """Outputs (of all channels) of a part, so that all it touches stays in a cache."""

    def prepare(self, w: Any) -> Any:
        """From a kernel (g, o, c, *k) to what the writers take."""

    def writer(self, part: ConvProblem) -> Write:
        """For a part of the problem."""


_Index: TypeAlias = tuple[Any, ...]
_LONG_RUN, _MANY_SAMPLES = 2**8, 2**14


class _Leaf(NamedTuple):
    """Some groups, and one residue of the outputs of an expanded problem: an ordinary problem."""

    engine: Engine
    problem: ConvProblem
    reads: _Index
    taps: _Index
    makes: _Index


def in_place(
    problem: ConvProblem,
    make: Callable[[ConvProblem], Engine],
    *,
    groups: int | None = None,
    threads: int = 1,
) -> Staged:
    """Lower a canonical problem, expansions and all, to an engine.

    Parameters
    ----------
    make : callable
        From a problem without expansions to its engine.
    groups : int, optional
        The most that one engine is made for; all, if not said.
    threads : int
        Over how many the parts are shared.
    """
    leaves = _leaves(problem, make, _groups_at_once(problem, groups, threads))
    shape = tuple(problem.size(role) for role in "ngo") + tuple(a.unfolded for a in problem.axes)
    every = all(phase.axis.taps > 0 for axis in problem.axes for phase in axis.phases())

    @cache
    def parts() -> list[tuple[int, algorithms.Tile, Write]]:
        # At the first run: planning must not take longer for more data.
        shares = threads if problem.size("n") > 1 or len(leaves) == 1 else 1
        return [(i, *part) for i, leaf in enumerate(leaves) for part in _parts(leaf, shares)]

    def apply(x: Any, kernels: Any, bias: Any) -> Any:
        y = (np.empty if every else np.zeros)(shape, x.dtype)
        offsets = None if bias is None else np.broadcast_to(bias, shape)
        if not (every or bias is None):  # an output that no tap meets
            y[...] = offsets

        def run(part: tuple[int, algorithms.Tile, Write]) -> None:
            i, tile, write = part
            leaf = leaves[i]
            out = y[leaf.makes][tile.makes]
            write(x[leaf.reads][tile.reads], kernels[i], out)
            if offsets is not None:
                out += offsets[leaf.makes][tile.makes]

        with _runs_where_they_lie(y.size):
            shared(run, parts(), threads)
        return y

    return Staged(lambda w: [leaf.engine.prepare(w[leaf.taps]) for leaf in leaves], apply)


@contextmanager
def _runs_where_they_lie(samples: int) -> Iterator[None]:
    """NumPy's functions without its buffer of 8192 samples, if there are many.

    They gather whatever shorter runs have into it first, above all numbers that are repeated: a
    product with one number a row takes four times as long. Runs too short for the smaller buffer
    are still gathered.
    """
    if samples < _MANY_SAMPLES:
        yield
        return
    before = np.setbufsize(_LONG_RUN)
    try:
        yield
    finally:
        np.setbufsize(before)


def _groups_at_once(problem: ConvProblem, most: int | None, threads: int) -> int:
    """As many as there may be, or as the threads share if they have no images to share."""
    groups, several = problem.size("g"), problem.size("n") > 1
    return algorithms.evenly(groups, most or max(groups, 1), 1 if several else threads)


def _leaves(problem: ConvProblem, make: Callable[[ConvProblem], Engine], step: int) -> list[_Leaf]:
    met = [[phase for phase in axis.phases() if phase.axis.taps > 0] for axis in problem.axes]
    firsts = range(0, problem.size("g"), step)
    leaves = []
    for first, phases in itertools.product(firsts, itertools.product(*met)):
        groups = slice(first, min(first + step, problem.size("g")))
        sizes = {**problem.sizes, "g": groups.stop - groups.start}
        part = replace(problem, sizes=sizes, axes=tuple(phase.axis for phase in phases))
        reads = (slice(None), groups)
        taps = (groups, ..., *(slice(phase.tap, None, phase.tap_step) for phase in phases))
        makes = (*reads, ..., *(slice(phase.first, None, phase.every) for phase in phases))
        leaves.append(_Leaf(make(part), part, reads, taps, makes))
    return leaves


def _parts(leaf: _Leaf, shares: int) -> list[tuple[algorithms.Tile, Write]]:
    writers: dict[ConvProblem, Write] = {}
    parts = []
    for tile in algorithms.cut(leaf.problem, leaf.engine.most, shares):
        if tile.problem not in writers:  # most differ in nothing but where they lie
            writers[tile.problem] = leaf.engine.writer(tile.problem)
        parts.append((tile, writers[tile.problem]))
    return parts
