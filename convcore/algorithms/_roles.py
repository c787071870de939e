"""Between the caller's axes and the canonical ones.

Canonical are x (n, g, c, *s), w (g, o, c, *s) and y (n, g, o, *s).
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from math import prod
from typing import Any, NamedTuple

from convcore._axis import Axis
from convcore._problem import ConvProblem, Layout
from convcore._typing import Namespace, Shape, Size

__all__ = ["Arrangement", "canonical", "from_roles", "spatial_positions", "to_roles"]

_ORDERS = {"x": "ngc", "w": "goc", "y": "ngo"}


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


class Arrangement(NamedTuple):
    """One way between the caller's axes and axes of roles: split, reorder, merge.

    A step that would change nothing is None, so that an array which is as wanted passes untouched.
    """

    split: Shape | None
    order: tuple[int, ...] | None
    merged: Shape | None

    def __call__(self, array: Any, xp: Namespace) -> Any:
        if self.split is not None:
            array = xp.reshape(array, self.split)
        if self.order is not None:
            array = xp.permute_dims(array, self.order)
        return array if self.merged is None else xp.reshape(array, self.merged)

    def bound(self, xp: Namespace) -> Callable[[Any], Any] | None:
        """The way as one function, made once for many calls; None where there is nothing to do."""
        if not any(self):
            return None
        if self.split is None and self.order is None:
            reshape, merged = xp.reshape, self.merged
            return lambda array: reshape(array, merged)
        return lambda array: self(array, xp)


def to_roles(problem: ConvProblem, which: str, merged: tuple[str, ...] = ()) -> Arrangement:
    """The way from the caller's x or w to axes of roles.

    Parameters
    ----------
    which : {"x", "w"}
        Which array it is.
    merged : tuple of str
        The roles of each axis before the convolved ones; by default every role has its own, in
        the canonical order.
    """
    route = _route(problem, which, merged)
    return Arrangement(
        None if route.units == route.layout else route.shape(route.units),
        _permutation(route.order),
        None if route.moved == route.target else route.shape(route.target),
    )


def from_roles(problem: ConvProblem, merged: tuple[str, ...] = ()) -> Arrangement:
    """The way from a result in axes of roles to the caller's y; `merged` as in `to_roles`."""
    route = _route(problem, "y", merged)
    return Arrangement(
        None if route.moved == route.target else route.shape(route.moved),
        _permutation(tuple(map(route.order.index, range(len(route.order))))),
        None if route.units == route.layout else route.shape(route.layout),
    )


class _Route(NamedTuple):
    """The stations of an array on its way to roles, as layouts, and the size of every atom."""

    layout: Layout
    units: Layout
    order: tuple[int, ...]
    target: Layout
    sizes: Mapping[str, Size]

    @property
    def moved(self) -> Layout:
        return tuple(self.units[i] for i in self.order)

    def shape(self, layout: Layout) -> Shape:
        return tuple(prod(self.sizes[atom] for atom in atoms) for atoms in layout)


def _route(problem: ConvProblem, which: str, merged: tuple[str, ...]) -> _Route:
    layout = {"x": problem.x, "w": problem.w, "y": problem.y}[which]
    groups = merged or tuple(_ORDERS[which])
    roles = "".join(groups) + "s"
    atoms = [atom for axis in layout for atom in axis]
    sizes = dict(zip(atoms, problem.atom_sizes(which), strict=True))
    # Any fixed order of the atoms of one role will do, as all three arrays use the same.
    ranked = sorted(atoms, key=lambda atom: (roles.index(atom[0]), int(atom[1:] or 0)))
    target = tuple(tuple(a for a in ranked if a[0] in group) for group in groups)
    target += tuple((a,) for a in ranked if a[0] == "s")
    units = layout if _keeps_together(layout, ranked) else tuple((atom,) for atom in atoms)
    order = tuple(sorted(range(len(units)), key=lambda i: ranked.index(units[i][0])))
    return _Route(layout, units, order, target, sizes)


def _keeps_together(layout: Layout, ranked: list[str]) -> bool:
    """Whether the axes need only be moved whole to bring their atoms into order."""
    places = [[ranked.index(atom) for atom in atoms] for atoms in layout]
    return all(p and p == list(range(p[0], p[0] + len(p))) for p in places)


def _permutation(order: tuple[int, ...]) -> tuple[int, ...] | None:
    return None if order == tuple(range(len(order))) else order


def spatial_positions(layout: Layout) -> tuple[int, ...]:
    """Positions of the convolved axes among the caller's axes."""
    return tuple(i for i, atoms in enumerate(layout) if any(a[0] == "s" for a in atoms))
