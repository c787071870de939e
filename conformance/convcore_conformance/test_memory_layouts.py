"""Operands that are views, and results that are not: where elements lie must change nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

import convcore

from .calls import Array, Call
from .libraries import Library
from .marks import shows


def counted(*shape: int, start: int = 1) -> Array:
    """Small integers, all different along any axis."""
    return np.arange(start, start + int(np.prod(shape)), dtype="int32").reshape(shape)


# The last two axes of every operand but the bias are those that a layout is about.
CALLS = {
    "convolve": Call("convolve", (counted(4, 5), counted(2, 3)), {}),
    "correlate": Call("correlate", (counted(4, 5), counted(2, 3)), {}),
    "conv": Call("conv", (counted(2, 2, 4, 5), counted(3, 2, 2, 3)), {}),
    "conv_transpose": Call("conv_transpose", (counted(2, 3, 3, 3), counted(3, 2, 2, 3)), {}),
    "conv_input_grad": Call(
        "conv_input_grad", ((2, 2, 4, 5), counted(3, 2, 2, 3), counted(2, 3, 3, 3)), {}
    ),
    "conv_weight_grad": Call(
        "conv_weight_grad", (counted(2, 2, 4, 5), (3, 2, 2, 3), counted(2, 3, 3, 3)), {}
    ),
    "dense": Call("conv", (counted(4, 3), counted(2, 3)), {}),
}


class Layout(NamedTuple):
    """An array that holds the elements, and the view of it that shows them in order."""

    holding: Callable[[Array], Array]
    view: Callable[[Any, Any], Any]


def _spread(values: Array) -> Array:
    """Every second element; those between must not be read."""
    whole = np.full((*values.shape[:-2], *(2 * n for n in values.shape[-2:])), 99, values.dtype)
    whole[..., ::2, ::2] = values
    return whole


def _framed(values: Array) -> Array:
    return np.pad(values, [(0, 0)] * (values.ndim - 2) + [(1, 1)] * 2, constant_values=99)


def _exchanged(array: Any, xp: Any) -> Any:
    first = range(array.ndim - 2)
    permuted = getattr(xp, "permute_dims", None) or xp.transpose  # Dask has NumPy's name only
    return permuted(array, (*first, array.ndim - 1, array.ndim - 2))


LAYOUTS = {
    "reversed": Layout(lambda a: a[..., ::-1, ::-1], lambda a, _xp: a[..., ::-1, ::-1]),
    "last-axis-reversed": Layout(lambda a: a[..., ::-1], lambda a, _xp: a[..., ::-1]),
    "every-second": Layout(_spread, lambda a, _xp: a[..., ::2, ::2]),
    "part": Layout(_framed, lambda a, _xp: a[..., 1:-1, 1:-1]),
    "exchanged-axes": Layout(lambda a: a.swapaxes(-1, -2), _exchanged),
}


def _viewed(library: Library, values: Array, layout: Layout) -> Any:
    held = library.asarray(np.ascontiguousarray(layout.holding(values)), values.dtype.name)
    try:
        return layout.view(held, library.xp)
    except ValueError as error:  # PyTorch has no negative strides
        pytest.skip(f"{library.name} has no such view: {error}")


@shows("CC-DISPATCH-9")
@pytest.mark.parametrize("layout", list(LAYOUTS))
@pytest.mark.parametrize("name", list(CALLS))
def test_views(name: str, layout: str, library: Library) -> None:
    """Each operand in turn, and all at once, beside ordinary copies."""
    call = CALLS[name]
    places = call.places
    with library.settings():
        plain, _ = library.arguments(call)
        operation = getattr(convcore, call.op)
        wanted = library.numpy(operation(*plain)).tolist()
        for viewed in ([places[0]], [places[1]], places):
            arrays = [
                _viewed(library, call.arrays[i], LAYOUTS[layout]) if i in viewed else a
                for i, a in enumerate(plain)
            ]
            for method in ("auto", "direct"):
                assert library.numpy(operation(*arrays, method=method)).tolist() == wanted


@shows("CC-DISPATCH-9")
@pytest.mark.parametrize("method", ["auto", "direct"])
@pytest.mark.parametrize("place", [0, 1])
def test_broadcast_views(place: int, method: str, library: Library) -> None:
    """A stride of zero, wherever a library has one."""
    row = counted(1, 5)
    whole = [np.repeat(row, 4, axis=0), counted(4, 2)]
    with library.settings():
        arrays = [library.asarray(a, "int32") for a in whole]
        wanted = library.numpy(convcore.convolve(arrays[0], arrays[1])).tolist()
        one = library.asarray(row, "int32")
        view = library.xp.broadcast_to(one, (4, 5))
        x, h = (view, arrays[1]) if place == 0 else (arrays[1], view)
        assert library.numpy(convcore.convolve(x, h, method=method)).tolist() == wanted


def _misaligned(values: Array) -> Array:
    """The same elements from an odd address on."""
    memory = np.zeros(values.nbytes + 1, "uint8")
    odd: Array = memory[1:].view(values.dtype).reshape(values.shape)
    odd[...] = values
    assert not odd.flags.aligned
    return odd


# NumPy's arrays alone can lie like this, so they are lent where the library is another one.
_NUMPY_LAYOUTS: dict[str, Callable[[Array], Array]] = {
    "misaligned": _misaligned,
    "reversed": lambda a: np.ascontiguousarray(a[..., ::-1])[..., ::-1],
    "foreign-byte-order": lambda a: a.astype(a.dtype.newbyteorder("S")),
    "column-major": np.asfortranarray,
}


@shows("CC-BORROW-4", "CC-DISPATCH-9")
@pytest.mark.parametrize("layout", list(_NUMPY_LAYOUTS))
@pytest.mark.parametrize("name", list(CALLS))
def test_lent_views(name: str, layout: str, library: Library) -> None:
    call = CALLS[name]
    engine = library.backend if library.backend in convcore.backends() else "array_api"
    if not convcore.backends()[engine].available:
        pytest.skip(f"{engine} is not available")
    arrays = call.each(_NUMPY_LAYOUTS[layout])
    operation = getattr(convcore, call.op)
    with library.settings():
        got = operation(*arrays, backend=engine)
    assert type(got) is np.ndarray
    assert got.tolist() == operation(*call.arrays, backend="array_api").tolist()


@shows("CC-DISPATCH-9", "CC-DTYPE-20")
@pytest.mark.parametrize("place", [0, 1])
def test_foreign_byte_order(place: int, library: Library) -> None:
    """On the library's own arrays, where a view can be of another byte order."""
    values = [counted(5), counted(3)]
    with library.settings():
        arrays = [library.asarray(a, "int32") for a in values]
        swapped = library.asarray(values[place].byteswap(), "int32")
        try:
            arrays[place] = swapped.view(np.dtype("int32").newbyteorder("S"))
        except (AttributeError, TypeError, ValueError) as error:
            pytest.skip(f"{library.name} has one byte order: {error}")
        if getattr(arrays[place].dtype, "isnative", True):
            pytest.skip(f"{library.name} has one byte order")
        got = library.numpy(convcore.convolve(arrays[0], arrays[1]))
    assert got.dtype.isnative
    assert got.tolist() == np.convolve(values[0], values[1]).tolist()
