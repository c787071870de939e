"""PyTorch's own convolutions, in the caller's own layout wherever a view will do."""

from collections.abc import Callable
from dataclasses import replace
from math import prod
from typing import Any

import torch
from torch.nn.functional import pad

from convcore import algorithms
from convcore.plugins import DTYPES, Axis, ConvProblem, Fold, Namespace, Run, native
from convcore_torch._calls import Call, Convolve, biased, convolver
from convcore_torch._ieee import SINGLE
from convcore_torch._margins import Margins, amounts, margins
from convcore_torch._onednn import is_halved, is_onednn, padded_beforehand
from convcore_torch._pointwise import pointwise
from convcore_torch._symbolic import is_symbolic

__all__ = ["COLUMN_BYTES", "is_expanded", "lower_native", "lower_pointwise", "takes_native"]

COLUMN_BYTES = 32 * 2**20
"""Of the columns that a call unfolds of some images; those of one may be more."""
_FEW = 2**13  # products
_INTEGERS = ("int8", "int16", "int32", "int64", "uint8")


def takes_native(problem: ConvProblem, device: str) -> bool:
    """Whether one call of PyTorch computes a problem."""
    if len(problem.axes) not in (1, 2, 3) or not all(map(bool, map(problem.size, "goc"))):
        return False
    strided = any(axis.stride != 1 for axis in problem.axes)
    if strided and is_expanded(problem):
        return False
    if problem.is_exact:
        dilated = any(axis.dilation != 1 for axis in problem.axes)
        plain = not (dilated or is_expanded(problem))
        return device == "cpu" and problem.dtype in _INTEGERS and plain
    return True


def lower_native(problem: ConvProblem, device: str, xp: Namespace) -> Run:
    """Lower a problem that `takes_native`."""
    transposed = is_expanded(problem) or (device == "cpu" and _saves_a_flip(problem))
    lowered = _Lowered(problem, xp, transposed=transposed, device=device)
    call = lowered.call()._replace(images=_images_at_once(problem, device))
    if device == "cpu" and not is_symbolic(problem) and is_halved(problem):
        call = call._replace(halved=problem.axes[0].unfolded)
    return lowered.around(convolver(call, device))


def lower_pointwise(problem: ConvProblem, device: str, xp: Namespace) -> Run:
    """Lower a problem that `takes_pointwise`."""
    lowered = _Lowered(replace(problem, flip=False), xp, transposed=False, device=device)
    return lowered.around(pointwise(lowered.call(), xp))


class _Lowered:
    """The stages of one problem: operands to PyTorch's (n, g c, *s) and (g o, c, *k), and back."""

    def __init__(
        self, problem: ConvProblem, xp: Namespace, *, transposed: bool, device: str
    ) -> None:
        self._problem, self._xp, self._transposed = problem, xp, transposed
        self._sums = native(xp, problem.accumulator)
        self._extended = problem.is_extended
        self._axes = tuple(a.extended() if self._extended else a for a in problem.axes)
        self._ends = [_ends(axis, transposed=transposed) for axis in self._axes]
        if device == "cpu" and not (transposed or is_symbolic(problem)) and is_onednn(problem):
            self._ends = padded_beforehand(self._ends)
        kernel = ("gc", "o") if transposed else ("go", "c")
        self._to_x = algorithms.to_roles(problem, "x", ("n", "gc"))
        self._to_w = algorithms.to_roles(problem, "w", kernel)
        self._to_y = algorithms.from_roles(problem, ("n", "go"))

    def call(self) -> Call:
        first = "expansion" if self._transposed else "stride"
        return Call(
            stride=tuple(getattr(axis, first) for axis in self._axes),
            padding=tuple(both for both, _, _ in self._ends),
            dilation=tuple(axis.dilation for axis in self._axes),
            groups=self._problem.size("g"),
            transposed=self._transposed,
            dtype=self._problem.accumulator,
            precision=self._problem.precision,
        )

    def _cropped(self, convolve: Convolve) -> Convolve:
        """The convolution; a transposed one cropped, or with more beyond its full result."""
        more = amounts(self._ends) if self._transposed else None
        if more is None:
            return convolve
        steps = [-amount for amount in more]
        if all(step <= 0 for step in steps):
            return lambda x, w, bias: pad(convolve(x, w, bias), steps)
        # What lies beyond has the bias as well.
        return lambda x, w, bias: biased(pad(convolve(x, w, None), steps), bias)

    def around(self, convolve: Convolve) -> Run:
        """One function of a problem's operands, around one of PyTorch's."""
        convolve = self._cropped(convolve)
        data, kernel, finish = self._data(), self._kernel(), self._finish()
        to_bias = self._bias()
        if data is None and kernel is None and finish is None:
            return convolve if to_bias is None else _with_bias(convolve, to_bias)

        def run(x: Any, w: Any, bias: Any) -> Any:
            x = x if data is None else data(x)
            w = w if kernel is None else kernel(w)
            y = convolve(x, w, None if to_bias is None else to_bias(bias))
            return y if finish is None else finish(y)

        return run

    def _data(self) -> Callable[[Any], Any] | None:
        problem, xp = self._problem, self._xp
        steps: list[Callable[[Any], Any]] = []
        if problem.x_dtype != problem.accumulator:
            steps.append(lambda x: x.to(self._sums))
        if (arranged := self._to_x.bound(xp)) is not None:
            steps.append(arranged)
        if self._extended:
            steps.extend(map(self._extension, range(len(problem.axes))))
        if not self._transposed and (more := amounts(self._ends)):
            steps.append(lambda x: pad(x, more))
        if problem.conj_x:
            steps.append(torch.conj)
        return _chain(steps)

    def _extension(self, i: int) -> Callable[[Any], Any]:
        axis, fill, xp = self._problem.axes[i], self._problem.fill, self._xp
        return lambda x: algorithms.extend(x, 2 + i, axis, fill, xp)

    def _kernel(self) -> Callable[[Any], Any] | None:
        problem, xp = self._problem, self._xp
        steps: list[Callable[[Any], Any]] = []
        if problem.w_dtype != problem.accumulator:
            steps.append(lambda w: w.to(self._sums))
        if (arranged := self._to_w.bound(xp)) is not None:
            steps.append(arranged)
        # A transposed convolution of PyTorch runs the kernel backwards.
        if problem.flip != self._transposed:
            space = tuple(range(2, 2 + len(problem.axes)))
            steps.append(lambda w: torch.flip(w, space))
        if problem.conj_w:
            steps.append(torch.conj)
        return _chain(steps)

    def _bias(self) -> Callable[[Any], Any] | None:
        """The bias, rounded to the result's dtype and in that of the sums; None for none."""
        if self._problem.bias is None:
            return None
        own, sums = native(self._xp, self._problem.dtype), self._sums
        if own == sums:  # most often the bias's own, too: nothing to call
            return lambda bias: bias if bias.dtype is own else bias.to(own)
        return lambda bias: bias.to(own).to(sums)

    def _folding(self, i: int, how: Fold) -> Callable[[Any], Any]:
        xp = self._xp
        return lambda y: algorithms.fold(y, 2 + i, how, xp)

    def _finish(self) -> Callable[[Any], Any] | None:
        problem, xp = self._problem, self._xp
        steps: list[Callable[[Any], Any]] = []
        steps.extend(self._folding(i, a.fold) for i, a in enumerate(problem.axes) if a.fold)
        if (arranged := self._to_y.bound(xp)) is not None:
            steps.append(arranged)
        if problem.dtype != problem.accumulator:
            own = native(xp, problem.dtype)
            steps.append(lambda y: y.to(own))
        return _chain(steps)


def is_expanded(problem: ConvProblem) -> bool:
    """Whether it is a transposed convolution with a stride."""
    return any(axis.expansion != 1 for axis in problem.axes)


def _with_bias(convolve: Convolve, to_bias: Callable[[Any], Any]) -> Run:
    return lambda x, w, bias: convolve(x, w, to_bias(bias))


def _images_at_once(problem: ConvProblem, device: str) -> int | None:
    """How many images a call may unfold into columns, which stay small (CC-METHOD, memory).

    oneDNN convolves as it is what it serves. One graph for all sizes cannot have as many steps as
    images.
    """
    if device != "cpu" or problem.accumulator in SINGLE or is_symbolic(problem):
        return None
    samples = problem.size("gc") * prod(axis.size * axis.taps for axis in problem.axes)
    images = max(COLUMN_BYTES * 8 // max(samples * DTYPES[problem.accumulator].bits, 1), 1)
    return images if problem.size("n") > images else None


def _saves_a_flip(problem: ConvProblem) -> bool:
    """Whether a transposed convolution, which turns the kernel round by itself, is faster.

    On CPUs, a copy of the kernel takes longer than few products; of many, the forward call is
    faster. A transposed one makes the full result, of which much may be cropped.
    """
    if not problem.flip or problem.is_exact or is_symbolic(problem):
        return False
    plain = all(axis.stride == 1 for axis in problem.axes)
    products = problem.size("ngoc") * prod(axis.size * axis.taps for axis in problem.axes)
    return bool(plain and products <= _FEW)


def _ends(axis: Axis, *, transposed: bool) -> Margins:
    """Padding of the data; of a transposed convolution, what is cropped from its full result."""
    if transposed:
        return margins(axis.reach - axis.lo, axis.reach - axis.hi)
    return margins(axis.lo, axis.hi)


def _chain(steps: list[Callable[[Any], Any]]) -> Callable[[Any], Any] | None:
    """One function after the other; None for none, so that nothing costs nothing."""
    if len(steps) <= 1:
        return steps[0] if steps else None

    def chained(array: Any) -> Any:
        for step in steps:
            array = step(array)
        return array

    return chained
