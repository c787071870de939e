"""Which of PyTorch's calls on CPUs oneDNN serves, and what its kernels do not do well."""

from math import prod

from convcore.plugins import ConvProblem
from convcore_torch._ieee import SINGLE
from convcore_torch._margins import Margins

__all__ = ["VECTOR", "is_halved", "is_onednn", "padded_beforehand"]

VECTOR = 16
"""Channels that its kernels compute together."""
_FEW = 20_480  # samples, up to which PyTorch unfolds one image itself
_MANY = 2**18  # samples in all windows, from which on two halves are faster than columns
_MOST_PADDING = 12


def is_onednn(problem: ConvProblem) -> bool:
    """Whether a call goes to oneDNN: one of float32, but not one of few samples."""
    return _is_served(problem) or is_halved(problem)


def is_halved(problem: ConvProblem) -> bool:
    """Whether a single volume is convolved as two images, which PyTorch gives to oneDNN.

    It counts two axes of a volume's samples, and unfolds what seems small: up to 15 times slower.
    """
    n, g, c = map(problem.size, "ngc")
    if len(problem.axes) != 3 or n != 1 or g != 1 or _is_served(problem):
        return False
    plain = problem.accumulator in SINGLE and all(axis.expansion == 1 for axis in problem.axes)
    outs = [axis.unfolded for axis in problem.axes]
    windows = c * prod(outs) * prod(axis.taps for axis in problem.axes)
    return bool(plain and outs[0] >= 2 and windows > _MANY)


def _is_served(problem: ConvProblem) -> bool:
    """Whether PyTorch gives a whole problem to oneDNN."""
    if problem.accumulator not in SINGLE:
        return False
    images, parts = problem.size("n"), 2 if problem.is_complex else 1
    # PyTorch counts two of the axes of a volume.
    samples = images * problem.size("gc") * parts * prod(axis.size for axis in problem.axes[:2])
    large = len(problem.axes) > 1 and all(axis.taps > 3 for axis in problem.axes[-2:])
    return bool(problem.size("g") > 1 or images > 1 or samples > _FEW or large)


def padded_beforehand(ends: list[Margins]) -> list[Margins]:
    """The margins with much padding along rows moved out of the call.

    oneDNN's fast kernels want a row's padding within the first few outputs that they compute
    together; with more it takes a plain loop, up to 40 times slower.
    """
    *others, row = ends
    if row.both <= _MOST_PADDING:
        return ends
    return [*others, Margins(0, row.both + row.low, row.both + row.high)]
