"""What lies beyond the ends of an axis: padding, extension by modular index, and its adjoint."""

from typing import Any, NamedTuple

from array_api_compat import device

from convcore._axis import Axis, Fold
from convcore._typing import Namespace, Scalar, Size

__all__ = ["Run", "extend", "fold", "pad", "runs"]


def pad(x: Any, axis: int, lo: Size, hi: Size, xp: Namespace, value: Scalar = 0) -> Any:
    """Pad one axis with a constant; negative amounts crop, even all of it."""
    size = x.shape[axis]
    start, stop = max(-lo, 0), size + min(hi, 0)
    if start >= stop:
        return _constant(x, axis, size + lo + hi, value, xp)
    if (start, stop) != (0, size):
        x = x[(slice(None),) * axis + (slice(start, stop), ...)]
    parts = [_constant(x, axis, n, value, xp) if n > 0 else None for n in (lo, hi)]
    parts.insert(1, x)
    present = [part for part in parts if part is not None]
    return present[0] if len(present) == 1 else xp.concat(present, axis=axis)


def _constant(x: Any, axis: int, length: Size, value: Scalar, xp: Namespace) -> Any:
    shape = (*x.shape[:axis], length, *x.shape[axis + 1 :])
    return xp.full(shape, value, dtype=x.dtype, device=device(x))


def extend(x: Any, axis: int, along: Axis, fill: Scalar, xp: Namespace) -> Any:
    """Extend one axis of x by lo and hi samples, as its boundary says."""
    if along.boundary == "constant":
        return pad(x, axis, along.lo, along.hi, xp, fill)
    index = xp.arange(-along.lo, along.size + along.hi, device=device(x))
    return xp.take(x, _source(index, along.size, along.boundary, xp), axis=axis)


def _source(index: Any, size: Size, boundary: str, xp: Namespace) -> Any:
    """Which of `size` samples stands at each (possibly distant) index."""
    if boundary == "edge":
        return xp.clip(index, 0, size - 1)
    if boundary == "wrap":
        return index % size
    period, mirror = _mirror(size, boundary)
    index = index % period
    return xp.where(index < size, index, mirror - index)


def _mirror(size: Size, boundary: str) -> tuple[Size, Size]:
    """Period of a mirrored axis, and the sum of an index and its image."""
    if boundary == "symmetric":  # c b a | a b c | c b a
        return 2 * size, 2 * size - 1
    return max(2 * (size - 1), 1), 2 * (size - 1)  # c b | a b c | b a


class Run(NamedTuple):
    """A stretch of an extended axis: so many samples from a source on, by steps of 1, -1 or 0."""

    length: Size
    source: Size
    step: int


def runs(size: Size, boundary: str, start: Size, stop: Size) -> list[Run]:
    """The samples at start ... stop-1 of an extended axis, as stretches of the axis itself."""
    found: list[Run] = []
    while start < stop:
        left, source, step = _stretch(start, size, boundary)
        length = min(left, stop - start) if left else stop - start
        found.append(Run(length, source, step))
        start += length
    return found


def _stretch(index: Size, size: Size, boundary: str) -> tuple[Size, Size, int]:
    """How far the samples from an index on go one way (0: for ever), and whence and which way."""
    if boundary == "edge" or size == 1:
        if 0 <= index < size:
            return size - index, index, 1
        return (-index, 0, 0) if index < 0 else (0, size - 1, 0)
    if boundary == "wrap":
        return size - index % size, index % size, 1
    period, mirror = _mirror(size, boundary)
    index = index % period
    return (size - index, index, 1) if index < size else (period - index, mirror - index, -1)


def fold(y: Any, axis: int, how: Fold, xp: Namespace) -> Any:
    """Adjoint of `extend`: add every sample beyond the ends onto the one it was read from."""
    size = y.shape[axis] - how.lo - how.hi
    if how.boundary == "edge":
        return _fold_edges(y, axis, how, size, xp)
    period = size if how.boundary == "wrap" else _mirror(size, how.boundary)[0]
    y = _sum_periods(y, axis, how.lo, period, xp)
    if how.boundary == "wrap" or period == 1:
        return y
    return _fold_mirror(y, axis, size, how.boundary, xp)


def _sum_periods(y: Any, axis: int, lo: Size, period: Size, xp: Namespace) -> Any:
    """Sum of all samples whose index agrees modulo the period; index 0 is sample lo."""
    front = -lo % period
    y = pad(y, axis, front, -(front + y.shape[axis]) % period, xp)
    shape = y.shape
    y = xp.reshape(y, (*shape[:axis], shape[axis] // period, period, *shape[axis + 1 :]))
    return xp.sum(y, axis=axis, dtype=y.dtype)


def _fold_mirror(y: Any, axis: int, size: Size, boundary: str, xp: Namespace) -> Any:
    """Add the mirrored half of a whole period onto the first half."""
    head = (slice(None),) * axis
    own, image = (
        y[(*head, slice(0, size), ...)],
        xp.flip(y[(*head, slice(size, None), ...)], axis=axis),
    )
    # The image of "reflect" lacks both end samples, which are their own images.
    inset = 1 if boundary == "reflect" else 0
    return own + pad(image, axis, inset, inset, xp)


def _fold_edges(y: Any, axis: int, how: Fold, size: Size, xp: Namespace) -> Any:
    head = (slice(None),) * axis
    total = y.shape[axis]
    inside = pad(y, axis, -how.lo, -how.hi, xp)
    before = y[(*head, slice(0, min(max(how.lo, 0), total)), ...)]
    after = y[(*head, slice(max(min(total - how.hi, total), 0), None), ...)]
    first = xp.sum(before, axis=axis, keepdims=True, dtype=y.dtype)
    last = xp.sum(after, axis=axis, keepdims=True, dtype=y.dtype)
    return inside + pad(first, axis, 0, size - 1, xp) + pad(last, axis, size - 1, 0, xp)
