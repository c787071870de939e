"""Meshes with explicit axes, on which the type of every array says how it is spread."""

from collections.abc import Callable
from math import prod
from typing import Any

import jax
from jax.sharding import NamedSharding, PartitionSpec

from convcore.plugins import ConvProblem
from convcore_jax._problems import linear_part

__all__ = ["across"]


def across(function: Callable[..., Any], problem: ConvProblem) -> Callable[..., Any]:
    """A function of the operands that says how its result is spread where that must be said.

    JAX's own operations refuse what does not divide evenly, such as data with their padding. Here
    XLA spreads all but the result, as it does on a mesh of automatic axes.
    """

    def spread(x: Any, w: Any, bias: Any) -> Any:
        mesh = _explicit_mesh(x, w)
        if mesh is None:
            return function(x, w, bias)
        result = NamedSharding(mesh, _result(x, w, problem, dict(mesh.shape)))
        automatic = jax.sharding.auto_axes(function, axes=mesh.explicit_axes, out_sharding=result)
        return automatic(x, w, bias)

    return spread


def _explicit_mesh(*operands: Any) -> Any:
    """The mesh that the operands' types speak of, if any."""
    meshes = (jax.typeof(x).sharding.mesh for x in operands)
    return next((mesh for mesh in meshes if mesh.explicit_axes), None)


def _result(x: Any, w: Any, problem: ConvProblem, mesh: dict[str, int]) -> PartitionSpec:
    """The result's axes are spread as those of x and then w, once each, and where that is even."""
    linear, wanted = linear_part(problem), {}
    for array, layout in ((w, linear.w), (x, linear.x)):
        spec = jax.typeof(array).sharding.spec
        wanted.update({atoms[0]: names for atoms, names in zip(layout, spec, strict=True) if atoms})
    used: set[str] = set()
    found = []
    for atoms, size in zip(linear.y, problem.y_shape, strict=True):
        names = _listed(wanted.get(atoms[0]) if atoms else None)
        even = size % prod(mesh[name] for name in names) == 0
        keeps = even and not used & set(names)
        found.append(names if names and keeps else None)
        used |= set(names) if keeps else set()
    return PartitionSpec(*found)


def _listed(names: Any) -> tuple[str, ...]:
    return () if names is None else (names,) if isinstance(names, str) else tuple(names)
