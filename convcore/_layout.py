"""Layouts of the neural pair: where batch, channels and space lie in each array."""

from string import ascii_uppercase
from typing import NamedTuple

from convcore._errors import OptionError
from convcore._problem import Layout

__all__ = ["NeuralLayout", "parse_layout"]

_NAMED = ("channels_first", "channels_last")
_HELP = (
    'allowed are "channels_first", "channels_last", or letters such as "NHWC,HWIO->NHWC": '
    "N, C in x and y, O, I in w, and the same capitals for space in all three"
)


class NeuralLayout(NamedTuple):
    """Axes of x, w and y of a forward convolution, in letters; space in x's order is `spatial`."""

    x: str
    w: str
    y: str
    spatial: str

    def transposed(self) -> "NeuralLayout":
        """The layout of the forward convolution whose transpose has this one."""
        return NeuralLayout(self.y, self.w, self.x, self.spatial)

    def roles(self) -> tuple[Layout, Layout, Layout]:
        """The three arrays' axes as atoms; channels of x are (g, c), those of y (g, o)."""
        space = {letter: (f"s{i}",) for i, letter in enumerate(self.spatial)}
        inner = {"N": ("n0",), "I": ("c0",), "O": ("g0", "o0"), **space}
        x = tuple(inner.get(letter, ("g0", "c0")) for letter in self.x)
        w = tuple(inner[letter] for letter in self.w)
        y = tuple(inner.get(letter, ("g0", "o0")) for letter in self.y)
        return x, w, y


def parse_layout(layout: object, spatial: int, batched: bool) -> NeuralLayout:
    """Read a layout option for so many spatial axes.

    Parameters
    ----------
    layout : str
        A name, or letters for x, w and y.
    spatial : int
        Number of spatial axes.
    batched : bool
        Whether x and y have a batch axis.
    """
    if not isinstance(layout, str):
        raise OptionError(f"layout={layout!r} is no string; {_HELP}")
    text = _spell_out(layout, spatial) if layout in _NAMED else layout
    if text.count(",") != 1 or text.count("->") != 1:
        raise OptionError(f"layout={layout!r} is not understood; {_HELP}")
    inputs, y = text.replace(" ", "").split("->")
    x, w = inputs.split(",")
    space = "".join(letter for letter in x if letter not in "NC")
    batch = "N" if "N" in x else ""
    _check(layout, (x, w, y), (f"{batch}C{space}", f"OI{space}", f"{batch}C{space}"))
    if len(space) != spatial:
        raise OptionError(
            f"layout={layout!r} has {len(space)} spatial letters; "
            f"the operands have {spatial} spatial axes"
        )
    if batch and not batched:
        x, y = x.replace("N", ""), y.replace("N", "")
    if batched and not batch:
        raise OptionError(
            f"layout={layout!r} has no N in x, but x has a batch axis (one axis more than letters)"
        )
    return NeuralLayout(x, w, y, space)


def _spell_out(layout: object, spatial: int) -> str:
    letters = [letter for letter in ascii_uppercase if letter not in "NCIO"]
    if spatial > len(letters):
        raise OptionError(f"{spatial} spatial axes; a layout has letters for {len(letters)}")
    space = "".join(letters[:spatial])
    if layout == "channels_first":
        return f"NC{space},OI{space}->NC{space}"
    return f"N{space}C,{space}IO->N{space}C"


def _check(layout: object, found: tuple[str, str, str], wanted: tuple[str, str, str]) -> None:
    for letters, needed in zip(found, wanted, strict=True):
        once = len(set(letters)) == len(letters) and set(letters) <= set(ascii_uppercase)
        if not once or set(letters) != set(needed):
            raise OptionError(
                f"layout={layout!r}: {letters!r} should hold each of {needed!r} once; {_HELP}"
            )
