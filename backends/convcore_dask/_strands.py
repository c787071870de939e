"""The terms of an output block along a convolved axis: which taps, which data, landing where."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from convcore.algorithms import runs
from convcore.plugins import Axis, ConvProblem
from convcore_dask._cuts import Range
from convcore_dask._reads import Along, Operand
from convcore_dask._tasks import Place

__all__ = ["Strand", "strands"]


class Strand(NamedTuple):
    """One term: the axis of its part, what it reads of x and w, and whether that is any data."""

    axis: Axis
    x: Along
    w: Along
    place: Place | None
    meets: bool


class _Segment(NamedTuple):
    """Outputs before the fold, and where they land in a block; None where they are the block."""

    start: int
    stop: int
    place: Place | None = None


def strands(
    problem: ConvProblem,
    number: int,
    out: Range,
    taps: Sequence[Range],
    operands: tuple[Operand, Operand],
) -> list[Strand]:
    """The terms of the outputs in a range of one axis; at least one, which may meet no data."""
    axis, atom = problem.axes[number], (f"s{number}",)
    x, w = operands
    x_axis, w_axis = problem.x.index(atom), problem.w.index(atom)
    found = []
    for segment in _segments(axis, out, problem.y.index(atom)):
        for own in taps:
            window = axis.part(segment[:2], (own.start, own.stop))
            data = x.extended(x_axis, window.begin, window.end, axis.boundary)
            turned = (axis.taps - own.stop, axis.taps - own.start)
            kernel = w.range(
                w_axis, own._replace(start=turned[0], stop=turned[1]) if problem.flip else own
            )
            meets = window.meets or problem.fill != 0
            found.append(Strand(window.axis, data, kernel, segment.place, meets))
    return found


def _segments(axis: Axis, out: Range, at: int) -> list[_Segment]:
    """The outputs before the fold that land in a range; some that are zero if there are none."""
    if axis.fold is None:
        return [_Segment(out.start, out.stop)]
    found = list(_folded(axis, out, at))
    beyond = max(axis.expanded + axis.lo, 0) // axis.stride + 1
    return found or [_Segment(beyond, beyond + out.size)]


def _folded(axis: Axis, out: Range, at: int) -> Iterator[_Segment]:
    fold, start = axis.fold, 0
    assert fold is not None
    for run in runs(axis.out, fold.boundary, -fold.lo, axis.out + fold.hi):
        stop = start + run.length
        ends = sorted((run.source, run.source + run.step * (run.length - 1)))
        low, high = max(ends[0], out.start), min(ends[1] + 1, out.stop)
        if low < high:
            place = Place(at, low - out.start, out.stop - high, run.step)
            if run.step == 0:
                yield _Segment(start, stop, place)
            elif run.step > 0:
                first = start + low - run.source
                whole = low == out.start and high == out.stop
                yield _Segment(first, first + high - low, None if whole else place)
            else:
                first = start + run.source - high + 1
                yield _Segment(first, first + high - low, place)
        start = stop
