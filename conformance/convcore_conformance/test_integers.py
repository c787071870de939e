"""Integers: exact modulo 2^bits where they are narrowed, and with their bias."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import convcore

from .calls import Array, Call
from .checks import METHODS, check
from .exact import expected
from .libraries import Library
from .marks import shows
from .specimens import values


def _call(op: str, *arrays: Any, **options: Any) -> Call:
    return Call(op, arrays, options)


def _ints(seed: int, dtype: str, *shape: int) -> Array:
    """The whole range of a dtype, its ends included."""
    made = values(seed, dtype, *shape)
    limits = np.iinfo(dtype)
    made.reshape(-1)[:2] = limits.min, limits.max
    return made


_TOO_WIDE = _call("convolve", _ints(1, "int64", 60), _ints(2, "int64", 9))
_LAYER = (_ints(1, "int64", 2, 3, 20), _ints(2, "int64", 2, 3, 4))
_INTEGERS = [
    *(
        pytest.param(_TOO_WIDE.but(dtype=t), id=f"int64-to-{t}", marks=shows("CC-INT-2"))
        for t in ("int8", "uint16", "int32")
    ),
    pytest.param(
        _call("conv", *_LAYER, dtype="int8"), id="a-layer-to-int8", marks=shows("CC-INT-2")
    ),
    pytest.param(
        _call("conv_weight_grad", _LAYER[0], (2, 3, 4), _ints(3, "int64", 2, 2, 17), dtype="int16"),
        id="a-gradient-to-int16",
        marks=shows("CC-INT-2"),
    ),
    *(
        pytest.param(
            _call(op, *(_ints(i, t, *shape) for i, shape in enumerate(shapes)), stride=2),
            id=f"a-bias-of-{t}-{op}",
            marks=shows("CC-INT-5"),
        )
        for t in ("uint8", "int64")
        for op, shapes in (
            ("conv", [(1, 2, 9), (3, 2, 2), (3,)]),
            ("conv_transpose", [(1, 3, 5), (3, 2, 2), (2,)]),
        )
    ),
    pytest.param(
        _call("conv", _ints(1, "int8", 1, 1, 9), _ints(2, "int8", 2, 1, 3), _ints(3, "int64", 2)),
        id="a-wider-bias",
        marks=shows("CC-INT-5"),
    ),
]


@shows("CC-ACCURACY-2")
@pytest.mark.parametrize("call", _INTEGERS)
def test_integers(call: Call, library: Library) -> None:
    """Exactly, modulo 2^bits, by every method."""
    held = [operand.dtype.name for operand in call.operands]
    if not {*held, call.kwargs.get("dtype", "int8")} <= library.dtypes:
        pytest.skip(f"no {', '.join(held)}")
    wanted = expected(call)
    for method in METHODS:
        assert check(library, call.but(method=method), wanted) in (0, None)


@shows("CC-INT-2")
@pytest.mark.parametrize("weak", [[128], [1, -129], -200], ids=str)
def test_a_weak_integer_must_fit(weak: Any, library: Library) -> None:
    x = _ints(1, "int8", 5)
    with library.settings(), pytest.raises(convcore.DTypeError, match="x2 holds"):
        convcore.convolve(library.asarray(x, "int8"), weak)
