"""Which backend serves an array, and which arrays none does."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import array_api_strict
import numpy as np
import pytest
from array_api_compat import array_namespace

import convcore
from convcore.plugins import Backend, clear_caches, registry

from .calls import Array
from .checks import METHODS, able
from .libraries import Library
from .marks import needs, shows
from .samples import OPERATIONS, typed
from .transforming import assert_equal, function_of, held, operands, row_of

OPS = pytest.mark.parametrize("op", OPERATIONS)
CALL = typed(OPERATIONS["convolve"], "float32")


class Nearer(np.ndarray):
    """A class of arrays with a backend of its own."""


class Nearest(Nearer):
    """One without, whose nearest base class has one."""


@dataclass(frozen=True)
class _Renamed:
    """A backend under another name, for other classes."""

    name: str
    array_types: tuple[str, ...]
    inner: Backend

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


@pytest.fixture
def nearer(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Register a backend for a subclass of NumPy's arrays, until the test is over."""
    owner = registry.get("numpy")
    backend = _Renamed("nearer", (f"{__name__}.Nearer",), owner)
    monkeypatch.setitem(registry.found, "nearer", backend)
    clear_caches()
    yield
    clear_caches()


def served_by(*arrays: Any) -> str:
    return str(convcore.plan("convolve", *arrays).backend)


@shows("CC-DISPATCH-1")
@needs("numpy")
@pytest.mark.usefixtures("nearer")
@pytest.mark.parametrize(
    ("kind", "backend"), [(np.ndarray, "numpy"), (Nearer, "nearer"), (Nearest, "nearer")]
)
def test_the_nearest_base_class_decides(kind: type[Array], backend: str) -> None:
    x, h = (array.view(kind) for array in CALL.arrays)
    assert served_by(x, h) == backend
    assert convcore.convolve(x, h).tolist() == np.convolve(*CALL.arrays).tolist()


@shows("CC-DISPATCH-1")
@OPS
def test_arrays_are_served_by_the_backend_that_names_them(op: str, library: Library) -> None:
    with library.settings():
        call = typed(OPERATIONS[op], "float32")
        arrays, options = library.arguments(call)
        assert convcore.plan(op, *arrays, **options).backend == library.backend


@shows("CC-DISPATCH-1")
def test_a_subclass_is_served_by_its_base_class(library: Library) -> None:
    with library.settings():
        x, h = operands(library, CALL)
        wanted = library.numpy(convcore.convolve(x, h)).tolist()
        assert served_by(subclassed(x), h) == library.backend
        got = convcore.convolve(subclassed(x), h)
        assert isinstance(got, type(x))
        assert library.numpy(got).tolist() == wanted


def subclassed(array: Any) -> Any:
    """Give an array as one of a subclass of its class, by what NumPy and PyTorch have for it."""
    for turn in ("view", "as_subclass"):
        try:
            own = type("Own", (type(array),), {})
            turned = getattr(array, turn)(own)
        except (AttributeError, TypeError, ValueError):
            continue
        if type(turned) is own:
            return turned
    pytest.skip(f"{type(array)} takes no subclass")


@shows("CC-DISPATCH-2")
@OPS
def test_any_library_of_the_standard_is_served(op: str) -> None:
    """By array_api_strict, which has no backend and nothing beyond the standard."""
    assert not any(
        "strict" in dotted for one in registry.found.values() for dotted in one.array_types
    )
    call = typed(OPERATIONS[op], "float64").but(method="direct")
    arrays = [array_api_strict.asarray(operand) for operand in call.operands]
    got = function_of(call)(*arrays)
    wanted = function_of(call)(*call.operands)
    assert type(got) is type(arrays[0])
    assert np.asarray(got).tolist() == wanted.tolist()


@shows("CC-DISPATCH-3")
@pytest.mark.parametrize("named", [False, True], ids=["", "backend="])
@OPS
def test_two_libraries_are_refused(op: str, library: Library, *, named: bool) -> None:
    """Whichever operand is the stranger, and also where a backend is named."""
    call = typed(OPERATIONS[op], "float32")
    call = call.but(backend=next(iter(able_backends()))) if named else call
    with library.settings():
        own = operands(library, call)
        strangers = [stranger(library, operand) for operand in call.operands]
        kind = "numpy" if isinstance(strangers[0], np.ndarray) else "strict"
        for i in range(len(own)):
            mixed = [strangers[j] if i == j else a for j, a in enumerate(own)]
            with pytest.raises(convcore.ArrayTypeError) as caught:
                function_of(call)(*mixed)
            assert caught.type is convcore.ArrayTypeError
            for name in (library.backend, kind):
                assert name in str(caught.value)


def stranger(library: Library, values: Array) -> Any:
    """Give an array of a library that this one's arrays are not made of."""
    own = library.asarray(0, "float32")
    wraps = known(library).wraps if known(library) else False
    if wraps or isinstance(own, np.ndarray):
        return array_api_strict.asarray(values)
    return values


def known(library: Library) -> Any:
    info = convcore.backends().get(library.backend)
    return info.capabilities if info else None


def able_backends() -> list[str]:
    return [name for name, info in convcore.backends().items() if info.available]


@shows("CC-DISPATCH-4")
@OPS
def test_a_wrapper_takes_what_it_wraps(op: str, library: Library) -> None:
    """Whichever operands are plain, as long as one is not."""
    if not known(library) or not known(library).wraps:
        pytest.skip(f"arrays of {library.name} are not made of arrays")
    call = typed(OPERATIONS[op], "float32")
    with library.settings():
        own = operands(library, call)
        plain = call.operands
        wanted = library.numpy(function_of(call)(*own)).tolist()
        for i in range(len(own)):
            for mixed in (
                [plain[j] if i == j else a for j, a in enumerate(own)],
                [own[j] if i == j else a for j, a in enumerate(plain)],
            ):
                got = function_of(call)(*mixed)
                assert type(got) is type(own[0])
                assert library.numpy(got).tolist() == wanted


def _matrix() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # np.matrix is deprecated, which is why it is refused
        return np.matrix([[1.0, 2.0]])


class Unknown:
    """Something with nothing of an array."""


def _refused(clause: str, name: str, make: Callable[[], Any]) -> Any:
    return pytest.param(make, name, id=name, marks=shows(clause))


@pytest.mark.parametrize(
    ("make", "named"),
    [
        _refused(
            "CC-DISPATCH-5", "MaskedArray", lambda: np.ma.array([1.0, 2.0], mask=[False, True])
        ),
        _refused("CC-DISPATCH-6", "matrix", _matrix),
        _refused("CC-DISPATCH-8", "Unknown", Unknown),
        _refused("CC-DISPATCH-8", "str", lambda: "12"),
        _refused("CC-DISPATCH-8", "bytes", lambda: b"12"),
        _refused("CC-DISPATCH-8", "dict", dict),
        _refused("CC-DISPATCH-8", "set", lambda: {1, 2}),
        _refused("CC-DISPATCH-8", "iterator", lambda: iter([1])),
        _refused("CC-DISPATCH-8", "type", lambda: np.ndarray),
    ],
)
def test_what_is_no_plain_array_is_refused(
    make: Callable[[], Any], named: str, library: Library
) -> None:
    """As every operand of every operation, in the company of proper ones."""
    with library.settings():
        for call in (typed(one, "float32") for one in OPERATIONS.values()):
            own = operands(library, call)
            for i in range(len(own)):
                given = [make() if i == j else a for j, a in enumerate(own)]
                with pytest.raises(convcore.ArrayTypeError, match=named) as caught:
                    function_of(call)(*given)
                assert caught.type is convcore.ArrayTypeError, call


@shows("CC-DISPATCH-7")
def test_sparse_arrays_are_refused(library: Library) -> None:
    """Also where arrays of that shape have been seen."""
    make = row_of(library).sparse
    if make is None:
        pytest.skip(f"no sparse arrays of {library.name} are known here")
    with library.settings():
        x, h = held(library, np.eye(3)), held(library, np.ones((1, 2)))
        for given, name in (((make(x), h), "x1"), ((x, make(h)), "x2"), ((make(x), make(h)), "x1")):
            convcore.convolve(x, h)
            with pytest.raises(convcore.ArrayTypeError, match=name) as caught:
                convcore.convolve(*given)
            assert caught.type is convcore.ArrayTypeError


AWKWARD: dict[str, Callable[[Array], Array]] = {
    "backward": lambda x: np.flip(x).copy()[(slice(None, None, -1),) * x.ndim],
    "every second": lambda x: np.repeat(x, 2, axis=-1)[..., ::2],
    "transposed": lambda x: x.T.copy().T,
    "foreign": lambda x: x.astype(x.dtype.newbyteorder()),
    "misaligned": lambda x: np.frombuffer(b"0" + x.tobytes(), x.dtype, offset=1).reshape(x.shape),
    "read-only": lambda x: np.frombuffer(x.tobytes(), x.dtype).reshape(x.shape),
}


@shows("CC-DISPATCH-9")
@pytest.mark.parametrize("kind", AWKWARD)
def test_awkward_memory_gives_the_same_result(kind: str, library: Library) -> None:
    """By every method, with a cold cache and with one that knows the ordinary arrays."""
    if not isinstance(library.asarray(0, "float32"), np.ndarray):
        pytest.skip(f"arrays of {library.name} have no such memory")
    for call in OPERATIONS.values():
        plain = call.operands
        for method in set(METHODS) & able(library, call):
            function = function_of(call.but(method=method))
            clear_caches()
            for _ in range(2):
                got, wanted = function(*map(AWKWARD[kind], plain)), function(*plain)
                # Whole numbers, of which a transform may round each memory's in its own way.
                assert np.round(got).tolist() == np.round(wanted).tolist(), call.but(method=method)


@shows("CC-DISPATCH-9")
@OPS
def test_strided_views_give_the_same_result(op: str, library: Library) -> None:
    """Backward where the library has it, every second sample, axes in another order."""
    call = typed(OPERATIONS[op], "float32").but(method="direct")
    with library.settings():
        plain = operands(library, call)
        wanted = library.numpy(function_of(call)(*plain))
        for view in (backward, every_second, transposed):
            views = [view(library, library.numpy(array)) for array in plain]
            assert_equal(library, function_of(call)(*views), wanted)


def backward(library: Library, values: Array) -> Any:
    array = library.asarray(np.flip(values), "float32")
    try:
        return array[(slice(None, None, -1),) * values.ndim]
    except ValueError:  # a library without negative strides
        return library.asarray(values, "float32")


def every_second(library: Library, values: Array) -> Any:
    return library.asarray(np.repeat(values, 2, axis=-1), "float32")[..., ::2]


def transposed(library: Library, values: Array) -> Any:
    array = library.asarray(values.T.copy(), "float32")
    return array_namespace(array).permute_dims(array, tuple(reversed(range(values.ndim))))
