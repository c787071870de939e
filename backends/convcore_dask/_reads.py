"""What is read of an operand: which blocks, which slices of them, and how they are put together."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from itertools import product
from typing import Any, NamedTuple

from convcore.algorithms import Run, runs
from convcore_dask._cuts import Range, offsets
from convcore_dask._tasks import Join, Read

__all__ = ["Along", "Key", "Operand"]

Key = tuple[Any, ...]


class _Piece(NamedTuple):
    """A block along one axis, and the slice of it; all of it where start is None."""

    block: int
    start: Any = None
    stop: Any = None


class Along(NamedTuple):
    """What is read along one axis, and the stretches of it that are wanted: none for all of it."""

    pieces: tuple[_Piece, ...]
    stretches: tuple[Run, ...] = ()


class Operand:
    """A Dask array in a graph that is being made."""

    def __init__(self, array: Any, name: str, layer: dict[Key, Any]) -> None:
        self.array = array
        self._name = name
        self._layer = layer
        self._offsets = [offsets(lengths) for lengths in array.chunks]

    def range(self, axis: int, wanted: Range) -> Along:
        """The part of an axis in a range; a block of it where sizes are unknown."""
        if wanted.stop != wanted.stop:
            return Along((_Piece(wanted.number),))
        return Along(tuple(self._pieces(axis, wanted.start, wanted.stop)))

    def extended(self, axis: int, start: int, stop: int, boundary: str) -> Along:
        """The samples start ... stop-1 of an axis, which may go on beyond its ends."""
        if boundary == "constant":
            return Along(tuple(self._pieces(axis, start, stop)))
        size = self._offsets[axis][-1]
        found = runs(size, boundary, start, stop)
        if sum(run.length for run in found if run.step) >= size and len(found) > 2:
            # More than all of it, over and over: read once.
            return Along(tuple(self._pieces(axis, 0, size)), tuple(found))
        pieces: list[_Piece] = []
        stretches, at = [], 0
        for run in found:
            length = run.length if run.step else 1
            first = run.source - (length - 1 if run.step < 0 else 0)
            pieces += self._pieces(axis, first, first + length)
            stretches.append(run._replace(source=at + run.source - first))
            at += length
        plain = all(run.step == 1 for run in found)
        return Along(tuple(pieces), () if plain else tuple(stretches))

    def _pieces(self, axis: int, start: int, stop: int) -> Iterator[_Piece]:
        """Slices of the blocks that hold the samples start ... stop-1; one, if there are none."""
        at = self._offsets[axis]
        for block in range(max(bisect_right(at, start) - 1, 0), bisect_left(at, stop)):
            first, last = at[block], at[block + 1]
            if start <= first < last <= stop:
                yield _Piece(block)
            elif first < last:
                yield _Piece(block, max(start, first) - first, min(stop, last) - first)
        if start == stop:
            yield _Piece(0, 0, 0)

    def read(self, each: Iterable[Along]) -> tuple[Join, list[Key]]:
        """How to join what is read along all axes, and the keys of the pieces."""
        alongs = tuple(each)
        counts = tuple(len(along.pieces) for along in alongs)
        stretches = tuple((i, a.stretches) for i, a in enumerate(alongs) if a.stretches)
        keys = [self._key(pieces) for pieces in product(*(along.pieces for along in alongs))]
        return Join(counts, stretches), keys

    def _key(self, pieces: tuple[_Piece, ...]) -> Key:
        blocks = tuple(piece.block for piece in pieces)
        whole = (self.array.name, *blocks)
        if all(piece.start is None for piece in pieces):
            return whole
        ends = tuple(-1 if n is None else n for piece in pieces for n in piece[1:])
        key = (self._name, *blocks, *ends)
        if key not in self._layer:
            slices = tuple(slice(piece.start, piece.stop) for piece in pieces)
            self._layer[key] = (Read(slices), whole)
        return key
