"""From a problem on chunked operands to a graph: each block of the output asks for what it needs.

An output block is a sum of parts of the problem: over the ranges of channels and taps, and where a
gradient folds what lay beyond the ends back onto an axis, over the stretches that land in it. Each
part reads the samples it meets, and is a problem of its own, which the blocks' backend runs.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product
from math import prod
from typing import Any, NamedTuple

import dask
import dask.array as da
from array_api_compat import array_namespace, device
from dask.highlevelgraph import HighLevelGraph
from dask.tokenize import tokenize

from convcore.plugins import ConvProblem, Layout, native
from convcore_dask._cuts import Range, cut_along, make_cuts
from convcore_dask._reads import Along, Key, Operand
from convcore_dask._strands import Strand, strands
from convcore_dask._tasks import Add, Order, Part

__all__ = ["make_array"]

_FAN_IN = 8


class _Term(NamedTuple):
    """One part of a block: its strand of each convolved axis, its range of every other atom."""

    strands: tuple[Strand, ...]
    ranges: dict[str, Range]


def make_array(problem: ConvProblem, order: Order, arrays: Sequence[Any]) -> Any:
    """The result of a problem on Dask arrays x, w and perhaps bias."""
    graph = _Graph(problem, order, arrays)
    name = f"convcore-{graph.token}"
    for numbers in product(*(range(len(lengths)) for lengths in graph.cuts.chunks)):
        graph.add((name, *numbers))
    layers = HighLevelGraph.from_collections(name, graph.layer, dependencies=arrays)
    block = arrays[0]._meta
    xp, empty = array_namespace(block), (0,) * len(problem.y)
    meta = xp.zeros(empty, dtype=native(xp, problem.dtype), device=device(block))
    return da.Array(layers, name, graph.cuts.chunks, meta=meta)


class _Graph:
    """The tasks of one problem."""

    def __init__(self, problem: ConvProblem, order: Order, arrays: Sequence[Any]) -> None:
        # All that the tasks and their number follow from: one name never means two graphs.
        target = dask.config.get("array.chunk-size")
        self.token = tokenize(problem, order, target, *(array.name for array in arrays))
        self.layer: dict[Key, Any] = {}
        self._problem, self._order = problem, order
        self._x, self._w, *self._bias = (
            Operand(array, f"convcore-read-{self.token}-{i}", self.layer)
            for i, array in enumerate(arrays)
        )
        self.cuts = make_cuts(problem, arrays[0].chunks, arrays[1].chunks)
        self._strands = [
            [strands(problem, i, out, taps, (self._x, self._w)) for out in outs]
            for i, (outs, taps) in enumerate(zip(self.cuts.outs, self.cuts.taps, strict=True))
        ]
        self._parts: dict[Any, Part] = {}

    def add(self, key: Key) -> None:
        """Add the tasks of one output block."""
        problem, (name, *numbers) = self._problem, key
        terms = list(self._terms(numbers))
        if len(terms) == 1 and not any(strand.place for strand in terms[0].strands):
            self.layer[key] = self._task(terms[0], problem.dtype, first=True)
            return
        keys = [(f"{name}-part", *numbers, i) for i in range(len(terms))]
        for i, term in enumerate(terms):
            self.layer[keys[i]] = self._task(term, problem.accumulator, first=i == 0)
        while len(keys) > _FAN_IN:
            groups = [keys[i : i + _FAN_IN] for i in range(0, len(keys), _FAN_IN)]
            # Groups get shorter from level to level, so their count tells one from another.
            keys = [(f"{name}-sum", *numbers, len(groups), i) for i in range(len(groups))]
            for sum_key, group in zip(keys, groups, strict=True):
                self.layer[sum_key] = (Add(problem.accumulator), group)
        self.layer[key] = (Add(problem.dtype), keys)

    def _terms(self, numbers: Sequence[int]) -> Iterator[_Term]:
        """What a block sums, or one term of nothing but zeros if there is none."""
        problem, atoms = self._problem, self.cuts.atoms
        ranges = {atom: own[0] for atom, own in atoms.items()}
        met: list[list[Strand]] = [[] for _ in problem.axes]
        for axis, number in zip(problem.y, numbers, strict=True):
            if _is_convolved(axis):
                met[_number(axis)] = self._strands[_number(axis)][number]
            elif first := cut_along(axis, problem.sizes):
                ranges[first] = atoms[first][number]
        live = [[strand for strand in own if strand.meets] for own in met]
        if not all(live):
            yield _Term(tuple(own[0] for own in met), ranges)
            return
        summed = [atom for atom in atoms if atom[0] == "c"]
        for chosen in product(*(atoms[atom] for atom in summed)):
            for picked in product(*live):
                yield _Term(picked, {**ranges, **dict(zip(summed, chosen, strict=True))})

    def _task(self, term: _Term, dtype: str, *, first: bool) -> tuple[Any, ...]:
        """The task of a term; the first of a block adds the bias."""
        problem = self._problem
        x, x_keys = self._x.read(self._alongs(term, self._x, problem.x))
        w, w_keys = self._w.read(self._alongs(term, self._w, problem.w))
        added: list[Key] = []
        if problem.bias is not None and first:
            whole = self._span(problem.bias, term.ranges)
            _, added = self._bias[0].read([self._bias[0].range(0, whole)])
        part = replace(
            problem,
            sizes={atom: own.size for atom, own in term.ranges.items()},
            axes=tuple(strand.axis for strand in term.strands),
            dtype=dtype,
            bias=problem.bias if added else None,
        )
        places = tuple(strand.place for strand in term.strands if strand.place)
        task = Part(part, x, w, places, self._order, problem.dtype)
        # Most blocks run the same part: as one object they make a small graph.
        return (self._parts.setdefault(task, task), x_keys, w_keys, added)

    def _alongs(self, term: _Term, operand: Operand, layout: Layout) -> Iterator[Along]:
        """What a term reads along each axis of x or w."""
        for axis, atoms in enumerate(layout):
            if _is_convolved(atoms):
                strand = term.strands[_number(atoms)]
                yield strand.x if operand is self._x else strand.w
            else:
                yield operand.range(axis, self._span(atoms, term.ranges))

    def _span(self, atoms: tuple[str, ...], ranges: dict[str, Range]) -> Range:
        """Part of an axis, from the range of the atom along which it is cut."""
        sizes = self._problem.sizes
        first = cut_along(atoms, sizes)
        if first is None:
            return Range(0, 0, 1)
        unit = prod(sizes[atom] for atom in atoms[atoms.index(first) + 1 :])
        own = ranges[first]
        return Range(own.number, own.start * unit, own.stop * unit)


def _is_convolved(atoms: tuple[str, ...]) -> bool:
    return bool(atoms) and atoms[0][0] == "s"


def _number(atoms: tuple[str, ...]) -> int:
    return int(atoms[0][1:])
