"""Boundaries against NumPy's padding."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from .calls import Call
from .checks import run
from .libraries import Library
from .marks import shows

BOUNDARIES = ("constant", "edge", "wrap", "symmetric", "reflect")
WIDTHS = ((0, 1), (3, 2), (7, 0), (9, 11))


@shows("CC-BOUNDARY-7", "CC-PAD-4")
@pytest.mark.parametrize("size", [1, 2, 3, 4])
@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_as_numpy_pads(boundary: str, size: int, library: Library) -> None:
    """The kernel of one tap reads the padded axis as it is."""
    x = 10 ** np.arange(size)
    for widths in WIDTHS:
        options: dict[str, Any] = {"padding": [widths], "boundary": boundary}
        call = Call("conv", (x[None], np.ones((1, 1, 1), int)), options)
        assert run(library, call).tolist() == [np.pad(x, widths, _mode(boundary)).tolist()]


@shows("CC-BOUNDARY-7")
@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_as_numpy_pads_in_convolve(boundary: str, library: Library) -> None:
    """In `full` the extended signal is what a kernel of one late tap delays."""
    x = 10 ** np.arange(3)
    for taps in (2, 6, 9):
        late = np.zeros(taps, int)
        late[-1] = 1
        got = run(library, Call("convolve", (x, late), {"boundary": boundary}))
        assert got.tolist() == np.pad(x, (taps - 1, 0), _mode(boundary)).tolist()


@shows("CC-BOUNDARY-7")
@pytest.mark.parametrize("fill", [7, -1])
def test_as_numpy_pads_with_a_value(fill: int, library: Library) -> None:
    x = 10 ** np.arange(6).reshape(2, 3)
    options = {"padding": [(1, 2), (0, 3)], "fill_value": fill}
    got = run(library, Call("conv", (x[None], np.ones((1, 1, 1, 1), int)), options))
    assert got[0].tolist() == np.pad(x, [(1, 2), (0, 3)], constant_values=fill).tolist()


def _mode(boundary: str) -> Any:
    """NumPy's name of a boundary, which is the same."""
    return boundary
