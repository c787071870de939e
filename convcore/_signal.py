"""From a convolve or correlate call to its ConvProblem."""

from operator import eq, gt, lt, ne
from typing import Any, NamedTuple, Self, TypeAlias

from convcore._arguments import as_int, as_tuple, choice, is_single
from convcore._axis import Axis
from convcore._checks import Surely, check_fill, check_length, parse_boundary
from convcore._errors import OptionError, ShapeError
from convcore._problem import ConvProblem
from convcore._typing import Shape, Size

__all__ = ["MODES", "SignalOptions", "lags"]

MODES = ("full", "same", "valid")
_Atoms: TypeAlias = tuple[str, ...]


class SignalOptions(NamedTuple):
    """The signal pair's own options, as the user gave them."""

    mode: Any = "full"
    axes: Any = None
    boundary: Any = "constant"
    fill_value: Any = 0

    def checked(self, rank: int, dtype: str) -> Self:
        """The same, every value in its one spelling; shapes are not looked at yet."""
        mode = choice("mode", self.mode, MODES)
        if mode is None:
            raise OptionError(f"mode=None is no mode; allowed are {', '.join(map(repr, MODES))}")
        axes = _parse_axes(self.axes, rank)
        boundary = parse_boundary(self.boundary, len(axes))
        fill = check_fill(self.fill_value, boundary, dtype)
        return self._replace(mode=mode, axes=axes, boundary=boundary, fill_value=fill)

    def problem(
        self,
        shapes: tuple[Shape, Shape],
        dtypes: tuple[str, str, str],
        surely: Surely,
        *,
        correlate: bool,
    ) -> ConvProblem:
        """The problem of a checked call."""
        if len(shapes[0]) != len(shapes[1]):
            raise ShapeError(
                f"x1 has {len(shapes[0])} axes and x2 has {len(shapes[1])}; allowed are operands "
                "of equal rank: insert axes of length 1 where one lacks them"
            )
        convolved = {axis: ((f"s{i}",), (f"s{i}",)) for i, axis in enumerate(self.axes)}
        pairs = list(enumerate(zip(*shapes, strict=True)))
        atoms = [convolved.get(i) or _batch_roles(i, n1, n2, surely) for i, (n1, n2) in pairs]
        sizes = {
            atom: n
            for (_, lengths), both in zip(pairs, atoms, strict=True)
            for n, own in zip(lengths, both, strict=True)
            for atom in own
            if atom[0] != "s"
        }
        return ConvProblem(
            x=tuple(in_x for in_x, _ in atoms),
            w=tuple(in_w for _, in_w in atoms),
            y=tuple(in_x or in_w for in_x, in_w in atoms),
            sizes=sizes,
            axes=self._windows(*shapes, surely),
            x_dtype=dtypes[0],
            w_dtype=dtypes[1],
            dtype=dtypes[2],
            flip=not correlate,
            conj_w=correlate and dtypes[2].startswith("complex"),
            fill=self.fill_value if self.mode != "valid" and self.axes else 0,
        )

    def _windows(self, shape1: Shape, shape2: Shape, surely: Surely) -> tuple[Axis, ...]:
        pairs = [(shape1[axis], shape2[axis]) for axis in self.axes]
        for axis, (n1, n2) in zip(self.axes, pairs, strict=True):
            check_length("x1", axis, n1, surely)
            check_length("x2", axis, n2, surely)
        if self.mode == "valid":
            _check_dominance(pairs, surely)
        return tuple(
            _window(self.mode, n1, n2, boundary)
            for (n1, n2), boundary in zip(pairs, self.boundary, strict=True)
        )


def _parse_axes(axes: Any, rank: int) -> tuple[int, ...]:
    if axes is None:
        return tuple(range(rank))
    given = (axes,) if is_single(axes) else as_tuple("axes", axes)
    found = [as_int("axes", axis) for axis in given]
    for axis in found:
        if not -rank <= axis < rank:
            raise OptionError(
                f"axes={axes!r}: {axis} is no axis of {rank}-dimensional operands; "
                + (f"allowed are {-rank} ... {rank - 1}" if rank else "allowed is only axes=()")
            )
    normal = tuple(axis % rank for axis in found)
    if len(set(normal)) != len(normal):
        raise OptionError(f"axes={axes!r} names an axis twice; allowed are distinct axes")
    return normal


def _batch_roles(axis: int, n1: Size, n2: Size, surely: Surely) -> tuple[_Atoms, _Atoms]:
    """Atoms of an axis that is not convolved, in x1 and x2; none where it only broadcasts."""
    if surely(eq, n1, 1) and surely(eq, n2, 1):
        return (), ()
    if surely(eq, n2, 1):
        return (f"n{axis}",), ()
    if surely(eq, n1, 1):
        return (), (f"o{axis}",)
    if surely(ne, n1, n2) and n1 == n1 and n2 == n2:
        raise ShapeError(
            f"x1 has length {n1} and x2 has length {n2} on axis {axis}, which is not convolved; "
            "allowed are equal lengths, or 1 for either"
        )
    return (f"g{axis}",), (f"g{axis}",)


def _check_dominance(pairs: list[tuple[Size, Size]], surely: Surely) -> None:
    if any(surely(gt, n1, n2) for n1, n2 in pairs) and any(surely(lt, n1, n2) for n1, n2 in pairs):
        raise ShapeError(
            f"mode='valid' with lengths {[n1 for n1, _ in pairs]} of x1 and "
            f"{[n2 for _, n2 in pairs]} of x2 on the convolved axes; "
            "allowed is one operand at least as long as the other on every axis"
        )


def _window(mode: str, n: Size, m: Size, boundary: str) -> Axis:
    """The mode's window of the full result: `full` needs m-1 samples beyond either end."""
    if mode == "full":
        return Axis(n, m, lo=m - 1, hi=m - 1, boundary=boundary)
    if mode == "same":
        return Axis(n, m, lo=m - 1 - (m - 1) // 2, hi=(m - 1) // 2, boundary=boundary)
    beyond = max(m - n, 0)  # the shorter operand lies wholly inside the longer
    return Axis(n, m, lo=beyond, hi=beyond)


def lags(n1: int, n2: int, mode: str = "full") -> range:
    """Lag of each output sample of `correlate`.

    Parameters
    ----------
    n1, n2 : int
        Lengths of the operands, in samples; 1 or more.
    mode : {"full", "same", "valid"}
        As for `correlate`.

    Returns
    -------
    range
        Lag k of each sample, in samples: ``correlate(x1, x2)`` sums ``x1[l + k] conj(x2[l])``.

    Raises
    ------
    OptionError
        For a length below 1 or an unknown mode.

    Examples
    --------
    >>> list(convcore.lags(4, 2))
    [-1, 0, 1, 2, 3]
    >>> list(convcore.lags(4, 2, "same"))
    [-1, 0, 1, 2]
    """
    n, m = as_int("n1", n1, least=1), as_int("n2", n2, least=1)
    if choice("mode", mode, MODES) is None:
        raise OptionError(f"mode=None is no mode; allowed are {', '.join(map(repr, MODES))}")
    axis = _window(str(mode), n, m, "constant")
    return range(-axis.lo, axis.out - axis.lo)
