"""Expanded data without zeros: one ordinary convolution per output residue, interleaved."""

import itertools
from dataclasses import replace
from typing import Any

from array_api_compat import device

from convcore._axis import Phase
from convcore._backend import Staged
from convcore._problem import ConvProblem
from convcore._typing import Namespace, Size
from convcore.algorithms._boundary import pad
from convcore.algorithms._engine import Engine

__all__ = ["in_phases"]


def in_phases(problem: ConvProblem, engine: Engine, xp: Namespace) -> Staged:
    """Lower a canonical problem with expanded axes to an engine for unexpanded ones."""
    if all(axis.expansion == 1 for axis in problem.axes):
        return engine(problem, xp)
    return _Phases(problem, engine, xp).staged()


class _Phases:
    """A tree of phases, one level an axis; its leaves are ordinary convolutions."""

    def __init__(self, problem: ConvProblem, engine: Engine, xp: Namespace) -> None:
        self._problem = problem
        self._xp = xp
        self._phases = [axis.phases() for axis in problem.axes]
        # A phase that no tap meets is zero, whatever the phases of the other axes.
        met = [[phase for phase in level if phase.axis.taps > 0] for level in self._phases]
        self._leaves: dict[tuple[Phase, ...], Staged] = {
            leaf: engine(replace(problem, axes=tuple(phase.axis for phase in leaf)), xp)
            for leaf in itertools.product(*met)
        }

    def staged(self) -> Staged:
        return Staged(self._prepare, lambda x, kernels, _bias: self._joined(x, kernels, ()))

    def _prepare(self, w: Any) -> dict[tuple[Phase, ...], Any]:
        head = (slice(None),) * 3
        return {
            leaf: run.prepare(w[(*head, *(slice(p.tap, None, p.tap_step) for p in leaf))])
            for leaf, run in self._leaves.items()
        }

    def _joined(self, x: Any, kernels: dict[Any, Any], chosen: tuple[Phase, ...]) -> Any:
        depth = len(chosen)
        if depth == len(self._phases):
            return self._leaves[chosen].apply(x, kernels[chosen], None)
        parts = [
            self._joined(x, kernels, (*chosen, phase))
            if phase.axis.taps > 0
            else self._zeros(x, (*chosen, phase))
            for phase in self._phases[depth]
        ]
        return _interleaved(parts, 3 + depth, self._problem.axes[depth].unfolded, self._xp)

    def _zeros(self, x: Any, chosen: tuple[Phase, ...]) -> Any:
        batch = tuple(self._problem.size(role) for role in "ngo")
        space = tuple(phase.axis.unfolded for phase in chosen)
        others = tuple(axis.unfolded for axis in self._problem.axes[len(chosen) :])
        return self._xp.zeros(batch + space + others, dtype=x.dtype, device=device(x))


def _interleaved(parts: list[Any], axis: int, length: Size, xp: Namespace) -> Any:
    """One axis from its residues: sample q of part r is sample q len(parts) + r."""
    if len(parts) == 1:
        return parts[0]
    longest = parts[0].shape[axis]
    head = (slice(None),) * axis
    whole = [pad(part, axis, 0, longest - part.shape[axis], xp) for part in parts]
    stacked = xp.stack(whole, axis=axis + 1)
    shape = (*stacked.shape[:axis], longest * len(parts), *stacked.shape[axis + 2 :])
    return xp.reshape(stacked, shape)[(*head, slice(0, length), ...)]
