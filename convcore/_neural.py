"""From a conv, conv_transpose or gradient call to its ConvProblem, by way of the forward conv."""

from dataclasses import replace
from operator import lt, ne
from typing import Any, NamedTuple, Self

from convcore._arguments import as_int, per_axis
from convcore._axis import Axis
from convcore._checks import Surely, check_fill, check_length, parse_boundary
from convcore._errors import ShapeError
from convcore._layout import NeuralLayout, parse_layout
from convcore._padding import parse_padding, resolve
from convcore._problem import ConvProblem
from convcore._typing import Shape, Size

__all__ = ["Named", "NeuralOptions", "check_groups", "check_ranks"]


class Named(NamedTuple):
    """A shape and what to call it in a message."""

    name: str
    shape: Shape


class NeuralOptions(NamedTuple):
    """Options of the forward convolution that the neural operations share."""

    stride: Any = 1
    padding: Any = 0
    dilation: Any = 1
    groups: Any = 1
    layout: Any = "channels_first"
    boundary: Any = "constant"
    fill_value: Any = 0

    def checked(self, x_rank: int, w_rank: int, dtype: str) -> Self:
        """The same, every value in its one spelling; shapes are not looked at yet."""
        spatial = max(w_rank - 2, 0)
        boundary = parse_boundary(self.boundary, spatial)
        steps = [
            tuple(as_int(name, step, least=1) for step in per_axis(name, value, spatial))
            for name, value in (("stride", self.stride), ("dilation", self.dilation))
        ]
        return self._replace(
            stride=steps[0],
            padding=parse_padding(self.padding, spatial),
            dilation=steps[1],
            groups=as_int("groups", self.groups, least=1),
            layout=parse_layout(self.layout, spatial, batched=x_rank >= w_rank),
            boundary=boundary,
            fill_value=check_fill(self.fill_value, boundary, dtype),
        )

    def forward(
        self,
        x: Named,
        w: Named,
        dtypes: tuple[str, str, str],
        surely: Surely,
    ) -> ConvProblem:
        """The forward convolution of a checked call."""
        check_ranks(x, w)
        layout: NeuralLayout = self.layout
        x_axes, w_axes, y_axes = layout.roles()
        letters = dict(zip(layout.w, w.shape, strict=True))
        inner, outer = letters["I"], letters["O"]
        _check_channels(x, w, layout, self.groups, surely)
        sizes = {"g0": self.groups, "c0": inner, "o0": outer // self.groups}
        if "N" in layout.x:
            sizes["n0"] = x.shape[layout.x.index("N")]
        return ConvProblem(
            x=x_axes,
            w=w_axes,
            y=y_axes,
            sizes=sizes,
            axes=self._axes(x, w, surely),
            x_dtype=dtypes[0],
            w_dtype=dtypes[1],
            dtype=dtypes[2],
            fill=self.fill_value if layout.spatial else 0,
        )

    def _axes(self, x: Named, w: Named, surely: Surely) -> tuple[Axis, ...]:
        layout: NeuralLayout = self.layout
        axes = []
        for i, letter in enumerate(layout.spatial):
            at_x, at_w = layout.x.index(letter), layout.w.index(letter)
            size, taps = x.shape[at_x], w.shape[at_w]
            check_length(x.name, at_x, size, surely)
            check_length(w.name, at_w, taps, surely)
            axis = self.axis(i, size, taps)
            if surely(lt, axis.padded, axis.reach + 1):
                raise ShapeError(
                    f"{w.name} spans {axis.reach + 1} samples on spatial axis {i} (length {taps}, "
                    f"dilation {axis.dilation}) but {x.name} has {size}, padded to {axis.padded}; "
                    "allowed is a kernel no larger than the padded data: raise padding="
                )
            axes.append(axis)
        return tuple(axes)

    def axis(self, i: int, size: Size, taps: Size) -> Axis:
        """The forward convolution on spatial axis i."""
        axis = Axis(
            size, taps, self.stride[i], dilation=self.dilation[i], boundary=self.boundary[i]
        )
        lo, hi = resolve(self.padding, i, size, axis.reach, axis.stride)
        return replace(axis, lo=lo, hi=hi)


def check_ranks(x: Named, w: Named) -> None:
    """Refuse ranks that leave open which axis is what."""
    rank = len(w.shape)
    if rank < 2:
        raise ShapeError(
            f"{w.name} has shape {w.shape}; allowed are 2 or more axes: output channels, "
            "input channels / groups, and space"
        )
    if len(x.shape) not in (rank, rank - 1):
        raise ShapeError(
            f"{x.name} has {len(x.shape)} axes and {w.name} has {rank}; allowed are {rank} "
            f"(batched) or {rank - 1} (unbatched) axes of {x.name}"
        )


def _check_channels(x: Named, w: Named, layout: NeuralLayout, groups: int, surely: Surely) -> None:
    inner, outer = (w.shape[layout.w.index(letter)] for letter in "IO")
    channels = x.shape[layout.x.index("C")]
    if surely(ne, channels, inner * groups):
        raise ShapeError(
            f"{x.name} has {channels} channels, but {w.name} of shape {w.shape} with "
            f"groups={groups} takes {inner} * {groups} = {inner * groups}"
        )
    check_groups(f"{w.name} has {outer} output channels", outer, groups, surely)


def check_groups(what: str, channels: Size, groups: int, surely: Surely) -> None:
    """Refuse a number of channels that the groups do not divide."""
    if surely(ne, channels % groups, 0):
        raise ShapeError(
            f"{what}, which groups={groups} does not divide; allowed is a multiple of groups"
        )
