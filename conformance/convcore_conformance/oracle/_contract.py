"""The sum itself: every operation is one contraction over labels and convolved axes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import NamedTuple, TypeAlias

from ._axis import FILL, Axis
from ._numbers import (
    Real,
    Scalar,
    denominator,
    integral,
    modulus_up,
    sqrt_up,
    square,
)
from ._tensor import Tensor, indices

Index: TypeAlias = tuple[int, ...]


class Element(NamedTuple):
    """One element of a result, with all that a derived tolerance needs.

    Attributes
    ----------
    value : int, Fraction or Complex
        The exact sum.
    terms : int
        The number n of its terms (a zero fill value adds none).
    magnitude : Fraction
        The sum of the moduli of the terms, rounded up.
    x_norm, w_norm : Fraction
        The norms of the slices of the extended x and of w that share the element's labels.
    """

    value: Scalar
    terms: int
    magnitude: Real
    x_norm: Real
    w_norm: Real


@dataclass(frozen=True)
class Result:
    """The exact result of one operation.

    Parameters
    ----------
    elements : Tensor of Element
        The output, in the caller's layout.
    length : int
        L of the normwise bound.
    channels : int
        The number of channels summed over (C_in of the normwise bound).
    """

    elements: Tensor[Element]
    length: int
    channels: int


@dataclass(frozen=True)
class Equation:
    """Labels of the axes that are not convolved, such as ``ngc,goc->ngo``; each a letter."""

    x: str
    w: str
    y: str

    @classmethod
    def of(cls, text: str) -> Equation:
        inputs, _, y = text.partition("->")
        x, _, w = inputs.partition(",")
        return cls(x, w, y)

    @property
    def summed(self) -> str:
        return "".join(dict.fromkeys(c for c in self.x + self.w if c not in self.y))

    def sizes(self, x: Tensor[Scalar], w: Tensor[Scalar]) -> dict[str, int]:
        return dict(zip(self.x, x.shape, strict=False)) | dict(zip(self.w, w.shape, strict=False))


@dataclass(frozen=True)
class Operand:
    """An operand held as ints (a common scale taken out), and what FILL stands for."""

    values: Tensor[Scalar]
    fill: Scalar
    scale: int

    @classmethod
    def of(cls, tensor: Tensor[Scalar], fill: Scalar = 0) -> Operand:
        scale = denominator((*tensor.values, fill))
        return cls(tensor.map(lambda v: integral(v, scale)), integral(fill, scale), scale)

    def at(self, labels: Sequence[int], samples: Sequence[int]) -> Scalar:
        return self.fill if FILL in samples else self.values.at((*labels, *samples))

    def moduli(self) -> Operand:
        return Operand(self.values.map(modulus_up), modulus_up(self.fill), self.scale)

    def norm(self, labels: Sequence[Iterable[int]], samples: Sequence[Iterable[int]]) -> Fraction:
        squares = (square(self.at(at, s)) for at, s in product(product(*labels), product(*samples)))
        return sqrt_up(sum(squares)) / self.scale


def contract(
    equation: str,
    axes: Sequence[Axis],
    x: Tensor[Scalar],
    w: Tensor[Scalar],
    fill: Scalar = 0,
) -> Result:
    """Sum x[labels, i] * w[labels, k] over the summed labels and the pairs (i, k) of each axis.

    The operands' leading axes are the labels of ``equation``, in order; then the convolved axes.
    """
    eq = Equation.of(equation)
    sizes = eq.sizes(x, w)
    sums = _Sums(eq, sizes, axes, Operand.of(x, fill), Operand.of(w))
    shape = (*(sizes[c] for c in eq.y), *(len(axis.taps) for axis in axes))
    elements = tuple(
        sums.element(dict(zip(eq.y, at, strict=False)), at[len(eq.y) :]) for at in indices(shape)
    )
    length = math.prod(axis.length for axis in axes) if axes else 2
    channels = math.prod(sizes[c] for c in eq.summed)
    return Result(Tensor(shape, elements), length, channels)


class _Sums:
    """The sums of one contraction; norms are kept, since many outputs share a slice."""

    def __init__(
        self,
        eq: Equation,
        sizes: Mapping[str, int],
        axes: Sequence[Axis],
        x: Operand,
        w: Operand,
    ) -> None:
        self.eq, self.sizes, self.axes, self.x, self.w = eq, sizes, axes, x, w
        self.x_moduli, self.w_moduli = x.moduli(), w.moduli()
        self._norms: dict[tuple[str, tuple[int, ...]], Fraction] = {}

    def element(self, labels: Mapping[str, int], p: Sequence[int]) -> Element:
        value: Scalar = 0
        magnitude: Scalar = 0
        terms = 0
        for x_labels, i, w_labels, k in self._terms(labels, p):
            value += self.x.at(x_labels, i) * self.w.at(w_labels, k)
            magnitude += self.x_moduli.at(x_labels, i) * self.w_moduli.at(w_labels, k)
            terms += 1
        unit = Fraction(1, self.x.scale * self.w.scale)
        x_norm = self._norm("x", labels)
        w_norm = self._norm("w", labels)
        return Element(value * unit, terms, modulus_up(magnitude * unit), x_norm, w_norm)

    def _terms(
        self, labels: Mapping[str, int], p: Sequence[int]
    ) -> Iterator[tuple[Index, Index, Index, Index]]:
        """Find the places (x labels, i, w labels, k) of the terms; a zero fill value makes none."""
        for summed in indices(self.sizes[c] for c in self.eq.summed):
            label = {**labels, **dict(zip(self.eq.summed, summed, strict=True))}
            x_labels = tuple(label[c] for c in self.eq.x)
            w_labels = tuple(label[c] for c in self.eq.w)
            for pairs in product(*(axis.taps[q] for axis, q in zip(self.axes, p, strict=True))):
                i, k = tuple(pair[0] for pair in pairs), tuple(pair[1] for pair in pairs)
                if FILL not in i or square(self.x.fill):
                    yield x_labels, i, w_labels, k

    def _norm(self, name: str, labels: Mapping[str, int]) -> Fraction:
        """Measure the slice of an operand that shares the output element's labels."""
        own, operand, samples = {
            "x": (self.eq.x, self.x, [axis.x_samples for axis in self.axes]),
            "w": (self.eq.w, self.w, [axis.w_samples for axis in self.axes]),
        }[name]
        key = name, tuple(labels.get(c, -1) for c in own)
        if key not in self._norms:
            free = [(labels[c],) if c in labels else range(self.sizes[c]) for c in own]
            self._norms[key] = operand.norm(free, samples)
        return self._norms[key]
