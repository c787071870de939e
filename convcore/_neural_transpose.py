"""From a conv_transpose call to its ConvProblem: the transpose of the conv it undoes in shape."""

from operator import ge, lt, ne
from typing import Any, NamedTuple, Self

from convcore._arguments import as_int, per_axis
from convcore._checks import Surely, check_length
from convcore._errors import OptionError, ShapeError
from convcore._layout import NeuralLayout
from convcore._neural import Named, NeuralOptions, check_groups, check_ranks
from convcore._padding import resolve
from convcore._problem import ConvProblem
from convcore._typing import Size

__all__ = ["TransposeOptions"]


class TransposeOptions(NamedTuple):
    """What conv_transpose has beyond the forward convolution's options."""

    forward: NeuralOptions
    output_padding: Any = 0
    output_size: Any = None

    def checked(self, x_rank: int, w_rank: int, dtype: str) -> Self:
        """The same, every value in its one spelling."""
        forward = self.forward.checked(x_rank, w_rank, dtype)
        spatial = max(w_rank - 2, 0)
        extra = tuple(
            as_int("output_padding", v, least=0)
            for v in per_axis("output_padding", self.output_padding, spatial)
        )
        _check_output_padding(extra, forward, self.output_size)
        size = self.output_size
        if size is not None:
            size = tuple(as_int("output_size", v) for v in per_axis("output_size", size, spatial))
        return self._replace(forward=forward, output_padding=extra, output_size=size)

    def problem(
        self, x: Named, w: Named, dtypes: tuple[str, str, str], surely: Surely
    ) -> ConvProblem:
        """The transpose of the forward convolution whose output is x."""
        check_ranks(x, w)
        layout: NeuralLayout = self.forward.layout
        forward = self.forward._replace(layout=layout.transposed())
        _check_outer_channels(x, w, layout, forward.groups, surely)
        given = dict(zip(layout.x, x.shape, strict=True))
        sizes = {**given, "C": w.shape[layout.w.index("I")] * forward.groups}
        for i, letter in enumerate(layout.spatial):
            at_w = layout.w.index(letter)
            check_length(x.name, layout.x.index(letter), given[letter], surely)
            check_length(w.name, at_w, w.shape[at_w], surely)
            sizes[letter] = self._size(i, given[letter], w.shape[at_w], surely)
        output = Named("the output", tuple(sizes[letter] for letter in layout.y))
        return forward.forward(output, w, dtypes, surely).transpose()

    def _size(self, i: int, size: Size, taps: Size, surely: Surely) -> Size:
        """Output size of spatial axis i: one whose convolution has `size` samples."""
        stride = self.forward.stride[i]
        reach = (taps - 1) * self.forward.dilation[i]
        if self.forward.padding in ("same", "same_lower"):
            least, default = (size - 1) * stride + 1, size * stride
        else:
            lo, hi = resolve(self.forward.padding, i, size, reach, stride)
            least = (size - 1) * stride + reach + 1 - lo - hi
            default = least + self.output_padding[i]
        chosen = default if self.output_size is None else self.output_size[i]
        if surely(lt, chosen, 1):
            raise ShapeError(
                f"the output would have {chosen} samples on spatial axis {i}; "
                "allowed is 1 or more: lower padding="
            )
        if surely(lt, chosen, least) or surely(ge, chosen, least + stride):
            raise ShapeError(
                f"output_size={chosen} on spatial axis {i}: allowed are {least} ... "
                f"{least + stride - 1}, the sizes whose convolution has {size} outputs"
            )
        return chosen


def _check_output_padding(extra: tuple[int, ...], forward: NeuralOptions, output_size: Any) -> None:
    if not any(extra):
        return
    if output_size is not None:
        raise OptionError(
            f"output_padding={extra} together with output_size={output_size!r}; say one of them"
        )
    if forward.padding in ("same", "same_lower"):
        raise OptionError(
            f"output_padding={extra} with padding={forward.padding!r}; say output_size= instead"
        )
    for more, stride in zip(extra, forward.stride, strict=True):
        if more >= stride:
            raise OptionError(
                f"output_padding={extra} with stride={forward.stride}: "
                "allowed on each axis is 0 ... stride - 1"
            )


def _check_outer_channels(
    x: Named, w: Named, layout: NeuralLayout, groups: int, surely: Surely
) -> None:
    channels, outer = x.shape[layout.x.index("C")], w.shape[layout.w.index("O")]
    if surely(ne, channels, outer):
        raise ShapeError(
            f"{x.name} has {channels} channels, but {w.name} of shape {w.shape} is the kernel of a "
            f"convolution with {outer} output channels; conv_transpose takes as many"
        )
    check_groups(f"{x.name} has {channels} channels", channels, groups, surely)
