"""Precision: flags of the process that allow less change no value, and no call writes one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import cache
from pkgutil import resolve_name
from typing import Any

import pytest

import convcore
from convcore.plugins import clear_caches

from .bounds import bounds
from .calls import Call
from .checks import METHODS, check
from .compare import assert_array, assert_values
from .exact import Expected, expected
from .frameworks import Context, Framework, framework
from .libraries import Library
from .marks import shows
from .specimens import specimens, values

NAMES = pytest.mark.parametrize("name", ["convolve", "conv", "conv_transpose", "conv_weight_grad"])
# An autocast region has a clause of its own.
FLAGS = pytest.mark.parametrize(
    "kind",
    [
        pytest.param("precision", marks=shows("CC-PRECISION-1")),
        pytest.param("autocast", marks=shows("CC-PRECISION-6")),
    ],
)


@cache
def exactly(name: str, dtype: str = "float32") -> tuple[Call, Expected]:
    call = specimens(dtype)[name]
    return call, expected(call)


def row_of(library: Library) -> Framework:
    row = framework(library)
    if row is None:
        pytest.skip("its arrays are of no framework whose flags are known")
    return row


def flags_of(library: Library, kind: str) -> dict[str, Context]:
    flags = row_of(library).flags
    found = {flag: flags[flag] for flag in flags if ("autocast" in flag) == (kind == "autocast")}
    if not found:
        pytest.skip(f"its framework has no flag of {kind}")
    return found


@contextmanager
def flying(flag: str, context: Context, array: Any) -> Iterator[None]:
    """Run under a flag, which a failure names."""
    try:
        with context(array):
            yield
    except (AssertionError, convcore.ConvcoreError) as error:
        error.add_note(f"under the flag {flag!r}")
        raise


@shows("CC-PRECISION-1")
@NAMES
def test_float32_is_float32(name: str, library: Library) -> None:
    """The default, by every method: products of 8 or 11 bits are far beyond the bound."""
    call, wanted = exactly(name)
    for method in METHODS:
        check(library, call.but(method=method), wanted)
    check(library, call.but(precision="ieee"), wanted)


@FLAGS
def test_flags_change_nothing(kind: str, library: Library) -> None:
    """With what was cached before a flag was set, and with a cold cache."""
    flags = flags_of(library, kind)
    call, wanted = exactly("conv")
    check(library, call, wanted)
    for flag, context in flags.items():
        with flying(flag, context, library.asarray([0.0], "float32")):
            check(library, call, wanted)
            clear_caches()
            for method in METHODS:
                check(library, call.but(method=method), wanted)
            for name, dtype in (("convolve", "complex64"), ("conv_transpose", "float16")):
                if dtype in library.dtypes:
                    check(library, *exactly(name, dtype))


@shows("CC-PRECISION-2")
@NAMES
def test_no_flag_is_written(name: str, library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither for good nor for the time of the call, which another thread would see."""
    row = row_of(library)
    call = specimens("float32")[name]
    contexts = {"none": nullcontext, **row.flags}
    with library.settings():
        arrays, options = library.arguments(call)
        for flag in list(contexts)[:2]:
            with flying(flag, contexts[flag], library.asarray([0.0], "float32")):
                before = row.read()
                with monkeypatch.context() as patched:
                    for writer in row.writers:
                        owner, _, function = writer.rpartition(".")
                        refusing = _refusing(writer)
                        patched.setattr(resolve_name(owner), function, refusing, raising=False)
                    library.numpy(getattr(convcore, call.op)(*arrays, **options))
                assert row.read() == before


def _refusing(writer: str) -> Any:
    def refuse(*_args: Any, **_kwargs: Any) -> None:
        raise AssertionError(f"a call wrote a flag of the process by {writer}")

    return refuse


@shows("CC-PRECISION-3")
@FLAGS
def test_gradients_under_flags(kind: str, library: Library) -> None:
    """A flag is set after the call, when the gradients are computed."""
    row, flags = row_of(library), flags_of(library, kind)
    assert row.pull is not None
    call, wanted = exactly("conv-1d")
    (x, w), options = call.arrays, call.kwargs
    g = values(9, "float32", *wanted.shape)
    to_x = Call("conv_input_grad", (x.shape, w, g), options)
    to_w = Call("conv_weight_grad", (x, w.shape, g), options)
    exact = [(gradient, expected(gradient)) for gradient in (to_x, to_w)]
    mine = [library.asarray(a, "float32") for a in (x, w, g)]
    for flag, context in flags.items():
        with library.settings():
            pulled = row.pull(lambda x, w: convcore.conv(x, w, **options), mine[:2])
            with flying(flag, context, mine[0]):
                gradients = pulled(mine[2])
                for got, (gradient, meant) in zip(gradients, exact, strict=True):
                    assert_array(got, mine[0], library, "float32", meant.shape)
                    arrays, kept = library.arguments(gradient)
                    accuracy = convcore.plan(gradient.op, *arrays, **kept).accuracy
                    assert_values(library.numpy(got), meant, bounds(meant, accuracy))


@shows("CC-PRECISION-4")
@NAMES
@pytest.mark.parametrize("dtype", ["float32", "float16", "complex64", "int32", "uint8"])
def test_fast_changes_values_only(name: str, dtype: str, library: Library) -> None:
    if dtype not in library.dtypes:
        pytest.skip(f"no {dtype}")
    call, wanted = exactly(name, dtype)
    call = call.but(precision="fast")
    if "int" in dtype:
        assert check(library, call, wanted) == 0
        return
    with library.settings():
        arrays, options = library.arguments(call)
        like = next(a for a in arrays if not isinstance(a, tuple))
        got = getattr(convcore, call.op)(*arrays, **options)
        assert_array(got, like, library, dtype, wanted.shape)


@shows("CC-PRECISION-5")
@NAMES
@pytest.mark.parametrize("value", ["tf32", "high", "IEEE", "", 32, True, ["ieee"]], ids=repr)
def test_other_values(name: str, value: Any) -> None:
    call = specimens("float32")[name].but(precision=value)
    allowed = r"precision=.*allowed are 'ieee', 'fast'"
    with pytest.raises(convcore.OptionError, match=allowed) as caught:
        getattr(convcore, call.op)(*call.arrays, **call.kwargs)
    assert caught.type is convcore.OptionError
    assert repr(value) in str(caught.value)
