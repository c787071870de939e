"""Direct by taps: multiply and add whole runs of samples, in tiles that stay in cache."""

import itertools
import string
from math import prod
from typing import Any

import numpy as np

from convcore.plugins import ConvProblem
from convcore_numpy._in_place import Write
from convcore_numpy._planes import Planes, Window

__all__ = ["ClippedTaps", "Taps", "groups_at_once", "real_parts", "takes_taps", "with_turned"]

_BLOCK_BYTES = 2**14  # of sums, which stay in a core's L1 while all taps are added
_TILE_BYTES = 2**19  # which fit in its L2, with the data they come from
_AXES = sorted(set(string.ascii_letters) - set("ngcobs"))  # letters that einsum has left for them


def takes_taps(problem: ConvProblem) -> bool:
    """Whether adding up taps serves a problem: one channel; more only for matrix products."""
    return problem.size("c") == 1 and len(problem.axes) <= len(_AXES)


class Taps:
    """The taps of a problem, each a multiple of flat planes that is added to the sums."""

    def __init__(self, problem: ConvProblem) -> None:
        self._is_complex = problem.is_complex
        self._windows = _apart(problem)
        self._sums = _sums(len(problem.axes))
        self.most = _samples(problem) / problem.size("go")

    def prepare(self, w: Any) -> list[Any]:
        """For each window, its taps (g, o, c, *k), as real numbers."""
        w = real_parts(w) if self._is_complex else w
        return [w[:, :, :, *window.taps] for window in self._windows]

    def writer(self, part: ConvProblem) -> Write:
        """Add up runs."""
        rows, blocks, length = _blocks(part)
        made = blocks * length
        planes = Planes(part.axes, made - rows)
        views = [planes.seen(window, (blocks, length), (length, 1)) for window in self._windows]
        is_whole = made == prod(a.unfolded for a in part.axes)

        def write(x: Any, kernel: list[Any], out: Any) -> None:
            data = planes.laid(with_turned(x) if self._is_complex else x)
            shape = (*out.shape[:3], blocks, length)
            in_place = is_whole and out.flags.c_contiguous
            total = out.reshape(shape) if in_place else np.empty(shape, x.dtype)
            self._add(total, [(view(data), taps) for view, taps in zip(views, kernel, strict=True)])
            if not in_place:
                flat = total.reshape(*shape[:3], -1)
                out[...] = planes.outputs(flat[..., :rows])

        return write

    def _add(self, total: Any, met: list[tuple[Any, Any]]) -> None:
        """Sum samples times taps."""
        term = np.empty(total.shape if len(met) > 1 else 0, total.dtype)
        for i, (samples, taps) in enumerate(met):
            made = (term if i else total).view(taps.dtype)
            np.einsum(self._sums, samples.view(taps.dtype), taps, out=made)
            if i:
                np.add(total, term, out=total)


def _sums(rank: int) -> str:
    """For einsum: windows (n, g, c, *k, block, sample) and taps (g, o, c, *k) to sums."""
    taps = "".join(_AXES[:rank])
    return f"ngc{taps}bs,goc{taps}->ngobs"


def _blocks(part: ConvProblem) -> tuple[int, int, int]:
    """Flat outputs; how many blocks hold them, and so many each."""
    rows = Planes(part.axes).rows
    length = _BLOCK_BYTES // np.dtype(part.accumulator).itemsize
    return (rows, -(-rows // length), length) if rows > 2 * length else (rows, 1, rows)


def _apart(problem: ConvProblem) -> list[Window]:
    """The planes' windows, each as one or two in which no two taps meet neighbours.

    Such taps are one sample apart, as the samples are, and NumPy would make its inner loop of so
    few taps in place of so many samples. Every other tap is not.
    """
    found: list[Window] = []
    for window in Planes(problem.axes).windows:
        sizes = zip(window.steps, window.lengths, strict=True)
        near = [i for i, (step, length) in enumerate(sizes) if step == 1 and length > 1]
        # A complex sample is two numbers.
        apart = problem.is_complex or not near
        found += [window] if apart else [_every_other(window, near[0], i) for i in range(2)]
    return found


def _every_other(window: Window, axis: int, first: int) -> Window:
    """Of the taps along an axis, that are one sample apart."""
    taps, lengths, steps = list(window.taps), list(window.lengths), list(window.steps)
    begin, apart = taps[axis].start, taps[axis].step
    taps[axis] = slice(begin + first * apart, None, 2 * apart)
    lengths[axis], steps[axis] = (lengths[axis] + 1 - first) // 2, 2
    start = window.start + first
    return Window(window.plane, tuple(taps), start, tuple(lengths), tuple(steps))


def real_parts(w: Any) -> Any:
    """The two parts of a complex kernel, as channels."""
    return np.concatenate((w.real, w.imag), axis=2)


def with_turned(x: Any) -> Any:
    """Complex data and, as more channels, i times these: what a kernel's two parts multiply."""
    both = np.empty((*x.shape[:2], 2, *x.shape[2:]), x.dtype)
    both[:, :, 0] = x
    both[:, :, 1].real, both[:, :, 1].imag = -x.imag, x.real
    return both.reshape(*x.shape[:2], -1, *x.shape[3:])


class ClippedTaps:
    """As `Taps`, but no tap is ever multiplied by the zeros beyond the data."""

    def __init__(self, problem: ConvProblem) -> None:
        self.most = _samples(problem) / problem.size("go")

    def prepare(self, w: Any) -> Any:
        """(g, o, 1, *k) as (taps, g, o), each tap contiguous."""
        return _by_tap(w)

    def writer(self, part: ConvProblem) -> Write:
        """Add each tap where it meets data, and only there: nothing is padded."""
        met = list(itertools.product(*([a.reached(k) for k in range(a.taps)] for a in part.axes)))
        ones = (1,) * len(part.axes)

        def write(x: Any, w: Any, out: Any) -> None:
            out[...] = 0
            term = np.empty(out.size, out.dtype)
            for scale, slices in zip(w, met, strict=True):
                target = out[(..., *(outs for outs, _ in slices))]
                # Contiguous whatever part of the tile the tap meets.
                product = term[: target.size].reshape(target.shape)
                data = x[(..., *(data for _, data in slices))]
                np.multiply(data, scale.reshape(*scale.shape, *ones), out=product)
                target += product

        return write


def groups_at_once(problem: ConvProblem) -> int:
    """So many that a part is made of whole images, if they are small: runs as long as can be."""
    image = problem.size("o") * prod(a.unfolded for a in problem.axes)
    return int(_samples(problem) // max(image, 1)) or 1


def _samples(problem: ConvProblem) -> float:
    return _TILE_BYTES / np.dtype(problem.accumulator).itemsize


def _by_tap(w: Any) -> Any:
    g, o = w.shape[:2]
    return np.ascontiguousarray(w.reshape(g, o, -1).transpose(2, 0, 1))
