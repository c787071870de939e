"""What `jax.lax` calls dimension numbers, groups and dilations, in convcore's terms."""

from collections.abc import Iterable
from string import ascii_uppercase
from typing import Any, NamedTuple

from array_api_compat import array_namespace

import convcore
from convcore._typing import Array
from convcore.compat._arrays import cast, is_kind, widest, zeros

__all__ = ["Axes", "Numbers", "run"]

_SPACE = [letter for letter in ascii_uppercase if letter not in "NCOI"]


class Numbers(NamedTuple):
    """Where the axes are: (batch, channels, *space) of lhs and out, (out, in, *space) of rhs."""

    lhs_spec: tuple[int, ...]
    rhs_spec: tuple[int, ...]
    out_spec: tuple[int, ...]

    @classmethod
    def parse(cls, given: Any, rank: int) -> "Numbers":
        """The numbers that a user means, for operands of so many axes."""
        if given is None:
            return cls(*(tuple(range(rank)),) * 3)
        if hasattr(given, "lhs_spec"):
            return cls(given.lhs_spec, given.rhs_spec, given.out_spec)
        if not (isinstance(given, list | tuple) and len(given) == 3 and _is_spelled(given, rank)):
            raise TypeError(
                f"dimension_numbers={given!r}; allowed are three strings of {rank} letters, such "
                "as ('NCHW', 'OIHW', 'NCHW'): N and C, O and I, and the same others in each"
            )
        space = [letter for letter in given[1] if letter not in "OI"]
        pairs = zip(given, ("NC", "OI", "NC"), strict=True)
        return cls(*(tuple(map(part.index, (*own, *space))) for part, own in pairs))

    def layout(self, *, transposed: bool = False) -> str:
        """The same, as convcore spells it; its O and I are those of the forward convolution."""
        own = zip(self, ("NC", "IO" if transposed else "OI", "NC"), strict=True)
        lhs, rhs, out = (_spelled(spec, letters) for spec, letters in own)
        return f"{lhs},{rhs}->{out}"


def _is_spelled(given: Iterable[Any], rank: int) -> bool:
    parts = list(zip(given, ("NC", "OI", "NC"), strict=True))
    if not all(isinstance(part, str) and len(set(part)) == len(part) == rank for part, _ in parts):
        return False
    spaces = {frozenset(set(part) - set(own)) for part, own in parts}
    return len(spaces) == 1 and len(next(iter(spaces))) == rank - 2


def _spelled(spec: tuple[int, ...], own: str) -> str:
    letters = [*own, *_SPACE]
    return "".join(letters[spec.index(position)] for position in range(len(spec)))


class Axes(NamedTuple):
    """The spatial axes, each in the order of rhs's dimension numbers."""

    sizes: tuple[int, ...]
    taps: tuple[int, ...]
    strides: tuple[int, ...]
    padding: tuple[tuple[int, int], ...]
    expansion: tuple[int, ...]
    dilation: tuple[int, ...]

    @property
    def outs(self) -> tuple[int, ...]:
        """Output sizes, 0 for a kernel larger than the padded data."""
        return tuple(map(_out, *self))

    @property
    def crops(self) -> tuple[tuple[int, int], ...]:
        """The padding, as what a transposed convolution crops from its full result."""
        reach = [d * (k - 1) for d, k in zip(self.dilation, self.taps, strict=True)]
        return tuple((r - lo, r - hi) for r, (lo, hi) in zip(reach, self.padding, strict=True))

    def ordered_by(self, spec: tuple[int, ...]) -> "Axes":
        """The same, in the order in which the axes stand in an operand."""
        order = sorted(range(len(self.sizes)), key=lambda i: spec[2 + i])
        return Axes._make(tuple(values[i] for i in order) for values in self)


def _out(
    size: int, taps: int, stride: int, padding: tuple[int, int], expansion: int, dilation: int
) -> int:
    padded = (expansion * (size - 1) + 1 if size else 0) + sum(padding)
    if padded < 0:
        raise ValueError(f"padding={padding} of {size} samples; allowed is to crop all of them")
    return max((padded - dilation * (taps - 1) - 1) // stride + 1, 0)


def run(x: Array, w: Array, numbers: Numbers, axes: Axes, batch_groups: int, **options: Any) -> Any:
    """The convolution of valid operands; of bools, an OR of ANDs."""
    if is_kind(x, "bool"):
        counts = widest(x, "int64")
        x, w = cast(x, counts), cast(w, counts)
        return run(x, w, numbers, axes, batch_groups, **options) != 0
    if 0 in (*axes.outs, *axes.sizes):
        return _empty(x, w, numbers, axes, batch_groups, options["dtype"])
    if batch_groups > 1:
        x = _batch_grouped(x, batch_groups, numbers.lhs_spec)
        numbers = numbers._replace(lhs_spec=tuple(range(len(x.shape))))
    if any(step != 1 for step in axes.expansion):
        return _spread(x, w, numbers, axes, **options)
    own = axes.ordered_by(numbers.lhs_spec)
    options |= {"stride": own.strides, "padding": own.padding, "dilation": own.dilation}
    return convcore.conv(x, w, layout=numbers.layout(), **options)


def _empty(
    x: Array, w: Array, numbers: Numbers, axes: Axes, batch_groups: int, dtype: str | None
) -> Any:
    """The result of data without samples, or of a kernel larger than the data."""
    batch, outs = x.shape[numbers.lhs_spec[0]], w.shape[numbers.rhs_spec[0]]
    shape = (batch // batch_groups, outs, *axes.outs)
    own = tuple(shape[numbers.out_spec.index(i)] for i in range(len(shape)))
    return zeros(own, x, x.dtype if dtype is None else getattr(array_namespace(x), dtype))


def _batch_grouped(x: Array, groups: int, spec: tuple[int, ...]) -> Any:
    """(groups n, c, *space) data as (n, groups c, *space): parts of the batch become groups."""
    xp = array_namespace(x)
    x = xp.permute_dims(x, spec)
    batch, channels, *space = x.shape
    x = xp.reshape(x, (groups, batch // groups, channels, *space))
    x = xp.permute_dims(x, (1, 0, *range(2, len(x.shape))))
    return xp.reshape(x, (batch // groups, groups * channels, *space))


def _spread(x: Array, w: Array, numbers: Numbers, axes: Axes, **options: Any) -> Any:
    """The convolution of data with zeros between the samples: a transposed one, and its stride."""
    w, rhs_spec = _scattered(w, numbers.rhs_spec, options["groups"])
    own = axes.ordered_by(numbers.lhs_spec)
    options |= {"stride": own.expansion, "padding": own.crops, "dilation": own.dilation}
    layout = numbers._replace(rhs_spec=rhs_spec).layout(transposed=True)
    y = convcore.conv_transpose(x, w, layout=layout, **options)
    kept = [slice(None)] * len(numbers.out_spec)
    for axis, stride in zip(numbers.out_spec[2:], axes.strides, strict=True):
        kept[axis] = slice(None, None, stride)
    return y[tuple(kept)]


def _scattered(w: Array, spec: tuple[int, ...], groups: int) -> tuple[Any, tuple[int, ...]]:
    """A kernel that gathers, as one that scatters: reversed, and with x's channels outermost."""
    xp = array_namespace(w)
    w = xp.flip(w, axis=spec[2:])
    if groups == 1:
        return w, spec
    w = xp.permute_dims(w, spec)
    outs, ins, *taps = w.shape
    w = xp.reshape(w, (groups, outs // groups, ins, *taps))
    w = xp.permute_dims(w, (0, 2, 1, *range(3, len(w.shape))))
    return xp.reshape(w, (groups * ins, outs // groups, *taps)), (1, 0, *range(2, len(spec)))
