"""Between the caller's axes and the canonical ones.

Canonical are x (n, g, c, *s), w (g, o, c, *s) and y (n, g, o, *s).
"""

from dataclasses import replace
from math import prod
from typing import Any

from convcore._axis import Axis
from convcore._problem import ConvProblem, Layout
from convcore._typing import Namespace, Shape

__all__ = ["canonical", "from_roles", "spatial_positions", "to_roles"]

_ORDERS = {"x": "ngcs", "w": "gocs", "y": "ngos"}


def canonical(problem: ConvProblem, axes: tuple[Axis, ...]) -> ConvProblem:
    """The problem on canonical arrays of the accumulator: unflipped, unconjugated, with no bias."""
    space = tuple((f"s{i}",) for i in range(len(axes)))
    return replace(
        problem,
        x=(("n",), ("g",), ("c",), *space),
        w=(("g",), ("o",), ("c",), *space),
        y=(("n",), ("g",), ("o",), *space),
        sizes={role: problem.size(role) for role in "ngco"},
        axes=axes,
        x_dtype=problem.accumulator,
        w_dtype=problem.accumulator,
        dtype=problem.accumulator,
        flip=False,
        conj_x=False,
        conj_w=False,
        fill=0,
        bias=None,
    )


def to_roles(array: Any, which: str, problem: ConvProblem, xp: Namespace) -> Any:
    """The caller's x or w, its axes split, ordered and merged into roles.

    Parameters
    ----------
    which : {"x", "w"}
        Which array it is.
    """
    atoms, shape = _flat(problem.x if which == "x" else problem.w), problem.atom_sizes(which)
    order = _ordered(atoms, which)
    array = _reshaped(array, shape, xp)
    array = _permuted(array, tuple(map(atoms.index, order)), xp)
    sizes = dict(zip(atoms, shape, strict=True))
    batch = tuple(
        prod(sizes[atom] for atom in order if atom[0] == role) for role in _ORDERS[which][:3]
    )
    return _reshaped(array, batch + tuple(sizes[a] for a in order if a[0] == "s"), xp)


def from_roles(array: Any, problem: ConvProblem, xp: Namespace) -> Any:
    """A canonical result as the caller's y."""
    atoms, shape = _flat(problem.y), problem.atom_sizes("y")
    order = _ordered(atoms, "y")
    sizes = dict(zip(atoms, shape, strict=True))
    array = _reshaped(array, tuple(sizes[atom] for atom in order), xp)
    array = _permuted(array, tuple(map(order.index, atoms)), xp)
    return _reshaped(array, problem.y_shape, xp)


def spatial_positions(layout: Layout) -> tuple[int, ...]:
    """Positions of the convolved axes among the caller's axes."""
    return tuple(i for i, atoms in enumerate(layout) if any(a[0] == "s" for a in atoms))


def _flat(layout: Layout) -> list[str]:
    return [atom for atoms in layout for atom in atoms]


def _ordered(atoms: list[str], which: str) -> list[str]:
    # Any fixed order of the atoms of one role will do, as all three arrays use the same.
    return sorted(atoms, key=lambda atom: (_ORDERS[which].index(atom[0]), int(atom[1:] or 0)))


def _reshaped(array: Any, shape: Shape, xp: Namespace) -> Any:
    return array if tuple(array.shape) == tuple(shape) else xp.reshape(array, shape)


def _permuted(array: Any, order: tuple[int, ...], xp: Namespace) -> Any:
    return array if order == tuple(range(len(order))) else xp.permute_dims(array, order)
