"""Padding, in every spelling a user may choose, as one (lo, hi) pair per axis."""

from typing import Any, TypeAlias

from convcore._arguments import as_int, as_tuple, is_single
from convcore._errors import OptionError
from convcore._typing import Size

__all__ = ["PADDINGS", "Padding", "parse_padding", "resolve"]

PADDINGS = ("valid", "full", "same", "same_lower")
_HELP = (
    f"allowed are {', '.join(map(repr, PADDINGS))}, an int, "
    "or one entry per spatial axis, each an int or a (lo, hi) pair"
)

Padding: TypeAlias = str | tuple[tuple[int, int], ...]
"""One of PADDINGS, or the (lo, hi) of each spatial axis."""


def parse_padding(padding: Any, count: int) -> Padding:
    """Read a padding option for so many spatial axes."""
    if isinstance(padding, str):
        if padding not in PADDINGS:
            raise OptionError(f"padding={padding!r} is not understood; {_HELP}")
        return str(padding)
    if is_single(padding):
        both = as_int("padding", padding)
        return ((both, both),) * count
    entries = as_tuple("padding", padding)
    if len(entries) != count:
        hint = ""
        if count == 1 and len(entries) == 2:
            hint = f"; for a pair on the one axis say padding=[({entries[0]}, {entries[1]})]"
        raise OptionError(
            f"padding={padding!r} has {len(entries)} entries for {count} spatial axes"
            f"{hint}; {_HELP}"
        )
    return tuple(_pair(padding, entry) for entry in entries)


def _pair(padding: Any, entry: Any) -> tuple[int, int]:
    if is_single(entry):
        both = as_int("padding", entry)
        return both, both
    ends = as_tuple("padding", entry)
    if len(ends) != 2:
        raise OptionError(f"padding={padding!r}: the entry {entry!r} is no (lo, hi) pair; {_HELP}")
    return as_int("padding", ends[0]), as_int("padding", ends[1])


def resolve(padding: Padding, axis: int, size: Size, reach: Size, stride: int) -> tuple[Size, Size]:
    """The (lo, hi) of one axis.

    Parameters
    ----------
    axis : int
        Which spatial axis.
    size : int
        Samples of the (forward) input.
    reach : int
        Distance between the first and the last tap.
    stride : int
        Stride of the (forward) convolution.
    """
    if not isinstance(padding, str):
        return padding[axis]
    if padding == "valid":
        return 0, 0
    if padding == "full":
        return reach, reach
    outputs = -(-size // stride)
    total = max((outputs - 1) * stride + reach + 1 - size, 0)
    small, large = total // 2, total - total // 2
    return (small, large) if padding == "same" else (large, small)
