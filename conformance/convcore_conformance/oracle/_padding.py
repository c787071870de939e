"""The spellings of padding, resolved to a (lo, hi) pair per spatial axis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from ._axis import Sampling

PerAxis: TypeAlias = int | Sequence[int]
Padding: TypeAlias = str | int | Sequence[int | tuple[int, int]]


def per_axis(value: PerAxis, count: int) -> list[int]:
    """One int for each axis."""
    return [value] * count if isinstance(value, int) else [value[a] for a in range(count)]


def samplings(kernels: Sequence[int], stride: PerAxis, dilation: PerAxis) -> list[Sampling]:
    count = len(kernels)
    options = zip(kernels, per_axis(stride, count), per_axis(dilation, count), strict=True)
    return [Sampling(*one) for one in options]


def resolve(
    padding: Padding, sizes: Sequence[int], axes: Sequence[Sampling]
) -> list[tuple[int, int]]:
    """Give the pads of a forward convolution of spatial ``sizes``."""
    if isinstance(padding, str):
        return [_named(padding, size, axis) for size, axis in zip(sizes, axes, strict=True)]
    entries = [padding] * len(axes) if isinstance(padding, int) else padding
    return [(e, e) if isinstance(e, int) else e for e in entries]


def _named(name: str, size: int, axis: Sampling) -> tuple[int, int]:
    if name == "valid":
        return 0, 0
    if name == "full":
        return axis.reach, axis.reach
    if name not in ("same", "same_lower"):
        raise ValueError(f"padding={name!r}")
    # ceil(size / stride) outputs; the odd element goes to the end, or to the start for _lower.
    outputs = -(-size // axis.stride)
    total = max((outputs - 1) * axis.stride + axis.reach + 1 - size, 0)
    less, more = total // 2, total - total // 2
    return (less, more) if name == "same" else (more, less)


def transposed(
    padding: Padding,
    sizes: Sequence[int],
    axes: Sequence[Sampling],
    output_padding: PerAxis,
    output_size: PerAxis | None,
) -> list[tuple[int, int]]:
    """Give the (lo, size) of each output axis: the samples that the forward convolution read."""
    wanted = None if output_size is None else per_axis(output_size, len(axes))
    if padding in ("same", "same_lower"):
        full = [size * axis.stride for size, axis in zip(sizes, axes, strict=True)]
        out = full if wanted is None else wanted
        return [(lo, n) for (lo, _), n in zip(resolve(padding, out, axes), out, strict=True)]
    pads = resolve(padding, sizes, axes)
    extra = per_axis(output_padding, len(axes))
    if wanted is None:
        wanted = [
            (size - 1) * axis.stride + axis.reach + 1 - lo - hi + more
            for size, axis, (lo, hi), more in zip(sizes, axes, pads, extra, strict=True)
        ]
    return [(lo, n) for (lo, _), n in zip(pads, wanted, strict=True)]
