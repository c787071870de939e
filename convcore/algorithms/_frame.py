"""All that surrounds an engine: dtypes, roles, boundaries, conjugates, expansion, bias.

The frame makes every problem canonical, so an engine is only about multiplying and adding.
"""

from dataclasses import replace
from typing import Any

from array_api_compat import device

from convcore._axis import Axis
from convcore._backend import Staged
from convcore._dtypes import native
from convcore._problem import ConvProblem
from convcore._typing import Namespace, Run
from convcore.algorithms._boundary import extend, fold
from convcore.algorithms._engine import Engine
from convcore.algorithms._phases import in_phases
from convcore.algorithms._roles import canonical, from_roles, spatial_positions, to_roles

__all__ = ["exchanged", "frame"]


def frame(
    problem: ConvProblem,
    engine: Engine,
    xp: Namespace,
    *,
    expanded: bool = False,
    biased: bool = False,
) -> Run:
    """Lower any problem to an engine for canonical ones.

    Parameters
    ----------
    problem : ConvProblem
    engine : Engine
    xp : namespace
    expanded : bool
        Whether the engine takes axes with an expansion as they are; otherwise it sees their phases.
    biased : bool
        Whether it then adds a bias, which has the canonical axes of an output; it gets none where
        the outputs are folded first.
    """
    return _Frame(problem, xp).around(engine, expanded=expanded, biased=biased)


def exchanged(problem: ConvProblem, engine: Engine, xp: Namespace) -> Run:
    """Lower a problem with its operands exchanged: the data slide over the longer kernel.

    The engine must not multiply x by the zeros beyond the kernel's ends: an inf there would reach
    outputs whose windows do not hold it.
    """
    inner = frame(replace(problem, flip=True).exchange(), engine, xp)
    if problem.flip:
        return lambda x, w, bias: inner(w, x, bias)
    axes = spatial_positions(problem.w)
    return lambda x, w, bias: inner(xp.flip(w, axis=axes), x, bias)


class _Frame:
    """The stages of one problem, each a method from array to array."""

    def __init__(self, problem: ConvProblem, xp: Namespace) -> None:
        self._problem = problem
        self._xp = xp
        self._dtype = native(xp, problem.accumulator)
        self._extensions = tuple(a if _is_extended(a, problem) else None for a in problem.axes)
        self._core = canonical(problem, tuple(a.extended() if e else a for a, e in self._pairs()))
        self._x, self._w = to_roles(problem, "x"), to_roles(problem, "w")
        self._y = from_roles(problem)

    def _pairs(self) -> list[tuple[Axis, Axis | None]]:
        return list(zip(self._problem.axes, self._extensions, strict=True))

    def around(self, engine: Engine, *, expanded: bool, biased: bool) -> Run:
        if self._core.size("ngoc") == 0:
            return lambda x, w, bias: self.finish(self._zeros(x), self.bias(bias))
        xp = self._xp
        inner = engine(self._core, xp) if expanded else in_phases(self._core, engine, xp)
        within = biased and all(axis.fold is None for axis in self._problem.axes)

        def apply(x: Any, kernel: Any, bias: Any) -> Any:
            bias = self.bias(bias)
            y = inner.apply(self.data(x), kernel, bias if within else None)
            return self.finish(y, None if within else bias)

        return Staged(lambda w: inner.prepare(self.kernel(w)), apply)

    def kernel(self, w: Any) -> Any:
        xp, problem = self._xp, self._problem
        w = _as_dtype(w, self._dtype, xp)
        w = self._w(w, xp)
        if problem.flip and problem.axes:
            w = xp.flip(w, axis=tuple(range(3, 3 + len(problem.axes))))
        return xp.conj(w) if problem.conj_w else w

    def data(self, x: Any) -> Any:
        xp, problem = self._xp, self._problem
        x = _as_dtype(x, self._dtype, xp)
        x = self._x(x, xp)
        for i, along in enumerate(self._extensions):
            if along is not None:
                x = extend(x, 3 + i, along, problem.fill, xp)
        return xp.conj(x) if problem.conj_x else x

    def finish(self, y: Any, bias: Any) -> Any:
        xp, problem = self._xp, self._problem
        for i, axis in enumerate(problem.axes):
            if axis.fold is not None:
                y = fold(y, 3 + i, axis.fold, xp)
        if bias is not None:
            y = y + bias
        y = self._y(y, xp)
        return _as_dtype(y, native(xp, problem.dtype), xp)

    def bias(self, bias: Any) -> Any:
        """The bias, rounded to the result's dtype, over the canonical axes of its roles."""
        if bias is None:
            return None
        xp, problem = self._xp, self._problem
        rounded = xp.astype(bias, native(xp, problem.dtype), copy=False)
        bias = xp.astype(rounded, self._dtype, copy=False)
        roles = tuple(atom[0] for atom in problem.bias or ())
        bias = xp.reshape(bias, tuple(problem.size(role) for role in roles))
        if roles == ("g", "n"):
            bias, roles = xp.permute_dims(bias, (1, 0)), ("n", "g")
        batch = tuple(problem.size(role) if role in roles else 1 for role in "ngo")
        return xp.reshape(bias, batch + (1,) * len(problem.axes))

    def _zeros(self, like: Any) -> Any:
        shape = tuple(self._core.size(role) for role in "ngo")
        space = tuple(axis.unfolded for axis in self._core.axes)
        return self._xp.zeros(shape + space, dtype=self._dtype, device=device(like))


def _as_dtype(array: Any, dtype: Any, xp: Namespace) -> Any:
    # A conversion that changes nothing is no more than a comparison, but takes many times as long.
    return array if array.dtype == dtype else xp.astype(array, dtype)


def _is_extended(axis: Axis, problem: ConvProblem) -> bool:
    return axis.boundary != "constant" or (problem.fill != 0 and axis.expansion == 1)
