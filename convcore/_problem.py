"""The one normal form of every call: a convolution with named roles for every axis.

Roles are single letters: n (x and y), g (all three), c (x and w, summed), o (w and y), s (the
convolved axes, in all three with a size of their own). An *atom* is a role and a number, such as
``"n0"``; a *layout* says for each axis of an array which atoms it is made of, slowest first:
channels of a grouped image are ``("g0", "c0")``, an axis that is only broadcast is ``()``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import prod
from typing import TypeAlias

from convcore._axis import Axis
from convcore._dtypes import DTYPES, accumulator
from convcore._typing import Scalar, Shape, Size

__all__ = ["ConvProblem", "Layout"]

Layout: TypeAlias = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class ConvProblem:
    """y[n,g,o,p] = sum over c, k of x[n,g,c,i] w[g,o,c,k], with i given by each axis.

    Attributes
    ----------
    x, w, y : Layout
        The caller's axes of the three arrays in terms of roles.
    sizes : mapping of str to int
        Length of every atom but the convolved ones.
    axes : tuple of Axis
        The convolved axes, in the order of the atoms s0, s1, ...
    x_dtype, w_dtype, dtype : str
        Dtypes of the operands and of the result.
    flip, conj_x, conj_w : bool
        Whether the kernel runs backwards, and which operand is conjugated.
    fill : int, float or complex
        What lies beyond the data where the boundary is constant.
    bias : tuple of str or None
        The roles of the bias, which is added to every output.
    precision : {"ieee", "fast"}
    threads : int or None
    """

    x: Layout
    w: Layout
    y: Layout
    sizes: Mapping[str, Size]
    axes: tuple[Axis, ...]
    x_dtype: str
    w_dtype: str
    dtype: str
    flip: bool = False
    conj_x: bool = False
    conj_w: bool = False
    fill: Scalar = 0
    bias: tuple[str, ...] | None = None
    precision: str = "ieee"
    threads: int | None = None

    def __hash__(self) -> int:
        return hash((self.x, self.w, self.y, frozenset(self.sizes.items()), self.axes, self.dtype))

    @property
    def accumulator(self) -> str:
        """Dtype of the sums."""
        return accumulator(self.dtype)

    @property
    def is_complex(self) -> bool:
        """Whether the result is complex."""
        return DTYPES[self.dtype].kind == "complex floating"

    @property
    def is_exact(self) -> bool:
        """Whether the result is an integer, exact modulo its width."""
        return DTYPES[self.dtype].kind == "integer"

    def size(self, roles: str) -> Size:
        """Product of the sizes of all atoms of these roles."""
        return prod(size for atom, size in self.sizes.items() if atom[0] in roles)

    @property
    def x_shape(self) -> Shape:
        """Shape of x as the caller has it."""
        return self._shape("x")

    @property
    def w_shape(self) -> Shape:
        """Shape of w as the caller has it."""
        return self._shape("w")

    @property
    def y_shape(self) -> Shape:
        """Shape of the result."""
        return self._shape("y")

    def atom_sizes(self, which: str) -> Shape:
        """Lengths of the atoms of array "x", "w" or "y", in its layout's order."""
        length = {"x": "size", "w": "taps", "y": "out"}[which]
        sizes = {f"s{i}": getattr(axis, length) for i, axis in enumerate(self.axes)}
        sizes.update(self.sizes)
        return tuple(sizes[atom] for atoms in self._layout(which) for atom in atoms)

    def _layout(self, which: str) -> Layout:
        return {"x": self.x, "w": self.w, "y": self.y}[which]

    def _shape(self, which: str) -> Shape:
        lengths = iter(self.atom_sizes(which))
        return tuple(prod(next(lengths) for _ in atoms) for atoms in self._layout(which))

    @property
    def terms(self) -> Size:
        """Most products in one output."""
        return self.size("c") * prod(a.taps for a in self.axes)

    @property
    def multiplications(self) -> Size:
        """Multiplications of the definition, zeros of strides and expansions left out."""
        outputs = prod(a.unfolded for a in self.axes)
        return self.size("ngo") * outputs * self.terms // prod(a.expansion for a in self.axes)

    @property
    def is_extended(self) -> bool:
        """Whether anything but zeros lies beyond the data."""
        return self.fill != 0 or any(a.boundary != "constant" for a in self.axes)

    @property
    def prefers_exchange(self) -> bool:
        """Whether the kernel is the longer operand, so that the data had better slide over it."""
        plain = all(a.expansion == 1 and a.fold is None for a in self.axes)
        longer = prod(a.taps for a in self.axes) > prod(a.size for a in self.axes)
        return plain and longer and not self.is_extended

    def transpose(self) -> "ConvProblem":
        """The transposed map, from y to x: its data are y's, its output x's."""
        return replace(
            self._renamed("oc"),
            x=_renamed(self.y, "oc"),
            w=_renamed(self.w, "oc"),
            y=_renamed(self.x, "oc"),
            axes=tuple(a.transpose() for a in self.axes),
            flip=not self.flip,
            fill=0,
            bias=None,
        )

    def input_grad(self) -> "ConvProblem":
        """The adjoint in x: the transpose with w conjugated."""
        turned = self.transpose()
        return replace(turned, conj_w=self.is_complex and not self.conj_w)

    def weight_grad(self) -> "ConvProblem":
        """The adjoint in w of an unflipped problem: conj(x) correlated with y's gradient.

        It is linear in w with the fill value in place, so that stays.
        """
        return replace(
            self._renamed("nc"),
            w=_renamed(self.y, "nc"),
            y=_renamed(self.w, "nc"),
            axes=tuple(a.weight_grad() for a in self.axes),
            conj_x=self.is_complex and not self.conj_x,
            conj_w=False,
            bias=None,
        )

    def exchange(self) -> "ConvProblem":
        """The same result of a *flipped* problem with the operands' parts exchanged.

        Only for data with nothing but zeros beyond them. (x convolved with w is w convolved with
        x; for an unflipped problem, flip w first.)
        """
        return replace(
            self._renamed("no"),
            x=_renamed(self.w, "no"),
            w=_renamed(self.x, "no"),
            axes=tuple(a.exchange() for a in self.axes),
            x_dtype=self.w_dtype,
            w_dtype=self.x_dtype,
            conj_x=self.conj_w,
            conj_w=self.conj_x,
        )

    def _renamed(self, pair: str) -> "ConvProblem":
        """This problem with two roles' letters exchanged in sizes, y and bias."""
        bias = None if self.bias is None else _renamed((self.bias,), pair)[0]
        sizes = {_exchanged(atom, pair): size for atom, size in self.sizes.items()}
        x, y = _renamed(self.x, pair), _renamed(self.y, pair)
        return replace(self, sizes=sizes, x=x, y=y, bias=bias)


def _renamed(layout: Layout, pair: str) -> Layout:
    return tuple(tuple(_exchanged(atom, pair) for atom in atoms) for atoms in layout)


def _exchanged(atom: str, pair: str) -> str:
    role = atom[0]
    return (pair[1 - pair.index(role)] if role in pair else role) + atom[1:]
