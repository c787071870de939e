"""Another library's engine, where it is asked for by name: whose arrays come back, and from where.

The library under test lends to others here, and its engine is lent to NumPy.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import convcore
from convcore.plugins import Capabilities, clear_caches, registry

from .calls import Array
from .checks import METHODS, able
from .compare import device_of
from .gradients import result
from .libraries import Library
from .marks import needs, shows
from .memory import address, devices, moved
from .samples import OPERATIONS, typed, whole
from .test_dispatch import AWKWARD
from .transforming import assert_equal, function_of, operands, row_of, way

OPS = pytest.mark.parametrize("op", OPERATIONS)
SAMPLES = {op: typed(call, "float32").but(method="direct") for op, call in OPERATIONS.items()}
PLAIN = SAMPLES["convolve"]


def available() -> dict[str, Capabilities]:
    """Give what every backend that is here, and has arrays of its own, can do."""
    infos = {name: info for name, info in convcore.backends().items() if name in registry.found}
    return {name: one.capabilities for name, one in infos.items() if one.capabilities}


def lender(library: Library) -> Capabilities:
    """Give what the library's own backend can do, which NumPy's arrays may borrow."""
    found = available().get(library.backend)
    if found is None or isinstance(library.asarray(0, "float32"), np.ndarray):
        pytest.skip(f"NumPy's arrays borrow nothing from {library.name}")
    return found


def engines(library: Library) -> list[str]:
    """Give the backends that this library's arrays may borrow: those in memory."""
    own = available().get(library.backend)
    if own is not None and own.wraps:
        pytest.skip(f"arrays of {library.name} are not in memory, and so not lent")
    others = {name: one for name, one in available().items() if name != library.backend}
    return [name for name, one in others.items() if not one.wraps and "float32" in one.dtypes]


@shows("CC-BORROW-1")
@OPS
def test_numpy_borrows_the_engine(op: str, library: Library) -> None:
    lender(library)
    call = SAMPLES[op].but(backend=library.backend)
    with library.settings():
        arrays = call.operands
        assert convcore.plan(op, *call.arrays, **call.kwargs).backend == library.backend
        got = function_of(call)(*arrays)
        with convcore.use(backend=library.backend):
            also = function_of(SAMPLES[op])(*arrays)
    for y in (got, also):
        assert type(y) is np.ndarray
        assert y.flags.writeable
        assert y.dtype == np.float32
        assert y.tolist() == result(SAMPLES[op]).tolist()


@shows("CC-BORROW-1")
@OPS
def test_the_library_borrows_other_engines(op: str, library: Library) -> None:
    with library.settings():
        names = engines(library)
        arrays = operands(library, SAMPLES[op])
        for name in names:
            call = SAMPLES[op].but(backend=name)
            given, options = library.arguments(call)
            assert convcore.plan(op, *given, **options).backend == name
            got = function_of(call)(*arrays)
            assert_equal(library, got, result(SAMPLES[op]))
            assert device_of(got) == device_of(arrays[0])


@shows("CC-BORROW-2")
@OPS
def test_nothing_is_borrowed_unasked(
    op: str, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even where a method cannot serve: the backends of others are not called at all."""
    call = typed(OPERATIONS[op], "float32")
    own = available().get(library.backend)
    inner = ["numpy"] if own and own.wraps else []  # whose engine runs the blocks
    with library.settings():
        arrays, _ = library.arguments(call)
        for name, backend in registry.found.items():
            if name not in (library.backend, *inner):
                for step in ("lend", "give_back", "lower"):
                    monkeypatch.setattr(type(backend), step, refuse)
        clear_caches()
        for method in METHODS:
            options = {**call.kwargs, "method": method}
            if method not in able(library, call):
                with pytest.raises(convcore.MethodError, match=method):
                    getattr(convcore, op)(*arrays, **options)
                continue
            assert convcore.plan(op, *arrays, **options).backend == library.backend
            assert type(getattr(convcore, op)(*arrays, **options)) is type(arrays[call.places[0]])


def refuse(*_args: Any) -> Any:
    raise AssertionError("another library's engine was asked")


@shows("CC-BORROW-3")
@OPS
def test_naming_a_backend_permits_to_cross_devices(op: str, library: Library) -> None:
    """From every device of the engine, the result comes back to where the operands are."""
    places_of_engine = lender(library).devices
    if not places_of_engine:
        pytest.skip(f"the backend {library.backend} names no devices")
    call = SAMPLES[op]
    with library.settings():
        for place in places_of_engine:
            with convcore.use(backend=library.backend, device=place):
                got = function_of(call)(*call.operands)
            assert type(got) is np.ndarray
            assert got.tolist() == result(call).tolist()


@shows("CC-BORROW-3")
@needs("numpy")
def test_the_result_returns_to_the_operands_device(library: Library) -> None:
    with library.settings():
        if "numpy" not in engines(library):
            pytest.skip(f"{library.name} borrows nothing from NumPy")
        shown = [d for d in devices(library) if readable(library, d)]
        for place in shown:
            arrays = [moved(array, place) for array in operands(library, PLAIN)]
            with convcore.use(backend="numpy", device="cpu"):
                got = convcore.convolve(*arrays)
            assert type(got) is type(arrays[0])
            assert device_of(got) == place


def readable(library: Library, place: Any) -> bool:
    """Whether arrays on a device have values that can be lent."""
    return address(moved(operands(library, PLAIN)[0], place)) not in (None, 0)


@shows("CC-BORROW-4")
@pytest.mark.parametrize("kind", AWKWARD)
def test_awkward_arrays_are_lent_as_copies(kind: str, library: Library) -> None:
    lender(library)
    call = SAMPLES["conv"].but(backend=library.backend)
    with library.settings():
        given = [AWKWARD[kind](operand) for operand in call.operands]
        before = [array.tobytes() for array in given]
        got = function_of(call)(*given)
        assert got.tolist() == result(SAMPLES["conv"]).tolist()
        assert [array.tobytes() for array in given] == before
        lent = registry.get(library.backend).lend(given[1], None)
        plain = kind in ("every second", "transposed")  # which DLPack can describe
        place = address(lent)
        if place is not None and not plain:
            first, last = np.lib.array_utils.byte_bounds(given[1])
            assert not first <= place < last


@shows("CC-BORROW-5")
@needs("numpy")
@OPS
def test_an_array_that_requires_a_gradient_is_not_lent(op: str, library: Library) -> None:
    """Whichever operand it is."""
    requires = row_of(library).requires
    if requires is None:
        pytest.skip(f"arrays of {library.name} require no gradients")
    call = SAMPLES[op].but(backend="numpy")
    with library.settings():
        for i, own in enumerate([operands(library, call)] * len(call.places)):
            given = [requires(a) if i == j else a for j, a in enumerate(own)]
            with pytest.raises(convcore.ArrayTypeError, match="NumPy") as caught:
                function_of(call)(*given)
            assert caught.type is convcore.ArrayTypeError


@shows("CC-BORROW-6")
@needs("numpy")
@pytest.mark.parametrize("transform", ["jit", "vmap", "grad"])
def test_a_tracer_is_not_lent(transform: str, library: Library) -> None:
    apply = way(library, transform)
    function = function_of(PLAIN.but(backend="numpy"))
    with library.settings():
        arrays = operands(library, PLAIN)
        traced: dict[str, Callable[[], Any]] = {
            "jit": lambda: apply(function)(*arrays),
            "vmap": lambda: apply(lambda x: function(x, arrays[1]), [0])(arrays[0][None]),
            "grad": lambda: apply(function, arrays, arrays[0]),
        }
        with pytest.raises(convcore.ArrayTypeError) as caught:
            traced[transform]()
    assert caught.type is convcore.ArrayTypeError


@shows("CC-BORROW-7")
@OPS
def test_an_unknown_backend_is_refused(op: str, library: Library) -> None:
    with library.settings():
        arrays = operands(library, SAMPLES[op])
        with pytest.raises(convcore.BackendError, match="'no such backend'") as caught:
            function_of(SAMPLES[op].but(backend="no such backend"))(*arrays)
        with (
            convcore.use(backend="no such backend"),
            pytest.raises(convcore.BackendError, match="'no such backend'"),
        ):
            function_of(SAMPLES[op])(*arrays)
    assert all(name in str(caught.value) for name in available())


@shows("CC-BORROW-7")
def test_an_unavailable_backend_says_why() -> None:
    absent = [info for info in convcore.backends().values() if not info.available]
    if not absent:
        pytest.skip("every backend is available")
    for info in absent:
        with pytest.raises(convcore.BackendError) as caught:
            convcore.convolve([1.0], [1.0], backend=info.name)
        assert caught.type is convcore.BackendError
        assert info.reason in str(caught.value)
        assert all(name in str(caught.value) for name in available())


@shows("CC-BORROW-8")
def test_a_device_that_is_not_there_is_refused(library: Library) -> None:
    """For the library's own arrays and for those that borrow."""
    if library.backend not in available():
        pytest.skip(f"{library.name} has no backend to name")
    with library.settings():
        for arrays in (operands(library, PLAIN), PLAIN.arrays):
            with (
                convcore.use(backend=library.backend, device="moon:7"),
                pytest.raises(convcore.DeviceError, match="device='moon:7'") as caught,
            ):
                convcore.convolve(*arrays)
            assert caught.type is convcore.DeviceError
            assert all(place in str(caught.value) for place in available()[library.backend].devices)


@shows("CC-BORROW-9")
def test_a_dtype_that_the_engine_lacks_is_refused(library: Library) -> None:
    """Of those that NumPy's arrays may bring."""
    with library.settings():  # which may give the library more dtypes
        lacking = {"float16", "float64", "int64", "complex128"} - set(lender(library).dtypes)
        if not lacking:
            pytest.skip(f"the backend {library.backend} has all dtypes")
        for dtype in lacking:
            arrays = [array.astype(dtype) for array in PLAIN.arrays]
            with pytest.raises(convcore.DTypeError, match=dtype) as caught:
                convcore.convolve(*arrays, backend=library.backend)
            assert caught.type is convcore.DTypeError


@shows("CC-BORROW-9")
@needs("numpy")
def test_numpy_is_lent_no_bfloat16(library: Library) -> None:
    if "numpy" not in engines(library) or "bfloat16" not in library.dtypes:
        pytest.skip(f"{library.name} has no bfloat16 to lend")
    with library.settings():
        x, h = (library.asarray(array, "bfloat16") for array in PLAIN.arrays)
        with pytest.raises(convcore.DTypeError, match="bfloat16") as caught:
            convcore.convolve(x, h, backend="numpy")
    assert caught.type is convcore.DTypeError


@shows("CC-BORROW-10")
def test_what_both_can_view_is_lent_without_a_copy(library: Library) -> None:
    """From memory that begins where every library accepts it."""
    lender(library)
    x = aligned(whole(64).astype("float32"))
    with library.settings():
        lent = registry.get(library.backend).lend(x, None)
        if address(lent) is None or lent.__dlpack_device__()[0] != x.__dlpack_device__()[0]:
            pytest.skip(f"arrays of {library.name} show no memory, or lie elsewhere")
        assert address(lent) == x.ctypes.data
        assert registry.get(library.backend).give_back(lent, x).tolist() == x.tolist()


def aligned(values: Array) -> Array:
    """Give a copy at an address that 128 divides."""
    room = np.empty(values.nbytes + 128, "uint8")
    start = -room.ctypes.data % 128
    copy = room[start : start + values.nbytes].view(values.dtype).reshape(values.shape)
    copy[...] = values
    return copy
