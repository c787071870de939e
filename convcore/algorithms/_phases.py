"""Expanded data without zeros: one ordinary convolution per output residue, interleaved."""

from dataclasses import replace
from typing import Any

from array_api_compat import device

from convcore._axis import Phase
from convcore._backend import Staged
from convcore._problem import ConvProblem
from convcore._typing import Namespace, Size

__all__ = ["in_phases"]


def in_phases(problem: ConvProblem, engine: Any, xp: Namespace) -> Staged:
    """Lower a canonical problem with expanded axes to an engine for unexpanded ones."""
    if all(axis.expansion == 1 for axis in problem.axes):
        return engine(problem, xp)  # type: ignore[no-any-return]
    return _Phases(problem, engine, xp).staged()


class _Phases:
    """A tree of phases, one level an axis; its leaves are ordinary convolutions."""

    def __init__(self, problem: ConvProblem, engine: Any, xp: Namespace) -> None:
        self._problem = problem
        self._engine = engine
        self._xp = xp
        self._phases = [axis.phases() for axis in problem.axes]
        self._leaves = {leaf: self._lowered(leaf) for leaf in self._product(())}

    def staged(self) -> Staged:
        return Staged(self._prepare, lambda x, kernels, _bias: self._joined(x, kernels, ()))

    def _product(self, chosen: tuple[Phase, ...]) -> list[tuple[Phase, ...]]:
        if len(chosen) == len(self._phases):
            return [chosen]
        level = self._phases[len(chosen)]
        return [leaf for phase in level for leaf in self._product((*chosen, phase))]

    def _lowered(self, leaf: tuple[Phase, ...]) -> Staged | None:
        """The convolution of one leaf; None where no tap or no output is in it."""
        axes = tuple(phase.axis for phase in leaf)
        if any(axis.taps == 0 or axis.unfolded == 0 for axis in axes):
            return None
        return self._engine(replace(self._problem, axes=axes), self._xp)  # type: ignore[no-any-return]

    def _prepare(self, w: Any) -> dict[tuple[Phase, ...], Any]:
        head = (slice(None),) * 3
        return {
            leaf: run.prepare(w[(*head, *(slice(p.tap, None, p.tap_step) for p in leaf))])
            for leaf, run in self._leaves.items()
            if run is not None
        }

    def _joined(self, x: Any, kernels: dict[Any, Any], chosen: tuple[Phase, ...]) -> Any:
        depth = len(chosen)
        if depth == len(self._phases):
            run = self._leaves[chosen]
            return self._zeros(x, chosen) if run is None else run.apply(x, kernels[chosen], None)
        parts = [self._joined(x, kernels, (*chosen, phase)) for phase in self._phases[depth]]
        return _interleaved(parts, 3 + depth, self._problem.axes[depth].unfolded, self._xp)

    def _zeros(self, x: Any, leaf: tuple[Phase, ...]) -> Any:
        batch = tuple(self._problem.size(role) for role in "ngo")
        space = tuple(phase.axis.unfolded for phase in leaf)
        return self._xp.zeros(batch + space, dtype=x.dtype, device=device(x))


def _interleaved(parts: list[Any], axis: int, length: Size, xp: Namespace) -> Any:
    """One axis from its residues: sample q of part r is sample q len(parts) + r."""
    if len(parts) == 1:
        return parts[0]
    longest = parts[0].shape[axis]
    head = (slice(None),) * axis
    whole = [_lengthened(part, axis, longest, xp) for part in parts]
    stacked = xp.stack(whole, axis=axis + 1)
    shape = (*stacked.shape[:axis], longest * len(parts), *stacked.shape[axis + 2 :])
    return xp.reshape(stacked, shape)[(*head, slice(0, length), ...)]


def _lengthened(part: Any, axis: int, length: Size, xp: Namespace) -> Any:
    missing = length - part.shape[axis]
    if missing == 0:
        return part
    shape = (*part.shape[:axis], missing, *part.shape[axis + 1 :])
    return xp.concat([part, xp.zeros(shape, dtype=part.dtype, device=device(part))], axis=axis)
