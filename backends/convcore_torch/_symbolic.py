"""Sizes that are symbols while PyTorch traces a graph for many shapes."""

from dataclasses import fields, replace
from typing import Any

import torch

from convcore.plugins import ConvProblem

__all__ = ["is_symbolic", "specialised"]


def is_symbolic(problem: ConvProblem) -> bool:
    """Whether any number of a problem is a symbol."""
    numbers = [getattr(axis, field.name) for axis in problem.axes for field in fields(axis)]
    return any(isinstance(n, torch.SymInt) for n in (*numbers, *problem.sizes.values()))


def specialised(problem: ConvProblem) -> ConvProblem:
    """The problem with the sizes of this trace, which then serves no others."""
    if not is_symbolic(problem):
        return problem
    axes = tuple(
        replace(axis, **{field.name: _plain(getattr(axis, field.name)) for field in fields(axis)})
        for axis in problem.axes
    )
    sizes = {atom: _plain(size) for atom, size in problem.sizes.items()}
    return replace(problem, axes=axes, sizes=sizes)


def _plain(value: Any) -> Any:
    return int(value) if isinstance(value, torch.SymInt) else value
