"""Groups of several channels, many axes, and more of everything than the hand-written rows have."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from .calls import Array, Call
from .checks import able, check, run
from .exact import expected
from .libraries import Library
from .marks import shows


def some(*shape: int) -> Array:
    """Small integers without a pattern; no two channels, images or taps are alike."""
    return np.random.default_rng(sum(shape)).integers(-9, 10, shape).astype("int32")


_GROUPS, _LAST = {"groups": 2}, {"groups": 2, "layout": "channels_last"}
X, W, Y = (2, 6, 5), (4, 3, 2), (2, 4, 4)  # two groups, of 3 channels and 2


def _row(name: str, clauses: str, op: str, *arrays: Any, **options: Any) -> Any:
    return pytest.param(Call(op, arrays, options), id=name, marks=shows(*clauses.split()))


ROWS = (
    _row("groups", "CC-CONV-10", "conv", some(*X), some(*W), some(4), **_GROUPS),
    _row("groups-last", "CC-CONV-10", "conv", some(2, 5, 6), some(2, 3, 4), some(4), **_LAST),
    _row("dense-groups", "CC-CONV-5 CC-CONV-10", "conv", some(3, 6), some(4, 3), **_GROUPS),
    _row(
        "groups-transposed",
        "CC-TRANSPOSE-4 CC-TRANSPOSE-18",
        "conv_transpose",
        some(*Y),
        some(*W),
        some(6),
        **_GROUPS,
    ),
    _row("groups-of-x", "CC-INPUTGRAD-1", "conv_input_grad", X, some(*W), some(*Y), **_GROUPS),
    _row("groups-of-w", "CC-WEIGHTGRAD-7", "conv_weight_grad", some(*X), W, some(*Y), **_GROUPS),
    _row("unbatched", "CC-CONV-3 CC-CONV-4", "conv", some(3, 5), some(2, 3, 2), some(2)),
    _row("unbatched-transposed", "CC-TRANSPOSE-1", "conv_transpose", some(3, 4), some(3, 2, 2)),
    _row(
        "unbatched-gradient", "CC-INPUTGRAD-9", "conv_input_grad", (3, 5), some(2, 3, 2), some(2, 4)
    ),
    _row(
        "unbatched-kernel",
        "CC-WEIGHTGRAD-10",
        "conv_weight_grad",
        some(3, 5),
        (2, 3, 2),
        some(2, 4),
    ),
    _row(
        "unbatched-last",
        "CC-CONV-4 CC-LAYOUT-7",
        "conv",
        some(5, 3),
        some(2, 3, 2),
        layout="channels_last",
    ),
    _row(
        "square-kernel-last",
        "CC-LAYOUT-2",
        "conv",
        some(1, 4, 3),
        some(2, 3, 3),
        layout="channels_last",
    ),
    _row("square-dense", "CC-CONV-5", "conv", some(4, 3), some(3, 3)),
    *(
        _row(
            f"{rank}-axes",
            "CC-CONV-5",
            "conv",
            some(1, 2, *range(2, rank + 2)),
            some(1, 2, *[2] * rank),
            padding=tuple((i % 2, 0) for i in range(rank)),
        )
        for rank in (3, 4, 5)
    ),
    _row("four-convolved", "CC-CONVOLVE-1", "convolve", some(2, 3, 4, 3), some(2, 2, 1, 2)),
    _row("many-channels", "CC-CONV-1", "conv", some(1, 37, 4), some(3, 37, 2)),
    _row("many-outputs", "CC-CONV-1", "conv", some(1, 2, 4), some(71, 2, 2)),
    _row("many-groups", "CC-CONV-10", "conv", some(1, 36, 4), some(36, 1, 2), groups=36),
    _row("many-images", "CC-CONV-1", "conv", some(70, 1, 4), some(2, 1, 2)),
    _row("many-taps", "CC-CONVOLVE-1", "convolve", some(150), some(131)),
    _row(
        "many-taps-strided",
        "CC-CONV-1 CC-CONV-18",
        "conv",
        some(1, 1, 300),
        some(1, 1, 131),
        stride=3,
    ),
)


@pytest.mark.parametrize("call", ROWS)
def test_every_method(call: Call, library: Library) -> None:
    with library.settings():
        methods = able(library, call)
    wanted = expected(call)
    for method in sorted(methods):
        assert check(library, call.but(method=method), wanted) == 0, method


LONG = {
    "data": (70_001, 3),
    "kernel": (3, 70_001),
    "both": (20_011, 1031),
}


@shows("CC-CONVOLVE-1", "CC-INT-1")
@pytest.mark.parametrize("name", LONG)
def test_long(name: str, library: Library) -> None:
    """Past the blocks of any engine, and past 16 bits of an index."""
    if library.chunks:
        pytest.skip("chunks of few samples would make as many tasks as there are samples")
    x, h = map(some, LONG[name])
    assert run(library, Call("convolve", (x, h), {})).tolist() == np.convolve(x, h).tolist()


@shows("CC-CONV-1")
@pytest.mark.parametrize("method", ["auto", "direct"])
def test_a_large_image(method: str, library: Library) -> None:
    """Rows and columns past a tile; each sample weighed by its own channel."""
    if library.chunks:
        pytest.skip("chunks of few samples would make as many tasks as there are samples")
    x, w = some(1, 2, 150, 260), some(2, 2, 2, 3)
    got = run(library, Call("conv", (x, w), {"method": method}))
    windows = np.lib.stride_tricks.sliding_window_view(x[0], (2, 3), axis=(1, 2))
    assert got[0].tolist() == np.einsum("cijkl,ockl->oij", windows, w).tolist()
