"""Methods: what may be asked for by name, what `auto` may depend on, what no method may change."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from functools import cache
from importlib.metadata import requires
from typing import Any

import numpy as np
import pytest

import convcore

from .calls import Call
from .checks import METHODS, able, check, run
from .exact import Expected, expected
from .frameworks import framework
from .libraries import Library
from .marks import shows
from .samples import filled
from .specimens import specimens, values

NAMES = pytest.mark.parametrize("name", list(specimens("float32")))


@cache
def exactly(name: str, dtype: str) -> tuple[Call, Expected]:
    call = specimens(dtype)[name]
    return call, expected(call)


def planned(library: Library, call: Call) -> convcore.Plan:
    with library.settings():
        arrays, options = library.arguments(call)
        return convcore.plan(call.op, *arrays, **options)


def able_to(library: Library, call: Call) -> set[str]:
    with library.settings():
        return able(library, call)


@shows("CC-METHOD-1")
@pytest.mark.parametrize("method", METHODS)
def test_the_names(method: str) -> None:
    with convcore.use(method=method):
        pass


@shows("CC-METHOD-1")
@NAMES
@pytest.mark.parametrize(
    "method", ["FFT", "", "oaconvolve", "winograd", "array_api", 3, True, ["fft"]], ids=repr
)
def test_other_names(name: str, method: Any) -> None:
    call = specimens("float32")[name].but(method=method)
    listed = "method=.*allowed are " + ", ".join(f"'{name}'" for name in METHODS)
    with pytest.raises(convcore.OptionError, match=listed) as caught:
        getattr(convcore, call.op)(*call.arrays, **call.kwargs)
    assert caught.type is convcore.OptionError
    assert repr(method) in str(caught.value)


@shows("CC-METHOD-2")
@NAMES
def test_the_default_is_auto(name: str, library: Library) -> None:
    call = specimens("float32")[name]
    default = planned(library, call)
    assert default.chosen == planned(library, call.but(method="auto")).chosen
    with convcore.use(method="direct"):
        assert planned(library, call).method == "direct"
        assert planned(library, call.but(method="auto")).chosen == default.chosen


# What some method cannot serve, whatever the library: a transform needs an axis.
_UNSERVED = {
    "no-axes": Call("convolve", (values(1, "float32", 3), values(2, "float32", 3)), {"axes": ()}),
    "a-dense-layer": Call("conv", (values(1, "float32", 2, 3), values(2, "float32", 4, 3)), {}),
    "integers": specimens("int32")["conv"],
    "five-axes": Call(
        "conv", (values(1, "float32", 1, *[2] * 5), values(2, "float32", 1, 1, *[2] * 5)), {}
    ),
}


@shows("CC-METHOD-3", "CC-METHOD-5")
@pytest.mark.parametrize("name", _UNSERVED)
def test_a_method_that_cannot_serve(name: str, library: Library) -> None:
    """It raises, and names those that can."""
    call = library.held_call(_UNSERVED[name])
    assert call is not None
    can = able_to(library, call)
    assert "direct" in can
    if "axes" in call.kwargs or name == "a-dense-layer":
        assert not can & {"fft", "overlap_add"}
    for method in set(METHODS) - can:
        with library.settings():
            arrays, options = library.arguments(call.but(method=method))
            with pytest.raises(convcore.MethodError, match=f"method='{method}'") as caught:
                getattr(convcore, call.op)(*arrays, **options)
        listed = str(caught.value).partition("allowed are ")[2]
        assert set(re.findall(r"'(\w+)'", listed)) == can


@shows("CC-METHOD-4")
@NAMES
@pytest.mark.parametrize("dtype", ["float32", "int32"])
def test_a_named_method_is_the_one_that_runs(name: str, dtype: str, library: Library) -> None:
    call = specimens(dtype)[name]
    named = able_to(library, call) - {"auto"}
    assert named
    for method in named:
        assert planned(library, call.but(method=method)).method == method


@shows("CC-METHOD-5")
def test_native_is_the_librarys_own_call(library: Library) -> None:
    """To the bit, where the suite knows that call; nobody's sums agree to the bit by chance."""
    row = framework(library)
    x, w = values(1, "float32", 2, 3, 300), values(2, "float32", 4, 3, 9)
    call = Call("conv", (x, w), {"method": "native"})
    if "native" not in able_to(library, call):
        with pytest.raises(convcore.MethodError, match="method='native'"):
            run(library, call)
        return
    if row is None or row.convolves is None:
        pytest.skip("its own call is not known to the suite")
    with library.settings():
        arrays, options = library.arguments(call)
        wanted = library.numpy(row.convolves(*arrays))
        assert library.numpy(convcore.conv(*arrays, **options)).tobytes() == wanted.tobytes()


# Values that an implementation may be tempted to look at.
_VALUES = (0.0, 1.0, 1e-40, 1e30, float("nan"), float("inf"))


@shows("CC-METHOD-6", "CC-ACCURACY-11")
@NAMES
@pytest.mark.parametrize("dtype", ["float32", "complex64", "int32"])
def test_auto_does_not_depend_on_values(name: str, dtype: str, library: Library) -> None:
    """Neither what is chosen, nor the cost, nor the constants of all that there is to choose."""
    call = specimens(dtype)[name]
    found = planned(library, call)
    constants = [c.accuracy.constant for c in (found.chosen, *found.rejected)]
    names = [c.accuracy.name for c in (found.chosen, *found.rejected)]
    assert all((name == "normwise") == (c > 0) for name, c in zip(names, constants, strict=True))
    assert np.isfinite(constants).all()
    for value in _VALUES[: 2 if dtype == "int32" else None]:
        other = planned(library, filled(call, value))
        assert (other.chosen, other.rejected) == (found.chosen, found.rejected)


# Shapes of x and w that leave little choice; so many channels leave no split of integers exact.
_SIZES = {
    "one-sample": ("convolve", (1,), (1,)),
    "a-long-kernel": ("convolve", (2**13,), (2**10,)),
    "no-axes": ("conv", (2, 3), (4, 3)),
    "four-axes": ("conv", (1, 2, 5, 6, 7), (1, 2, 2, 2, 2)),
    "many-channels": ("conv", (1, 2**24, 4), (1, 2**24, 2)),
    "nothing": ("conv", (0, 3, 4), (2, 3, 2)),
}


@shows("CC-METHOD-7", "CC-INT-3")
@pytest.mark.parametrize("size", _SIZES)
def test_auto_always_finds_a_method(size: str, library: Library) -> None:
    """For every dtype, whatever the class that is wanted; only planned."""
    op, x, w = _SIZES[size]
    for dtype in sorted(library.dtypes):
        with library.settings():
            # One small array shows the library: the kernel, or a layer's bias.
            small = library.asarray(np.ones(w if op == "convolve" else w[:1]), dtype)
            rest = (small,) if op == "convolve" else (_Sketch(w, small), small)
            for accuracy in (None, "componentwise"):
                with convcore.use(accuracy=accuracy):
                    assert convcore.plan(op, _Sketch(x, small), *rest).method in METHODS
            if size == "many-channels" and dtype == "int64":
                with pytest.raises(convcore.MethodError, match="method='fft'"):
                    convcore.plan(op, _Sketch(x, small), *rest, method="fft")


class _Sketch:
    """What plan reads of an array, of a shape that no array could have."""

    def __init__(self, shape: tuple[int, ...], like: Any) -> None:
        self.shape, self.dtype = shape, like.dtype


@shows("CC-METHOD-7")
@pytest.mark.parametrize("name", ["no-axes", "a-dense-layer"])
def test_auto_where_there_is_no_transform(name: str, library: Library) -> None:
    held = library.held_call(_UNSERVED[name])
    assert held is not None
    check(library, held.but(method="auto"), expected(held))


@shows("CC-METHOD-9")
@pytest.mark.parametrize(
    ("name", "dtype"),
    [
        ("convolve", "float16"),
        ("convolve-2d", "int8"),
        ("correlate", "complex64"),
        ("conv", "bfloat16"),
        ("conv-1d", "float32"),
        ("conv_transpose", "int8"),
        ("conv_input_grad", "float64"),
        ("conv_weight_grad", "uint16"),
    ],
)
def test_a_method_changes_values_only(name: str, dtype: str, library: Library) -> None:
    """Library, device, dtype and shape are compared before the values."""
    if dtype not in library.dtypes:
        pytest.skip(f"no {dtype}")
    call, wanted = exactly(name, dtype)
    for method in METHODS:
        check(library, call.but(method=method), wanted)


_SCRIPT = """
import json, sys
for module in json.loads(sys.argv[1]):
    sys.modules[module] = None
import numpy as np, convcore
from convcore_conformance.specimens import specimens
made = {}
for dtype in ("int64", "float32"):
    for name, call in specimens(dtype).items():
        y = getattr(convcore, call.op)(*call.arrays, **call.kwargs)
        exact = y.tolist() if dtype == "int64" else None
        made[f"{dtype}-{name}"] = [type(y).__module__, y.dtype.name, list(y.shape), exact]
print(json.dumps(made))
"""


@shows("CC-METHOD-8")
def test_extras_change_rounding_only() -> None:
    """NumPy's results where every extra is missing, beside those where all that is here is used."""
    names = [re.match(r"[\w-]+", line) for line in requires("convcore") or () if "extra ==" in line]
    needed = {"numpy", "pytest", "hypothesis", "ml_dtypes", "array_api_strict"}
    extras = {name[0].replace("-", "_") for name in names if name} - needed
    assert extras
    made = [_results(blocked) for blocked in ([], sorted(extras))]
    assert made[0] == made[1]


def _results(blocked: list[str]) -> Any:
    command = [sys.executable, "-c", _SCRIPT, json.dumps(blocked)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ)
    return json.loads(done.stdout)
