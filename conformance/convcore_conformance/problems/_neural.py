"""Random calls of conv, conv_transpose and conv's gradients."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

from convcore_conformance.calls import Array, Call
from convcore_conformance.dtypes import promoted

from ._data import (
    MOST_PRODUCTS,
    NAMES,
    Draw,
    draw_array,
    draw_boundary,
    draw_dtypes,
    draw_result_dtype,
)

# The longest spatial axis and kernel for each number of axes: a few thousand products a call.
_LONGEST = ((0, 0), (12, 5), (5, 3), (3, 2))


@dataclass(frozen=True)
class _Axis:
    """One spatial axis of a forward convolution."""

    size: int
    kernel: int
    stride: int
    dilation: int
    pad: tuple[int, int]

    @property
    def extent(self) -> int:
        return self.dilation * (self.kernel - 1) + 1

    @property
    def outputs(self) -> int:
        return (self.size + sum(self.pad) - self.extent) // self.stride + 1


@dataclass(frozen=True)
class _Forward:
    """The shapes and options of a forward convolution, in channels_first."""

    axes: tuple[_Axis, ...]
    batch: tuple[int, ...]
    c_in: int
    c_out: int
    groups: int
    options: dict[str, Any]

    @property
    def x(self) -> tuple[int, ...]:
        return (*self.batch, self.c_in, *(a.size for a in self.axes))

    @property
    def w(self) -> tuple[int, ...]:
        return (self.c_out, self.c_in // self.groups, *(a.kernel for a in self.axes))

    @property
    def y(self) -> tuple[int, ...]:
        return (*self.batch, self.c_out, *(a.outputs for a in self.axes))

    @property
    def products(self) -> int:
        per_output = math.prod(self.w[1:])
        return math.prod(self.y) * per_output


@st.composite
def neural_calls(
    draw: Draw,
    op: str,
    dtypes: Sequence[str] = NAMES,
    *,
    plain: bool = False,
) -> Call:
    """Draw a valid call of the neural pair or of a gradient.

    Parameters
    ----------
    draw : callable
        Given by hypothesis.
    op : str
        ``"conv"``, ``"conv_transpose"``, ``"conv_input_grad"`` or ``"conv_weight_grad"``.
    dtypes : sequence of str
        The dtypes of operands and results.
    plain : bool
        Only what the laws can state exactly: no bias, fill value or ``dtype=``, both operands of
        one dtype, small values.

    Returns
    -------
    Call
        Of 0 to 3 spatial axes and any options.
    """
    forward = _draw_forward(draw)
    assume(forward.products <= MOST_PRODUCTS)
    options = dict(forward.options)
    a, b = draw_dtypes(draw, dtypes)
    if plain:
        b = a
    result = None if plain else draw_result_dtype(draw, promoted(a, b), dtypes)
    if result:
        options["dtype"] = result
    dtype = result or promoted(a, b)
    if op == "conv_transpose":
        _draw_output_size(draw, forward, options)
    else:
        draw_boundary(draw, len(forward.axes), options, dtype)
        if plain:
            options.pop("fill_value", None)
    layout = _Layout.drawn(draw, forward)
    if layout.name != "channels_first":
        options["layout"] = layout.name
    make = partial(draw_array, draw, result=dtype)
    if plain:
        make = partial(make, flavours=("small",))
    arrays = _arrays(make, op, forward, layout, (a, b))
    has_bias = op in ("conv", "conv_transpose") and not plain and draw(st.booleans())
    if has_bias:
        channels = forward.c_out if op == "conv" else forward.c_in
        arrays = (*arrays, make((channels,), dtype))
    return Call(op, arrays, options)


def _draw_forward(draw: Draw) -> _Forward:
    rank = draw(st.sampled_from([1, 2, 3, 0]))
    groups = draw(st.sampled_from([1, 1, 2, 3]))
    # A channel or batch count of 0 is rare, but must occur.
    few = st.sampled_from([1, 2, 1, 2, 1, 2, 3, 0]) if rank < 3 else st.sampled_from([1, 1, 2, 0])
    batch = draw(st.sampled_from([(1,), (), (2,), (1,), (2,), (), (0,)]))
    options: dict[str, Any] = {}
    axes = tuple(_draw_axis(draw, *_LONGEST[rank]) for _ in range(rank))
    axes = _draw_padding(draw, axes, options)
    for name in ("stride", "dilation"):
        _spell(draw, options, name, [getattr(axis, name) for axis in axes], 1)
    if groups > 1:
        options["groups"] = groups
    return _Forward(axes, batch, draw(few) * groups, draw(few) * groups, groups, options)


def _draw_axis(draw: Draw, longest: int, kernel: int) -> _Axis:
    step = st.sampled_from([1, 1, 2, 3])
    size = draw(st.integers(1, longest))
    return _Axis(size, draw(st.integers(1, kernel)), draw(step), draw(step), (0, 0))


def _spell(draw: Draw, options: dict[str, Any], name: str, values: list[int], default: int) -> None:
    """Say an option: not at all where it is the default, an int where it is the same for all."""
    if len(set(values)) <= 1 and draw(st.booleans()):
        if values and values[0] != default:
            options[name] = values[0]
    elif values:
        options[name] = tuple(values)


def _draw_padding(
    draw: Draw, axes: tuple[_Axis, ...], options: dict[str, Any]
) -> tuple[_Axis, ...]:
    """Draw a padding in any spelling, and grow an axis that is then too short for its kernel."""
    form = draw(st.sampled_from(["none", "int", "ints", "pairs", "same", "same_lower", "full"]))
    if form in ("same", "same_lower", "full"):
        options["padding"] = form
        return tuple(_named(axis, form) for axis in axes)
    if form == "none":
        if draw(st.booleans()):
            options["padding"] = "valid"
        return tuple(_grown(axis, (0, 0)) for axis in axes)
    amount = st.integers(-2, 3)
    if form == "int":
        options["padding"] = one = draw(amount)
        return tuple(_grown(axis, (one, one)) for axis in axes)
    if form == "ints":
        options["padding"] = each = [draw(amount) for _ in axes]
        return tuple(_grown(axis, (p, p)) for axis, p in zip(axes, each, strict=True))
    options["padding"] = pairs = [(draw(amount), draw(amount)) for _ in axes]
    return tuple(_grown(axis, pair) for axis, pair in zip(axes, pairs, strict=True))


def _grown(axis: _Axis, pad: tuple[int, int]) -> _Axis:
    size = max(axis.size, axis.extent - sum(pad))
    return _Axis(size, axis.kernel, axis.stride, axis.dilation, pad)


def _named(axis: _Axis, form: str) -> _Axis:
    if form == "full":
        return _grown(axis, (axis.extent - 1, axis.extent - 1))
    outputs = -(-axis.size // axis.stride)
    total = max((outputs - 1) * axis.stride + axis.extent - axis.size, 0)
    return _grown(axis, (total // 2, total - total // 2))


def _draw_output_size(draw: Draw, forward: _Forward, options: dict[str, Any]) -> None:
    """Say which of the sizes that give the same outputs is meant: the forward size, in some way."""
    sizes = [axis.size for axis in forward.axes]
    if options.get("padding") in ("same", "same_lower"):
        longest = [axis.outputs * axis.stride for axis in forward.axes]
        if sizes != longest or draw(st.booleans()):
            options["output_size"] = tuple(sizes)
        return
    extra = [(axis.size + sum(axis.pad) - axis.extent) % axis.stride for axis in forward.axes]
    if draw(st.booleans()):
        _spell(draw, options, "output_padding", extra, 0)
    else:
        options["output_size"] = tuple(sizes)


@dataclass(frozen=True)
class _Layout:
    """A layout and how channels_first arrays are transposed to it."""

    name: str
    x: str
    w: str
    y: str
    spatial: str

    @classmethod
    def drawn(cls, draw: Draw, forward: _Forward) -> _Layout:
        spatial = "DHW"[3 - len(forward.axes) :]
        first = cls("channels_first", "NC" + spatial, "OI" + spatial, "NC" + spatial, spatial)
        last = cls("channels_last", f"N{spatial}C", f"{spatial}IO", f"N{spatial}C", spatial)
        form = draw(st.sampled_from(["first", "first", "last", "spelled"]))
        return {"first": first, "last": last}.get(form) or cls._spelled(draw, spatial)

    @classmethod
    def _spelled(cls, draw: Draw, spatial: str) -> _Layout:
        x, w, y = ("".join(draw(st.permutations(a + spatial))) for a in ("NC", "OI", "NC"))
        return cls(f"{x},{w}->{y}", x, w, y, "".join(c for c in x if c in spatial))

    def shape(self, letters: str, head: str, sizes: Sequence[int]) -> tuple[int, ...]:
        """Lay channels_first sizes out, whose spatial order is that of x."""
        own = dict(zip(head + self.spatial, sizes, strict=True))
        return tuple(own[c] for c in letters if c in own)


def _arrays(
    make: Callable[[Sequence[int], str], Array],
    op: str,
    forward: _Forward,
    layout: _Layout,
    dtypes: tuple[str, str],
) -> tuple[Any, ...]:
    head = "NC" if forward.batch else "C"
    x = layout.shape(layout.x, head, forward.x)
    w = layout.shape(layout.w, "OI", forward.w)
    y = layout.shape(layout.y, head, forward.y)
    a, b = dtypes
    if op == "conv":
        return make(x, a), make(w, b)
    if op == "conv_transpose":
        # Here x is laid out by the part of x, though it has the sizes of the forward output.
        x = layout.shape(layout.x, head, forward.y)
        return make(x, a), make(w, b)
    if op == "conv_input_grad":
        return x, make(w, a), make(y, b)
    return make(x, a), w, make(y, b)
