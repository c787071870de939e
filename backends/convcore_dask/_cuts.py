"""Where a problem is cut: the ranges of every atom, and of the outputs and taps of every axis.

Outputs follow the chunks of the data, and are no fewer than the taps. What is summed over, channels
and taps, is cut only where a part would hold more of an operand than its largest chunk does; the
kernels of one chunk, only where their outputs would fill more than a chunk is meant to hold.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, prod
from typing import Any, NamedTuple, TypeAlias

import dask
from dask.utils import parse_bytes

from convcore.plugins import DTYPES, Axis, ConvProblem, Layout, ShapeError

__all__ = ["Cuts", "Range", "cut_along", "make_cuts", "offsets"]

Lengths: TypeAlias = tuple[Any, ...]
"""Of consecutive chunks or ranges; nan where unknown."""
_SMALL = 128  # so many times smaller than Dask's target for a chunk, nothing is worth cutting
_SPLIT = 4  # most output blocks for one of the data, where padding makes more of them


class Range(NamedTuple):
    """Part of an atom or axis; of unknown length where its ends are, and then one block's."""

    number: int
    start: Any
    stop: Any

    @property
    def size(self) -> Any:
        return self.stop - self.start


@dataclass(frozen=True, slots=True)
class Cuts:
    """Ranges, in order and without gaps, of every atom, and of outputs and taps of every axis.

    `chunks` are the lengths of the blocks of the output that these make.
    """

    atoms: Mapping[str, tuple[Range, ...]]
    outs: tuple[tuple[Range, ...], ...]
    taps: tuple[tuple[Range, ...], ...]
    chunks: tuple[Lengths, ...]


def cut_along(atoms: tuple[str, ...], sizes: Mapping[str, Any]) -> str | None:
    """The atom along which an axis is cut: the slowest, whose parts are contiguous."""
    return next((atom for atom in atoms if sizes.get(atom, 0) != 1), None)


def offsets(lengths: Iterable[Any]) -> list[Any]:
    """Where each chunk begins, and where the last one ends."""
    found = [0]
    for length in lengths:
        found.append(found[-1] + length)
    return found


def make_cuts(problem: ConvProblem, x_chunks: tuple[Lengths, ...], w_chunks: Any) -> Cuts:
    """Cut a problem on operands of these chunks."""
    x = _Operand(problem.sizes, problem.x, x_chunks, problem.x_dtype)
    w = _Operand(problem.sizes, problem.w, w_chunks, problem.w_dtype)
    target = parse_bytes(dask.config.get("array.chunk-size"))
    most = max(x.bytes(), w.bytes(), target // _SMALL)
    atoms = {atom: _atom(atom, problem, (x, w)) for atom in problem.sizes}
    for atom in (a for a in atoms if a[0] == "c"):
        atoms[atom] = _at_most(atoms[atom], most // max(x.bytes({atom: 1}), w.bytes({atom: 1})))
    outs, taps = _space(problem, most, x, w._replace(held=_longest_of(atoms, "c")))
    for atom in (a for a in atoms if a[0] == "o" and len(atoms[a]) == 1):
        chunks = _chunks(problem, atoms, outs)
        y = _Operand(problem.sizes, problem.y, chunks, problem.accumulator)
        room = max(max(most, target) // y.bytes({atom: 1}), 1)
        if problem.sizes[atom] > 2 * room and not _is_inner(atom, problem):
            atoms[atom] = _split(problem.sizes[atom], -(-problem.sizes[atom] // room))
    ranges = {atom: _ranges(lengths) for atom, lengths in atoms.items()}
    chunks = _chunks(problem, atoms, outs)
    return Cuts(ranges, tuple(map(_ranges, outs)), tuple(map(_ranges, taps)), chunks)


class _Operand(NamedTuple):
    """The chunks of an array, and what a part holds of some of its atoms if not a chunk's."""

    sizes: Mapping[str, Any]
    layout: Layout
    chunks: tuple[Lengths, ...]
    dtype: str
    held: Mapping[str, int] = {}

    def bytes(self, held: Mapping[str, int] | None = None) -> int:
        """Size of what a part holds of it."""
        known = {**self.held, **(held or {})}
        lengths = [
            known.get(cut_along(atoms, self.sizes) or "", _longest(own))
            for atoms, own in zip(self.layout, self.chunks, strict=True)
        ]
        return max(prod(lengths) * DTYPES[self.dtype].bits // 8, 1)

    def lengths(self, atom: str) -> Lengths:
        """Lengths of its chunks along a convolved axis."""
        return self.chunks[self.layout.index((atom,))]


def _longest(lengths: Lengths) -> int:
    return max((n for n in lengths if n == n), default=1)


def _longest_of(atoms: Mapping[str, Lengths], role: str) -> dict[str, int]:
    return {atom: _longest(lengths) for atom, lengths in atoms.items() if atom[0] == role}


def _ranges(lengths: Lengths) -> tuple[Range, ...]:
    at = offsets(lengths)
    return tuple(map(Range, range(len(lengths)), at, at[1:]))


def _atom(atom: str, problem: ConvProblem, operands: tuple[_Operand, ...]) -> Lengths:
    """Lengths of an atom's ranges, as the first operand that is cut along it has them."""
    if _is_inner(atom, problem):
        return (problem.sizes[atom],)
    found = [
        _proposed(atom, atoms, lengths, problem.sizes)
        for operand in operands
        for atoms, lengths in zip(operand.layout, operand.chunks, strict=True)
        if atom in atoms
    ]
    unknown = [lengths for lengths in found if any(n != n for n in lengths)]
    if unknown and len({len(lengths) for lengths in found}) > 1:
        raise ShapeError(
            f"operands of unknown sizes have {' and '.join(str(len(n)) for n in found)} chunks "
            "along one axis; allowed are equally many, which are taken in pairs: call "
            "compute_chunk_sizes() first, or rechunk the other operand"
        )
    return (unknown or [n for n in found if len(n) > 1] or [(problem.sizes[atom],)])[0]


def _is_inner(atom: str, problem: ConvProblem) -> bool:
    """Whether parts of an atom are scattered over an axis, as those of the channels of groups."""
    axes, sizes = (*problem.x, *problem.w, *problem.y), problem.sizes
    return sizes[atom] != 1 and any(atom in a and cut_along(a, sizes) != atom for a in axes)


def _proposed(
    atom: str, atoms: tuple[str, ...], lengths: Lengths, sizes: Mapping[str, Any]
) -> Lengths:
    """Lengths of an atom's ranges by the chunks of one axis."""
    if sizes[atom] == 1 or any(n != n for n in lengths):
        return (1,) if sizes[atom] == 1 else lengths
    unit = prod(sizes[faster] for faster in atoms[atoms.index(atom) + 1 :])
    at = sorted({n // unit for n in offsets(lengths) if n % unit == 0}) if unit else []
    return tuple(b - a for a, b in pairwise(at)) or (sizes[atom],)


def _space(
    problem: ConvProblem, most: int, x: _Operand, w: _Operand
) -> tuple[list[Lengths], list[Lengths]]:
    """Lengths of the outputs and of the taps of each axis; no part holds more than `most` of w."""
    outs, taps = [], []
    for i, axis in enumerate(problem.axes):
        atom = f"s{i}"
        kernel = tuple(n for n in w.lengths(atom)[:: -1 if problem.flip else 1] if n)
        kernel = _at_most(kernel, most // w.bytes({atom: 1}))
        outs.append(_outputs(axis, x.lengths(atom), kernel))
        # With parts of the kernel as long as the outputs they make, but for the last, no sample is
        # read by more than two of them: on that the stated accuracy relies.
        least = ceil(((max(outs[-1]) - 1) * axis.stride + 1) / axis.dilation)
        taps.append(_at_least(kernel, least))
        w = w._replace(held={**w.held, atom: max(taps[-1])})
    return outs, taps


def _outputs(axis: Axis, data: Lengths, kernel: Lengths) -> Lengths:
    """Lengths of the output blocks of an axis: the chunks of the data under the kernel's middle."""
    # Less than a sample of either is ignored, so that any "same" keeps the chunks as they are.
    shift = axis.lo - axis.reach / 2
    shift = 0 if abs(shift) < max(axis.stride, axis.expansion) else shift
    folded = axis.fold.lo if axis.fold else 0
    inner = (b for b in offsets(data) if 0 < b < axis.size)
    middles = (ceil((b * axis.expansion + shift) / axis.stride) - folded for b in inner)
    at = [0, *sorted({n for n in middles if 0 < n < axis.out}), axis.out]
    taps = ceil(max(kernel) * axis.dilation / axis.stride)
    most = max(
        max(data) * axis.expansion // axis.stride,
        taps,
        axis.out // (_SPLIT * max(len(data), len(kernel))),
    )
    lengths = _at_least(tuple(b - a for a, b in pairwise(at)), taps)
    return tuple(part for n in lengths for part in _split(n, max(n // most, 1)))


def _chunks(
    problem: ConvProblem, atoms: Mapping[str, Lengths], outs: list[Lengths]
) -> tuple[Lengths, ...]:
    """Lengths of the blocks of the output."""
    known = {**atoms, **{f"s{i}": lengths for i, lengths in enumerate(outs)}}
    sizes = problem.sizes
    chunks = []
    for axis in problem.y:
        first = cut_along(axis, sizes)
        unit = prod(sizes[atom] for atom in axis[axis.index(first) + 1 :]) if first else 1
        chunks.append(tuple(n * unit for n in known[first]) if first else (1,))
    return tuple(chunks)


def _split(length: int, count: int) -> Lengths:
    """So many nearly equal parts."""
    return tuple((length + i) // count for i in range(count))


def _at_most(lengths: Lengths, most: int) -> Lengths:
    """Neighbours joined as long as they do not exceed so much; unknown lengths never are."""
    joined: list[Any] = []
    for length in lengths:
        if joined and joined[-1] + length <= most:
            joined[-1] += length
        else:
            joined.append(length)
    return tuple(joined)


def _at_least(lengths: Lengths, least: int) -> Lengths:
    """Neighbours joined until they reach so much, but for the last."""
    joined: list[Any] = []
    for length in lengths:
        if joined and joined[-1] < least:
            joined[-1] += length
        else:
            joined.append(length)
    return tuple(joined)
