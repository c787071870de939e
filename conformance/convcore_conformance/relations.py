"""The relations of convolution arithmetic, as rows: Dumoulin and Visin, arXiv:1603.07285.

i, k, s, p, d and a are the sizes of input and kernel, the stride, the padding on both sides, the
dilation and the output padding of one axis.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

__all__ = ["OPTIONS", "RELATIONS", "Relation", "Sizes", "dense"]


class Sizes(NamedTuple):
    """Those of one axis of a call."""

    i: int
    k: int
    s: int = 1
    p: int = 0
    d: int = 1
    a: int = 0

    @property
    def options(self) -> dict[str, int]:
        """The options of the call; those that are as usual are not said."""
        return {
            name: getattr(self, short)
            for short, name in OPTIONS.items()
            if getattr(self, short) != Sizes._field_defaults[short]
        }


OPTIONS = {"s": "stride", "p": "padding", "d": "dilation", "a": "output_padding"}


@dataclass(frozen=True)
class Relation:
    """One row.

    Parameters
    ----------
    clause : str
        Its number.
    op : str
        The operation.
    holds : callable
        For which sizes it is said.
    size : callable
        The output it gives.
    samples : tuple of Sizes
        Those that are run.
    """

    clause: str
    op: str
    holds: Callable[[Sizes], bool]
    size: Callable[[Sizes], int]
    samples: tuple[Sizes, ...]


def dense(v: Sizes) -> int:
    """Give how far the last window of conv at stride 1 is from the first; negative for none.

    Parameters
    ----------
    v : Sizes
        Of one axis.

    Returns
    -------
    int
    """
    return v.i + 2 * v.p - v.k - (v.k - 1) * (v.d - 1)


def _stretched(v: Sizes) -> int:
    return v.s * (v.i - 1) + v.k


def _is(**wanted: int) -> Callable[[Sizes], bool]:
    return lambda v: all(getattr(v, name) == value for name, value in wanted.items())


def _is_half(v: Sizes) -> bool:
    return v.k == 2 * v.p + 1 and v.s == v.d == 1 and v.a == 0


def _is_full(v: Sizes) -> bool:
    return v.p == v.k - 1 and v.s == v.d == 1 and v.a == 0


RELATIONS = (
    Relation(
        "CC-MATH-14",
        "conv",
        _is(s=1, p=0, d=1, a=0),
        lambda v: (v.i - v.k) + 1,
        (Sizes(4, 3), Sizes(5, 5)),
    ),
    Relation(
        "CC-MATH-15",
        "conv",
        _is(s=1, d=1, a=0),
        lambda v: (v.i - v.k) + 2 * v.p + 1,
        (Sizes(5, 4, p=2), Sizes(2, 4, p=1)),
    ),
    Relation("CC-MATH-16", "conv", _is_half, lambda v: v.i, (Sizes(5, 3, p=1), Sizes(2, 5, p=2))),
    Relation(
        "CC-MATH-17",
        "conv",
        _is_full,
        lambda v: v.i + (v.k - 1),
        (Sizes(5, 3, p=2), Sizes(2, 4, p=3)),
    ),
    Relation(
        "CC-MATH-18",
        "conv",
        _is(p=0, d=1, a=0),
        lambda v: (v.i - v.k) // v.s + 1,
        (Sizes(5, 3, s=2), Sizes(6, 3, s=2)),
    ),
    Relation(
        "CC-MATH-19",
        "conv",
        _is(d=1, a=0),
        lambda v: (v.i + 2 * v.p - v.k) // v.s + 1,
        (Sizes(5, 3, s=2, p=1), Sizes(6, 3, s=2, p=1)),
    ),
    Relation(
        "CC-MATH-22",
        "conv_transpose",
        _is(s=1, p=0, d=1, a=0),
        lambda v: v.i + (v.k - 1),
        (Sizes(2, 3),),
    ),
    Relation(
        "CC-MATH-23",
        "conv_transpose",
        _is(s=1, d=1, a=0),
        lambda v: v.i + (v.k - 1) - 2 * v.p,
        (Sizes(6, 4, p=2), Sizes(6, 2, p=2)),
    ),
    Relation("CC-MATH-24", "conv_transpose", _is_half, lambda v: v.i, (Sizes(5, 3, p=1),)),
    Relation(
        "CC-MATH-25", "conv_transpose", _is_full, lambda v: v.i - (v.k - 1), (Sizes(7, 3, p=2),)
    ),
    Relation(
        "CC-MATH-26",
        "conv_transpose",
        _is(p=0, d=1, a=0),
        _stretched,
        (Sizes(2, 3, s=2), Sizes(3, 1, s=3)),
    ),
    Relation(
        "CC-MATH-27",
        "conv_transpose",
        _is(d=1, a=0),
        lambda v: _stretched(v) - 2 * v.p,
        (Sizes(3, 3, s=2, p=1), Sizes(4, 2, s=2, p=3)),
    ),
    Relation(
        "CC-MATH-28",
        "conv_transpose",
        _is(d=1),
        lambda v: _stretched(v) + v.a - 2 * v.p,
        (Sizes(3, 3, s=2, p=1, a=1), Sizes(2, 2, s=4, a=3)),
    ),
    Relation(
        "CC-MATH-30",
        "conv",
        _is(a=0),
        lambda v: dense(v) // v.s + 1,
        (Sizes(7, 3, d=2), Sizes(8, 2, d=3, s=2, p=1)),
    ),
)
