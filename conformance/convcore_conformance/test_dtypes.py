"""Dtypes on every library: which there are, how they promote, how they are said."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest

import convcore

from .arguments import NAMES, OPERANDS
from .calls import Call
from .checks import check
from .dtypes import DTYPES, promoted
from .exact import expected
from .libraries import Library
from .marks import shows
from .samples import OPERATIONS, typed

# The two tables of the specification, once more: neither the core nor the oracle reads them here.
_INTEGERS = """
        int8   int16  int32  int64  uint8  uint16 uint32 uint64
int8    int8   int16  int32  int64  int16  int32  int64  -
int16   int16  int16  int32  int64  int16  int32  int64  -
int32   int32  int32  int32  int64  int32  int32  int64  -
int64   int64  int64  int64  int64  int64  int64  int64  -
uint8   int16  int16  int32  int64  uint8  uint16 uint32 uint64
uint16  int32  int32  int32  int64  uint16 uint16 uint32 uint64
uint32  int64  int64  int64  int64  uint32 uint32 uint32 uint64
uint64  -      -      -      -      uint64 uint64 uint64 uint64
"""
_FLOATS = """
           float16   bfloat16  float32   float64    complex64  complex128
float16    float16   float32   float32   float64    complex64  complex128
bfloat16   float32   bfloat16  float32   float64    complex64  complex128
float32    float32   float32   float32   float64    complex64  complex128
float64    float64   float64   float64   float64    complex128 complex128
complex64  complex64 complex64 complex64 complex128 complex64  complex128
complex128 complex128 complex128 complex128 complex128 complex128 complex128
"""


def _read(table: str) -> Iterator[tuple[tuple[str, str], str]]:
    head, *rows = table.strip().splitlines()
    for row in rows:
        first, *results = row.split()
        yield from (((first, other), r) for other, r in zip(head.split(), results, strict=True))


def _table() -> dict[tuple[str, str], str]:
    same_kind = {**dict(_read(_INTEGERS)), **dict(_read(_FLOATS))}
    return {
        (a, b): same_kind.get((a, b)) or (b if DTYPES[a].kind == "int" else a)
        for a, b in product(DTYPES, repeat=2)
    }


PROMOTED = _table()
SHORT = Call("convolve", (np.array([1, 2, 3]), np.array([1, 1])), {"method": "direct"})
ONE_OF_EACH_RULE = (
    ("int8", "uint8"),
    ("uint32", "int32"),
    ("uint64", "uint8"),
    ("int32", "float16"),
    ("float16", "bfloat16"),
    ("float32", "float64"),
    ("float64", "complex64"),
    ("uint64", "int8"),
)


def _made(library: Library, dtype: str) -> Any:
    """Two ones of a dtype; None where the library has no such arrays."""
    with library.settings(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what JAX would narrow
        for make in (_from_numpy, _converted):
            try:
                array = make(library, dtype)
                if array.dtype == library.dtype(dtype):
                    return array
            except (AttributeError, TypeError, ValueError, RuntimeError):
                continue
    return None


def _from_numpy(library: Library, dtype: str) -> Any:
    return library.asarray([1, 1], dtype)


def _converted(library: Library, dtype: str) -> Any:
    """Give an array of a dtype that only the library itself knows."""
    return library.xp.astype(library.asarray([1, 1], "float32"), getattr(library.xp, dtype))


def test_the_oracle_promotes_by_the_tables() -> None:
    for (a, b), wanted in PROMOTED.items():
        if wanted == "-":
            with pytest.raises(ValueError, match="no result dtype"):
                promoted(a, b)
        else:
            assert promoted(a, b) == wanted


@shows("CC-DTYPE-1")
@pytest.mark.parametrize("dtype", DTYPES)
def test_every_dtype_that_the_library_has(dtype: str, library: Library) -> None:
    if _made(library, dtype) is None:
        pytest.skip(f"{library.name} has no arrays of {dtype}")
    call, gap = typed(SHORT, dtype), library.gap(dtype)
    try:
        check(library, call, expected(call))
    except convcore.DTypeError:
        if gap:
            pytest.xfail(gap)
        raise
    assert not gap, f"the backend declares a gap that is none: {gap}"


@shows("CC-DTYPE-2", "CC-ERROR-3", "CC-ERROR-4", "CC-ERROR-5")
@pytest.mark.parametrize(("call", "place"), OPERANDS)
def test_a_bool_operand_is_refused(call: Call, place: int, library: Library) -> None:
    call = typed(call, "float32").with_operand(place, call.arrays[place] > 0)
    message = _refusal(library, call)
    for part in (f"{NAMES[call.op][place]} has", "bool", "convert", "uint8"):
        assert part in message


@shows("CC-DTYPE-2")
@pytest.mark.parametrize("dtype", ["bool", bool, np.bool, np.dtype(bool)], ids=repr)
@pytest.mark.parametrize("op", OPERATIONS)
def test_a_bool_result_is_refused(op: str, dtype: Any, library: Library) -> None:
    message = _refusal(library, typed(OPERATIONS[op], "float32"), dtype=dtype)
    for part in ("dtype=", "bool", "convert", "uint8"):
        assert part in message


_OTHERS = (
    *("longdouble", "clongdouble", "object", "U1", "S1", "datetime64[s]", "timedelta64[s]", "V4"),
    *("float8_e4m3fn", "float8_e5m2", "int4", "complex32"),
)


@shows("CC-DTYPE-3")
@pytest.mark.parametrize("dtype", _OTHERS)
def test_an_operand_of_another_dtype_is_refused(dtype: str, library: Library) -> None:
    array = _made(library, dtype)
    if array is None:
        pytest.skip(f"{library.name} has no arrays of {dtype}")
    plain = library.asarray([1, 1], "float32")
    for arrays in ((array, plain), (plain, array)):
        with library.settings(), pytest.raises(convcore.DTypeError) as caught:
            convcore.convolve(*arrays)
        assert _last_name(array) in str(caught.value)
        assert "convert" in str(caught.value)


def _last_name(array: Any) -> str:
    return str(array.dtype).rpartition(".")[2]


_OTHER_RESULTS = [
    *(("object", "object"), ("U1", "<U1"), ("datetime64[s]", "datetime64[s]")),
    *(("float31", "'float31'"), ("", "''"), (4, "4")),
]


@shows("CC-DTYPE-3")
@pytest.mark.parametrize(("dtype", "shown"), _OTHER_RESULTS, ids=str)
def test_another_result_dtype_is_refused(dtype: Any, shown: str, library: Library) -> None:
    message = _refusal(library, typed(SHORT, "float32"), dtype=dtype)
    for part in ("dtype=", shown, "allowed are int8"):
        assert part in message


def _refusal(library: Library, call: Call, **options: Any) -> str:
    """What a call says that must raise DTypeError; the options are passed as they are."""
    with library.settings():
        arrays, said = library.arguments(call)
        with pytest.raises(convcore.DTypeError) as caught:
            getattr(convcore, call.op)(*arrays, **said, **options)
    assert caught.type is convcore.DTypeError
    return str(caught.value)


@shows("CC-DTYPE-4", "CC-DTYPE-5", "CC-DTYPE-6", "CC-DTYPE-7", "CC-DTYPE-8", "CC-DTYPE-13")
@pytest.mark.parametrize("a", DTYPES)
def test_promotion_of_all_pairs(a: str, library: Library) -> None:
    """As planned; that results have the planned dtype is what the cases show."""
    if a not in library.dtypes:
        pytest.skip(f"{library.name} has no arrays of {a}")
    for b in sorted(library.dtypes):
        _check_promotion(library, "convolve", a, b, run=False)


@shows("CC-DTYPE-8", "CC-DTYPE-9", "CC-DTYPE-13")
@pytest.mark.parametrize(("a", "b"), ONE_OF_EACH_RULE)
@pytest.mark.parametrize("op", OPERATIONS)
def test_promotion_in_all_operations(op: str, a: str, b: str, library: Library) -> None:
    if not {a, b} <= library.dtypes:
        pytest.skip(f"{library.name} has no arrays of {a} or of {b}")
    _check_promotion(library, op, a, b, run=True)
    _check_promotion(library, op, b, a, run=False)


def _check_promotion(library: Library, op: str, a: str, b: str, *, run: bool) -> None:
    """Hold one pair against the table; what the library cannot hold is refused."""
    call = OPERATIONS[op]
    first, second, *bias = call.places
    for place, dtype in ((first, a), (second, b)):
        call = call.with_operand(place, np.abs(call.arrays[place]).astype(dtype))
    if bias:
        call = replace(call, arrays=call.arrays[: bias[0]])
    wanted = PROMOTED[a, b]
    made = (
        convcore.plan if not run else lambda name, *args, **kw: getattr(convcore, name)(*args, **kw)
    )
    with library.settings():
        arrays, options = library.arguments(call)
        if wanted in library.dtypes:
            got = made(op, *arrays, **options)
            assert got.dtype == (library.dtype(wanted) if run else wanted)
        else:
            with pytest.raises(convcore.DTypeError):
                made(op, *arrays, **options)


@shows("CC-DTYPE-13")
@pytest.mark.parametrize("dtype", DTYPES)
def test_a_result_that_the_library_cannot_hold(dtype: str, library: Library) -> None:
    if _made(library, dtype) is not None:
        pytest.skip(f"{library.name} has arrays of {dtype}")
    call = typed(SHORT, "int8")
    assert dtype in _refusal(library, call, dtype=dtype)
    assert dtype in _refusal(library, call, dtype=np.dtype(dtype))


@shows("CC-DTYPE-14")
@pytest.mark.parametrize("dtype", DTYPES)
def test_spellings_of_a_result_dtype(dtype: str, library: Library) -> None:
    if dtype not in library.dtypes:
        pytest.skip(f"{library.name} has no arrays of {dtype}")
    call = typed(SHORT, "int8")
    with library.settings():
        spellings = {
            "name": dtype,
            "NumPy's dtype": np.dtype(dtype),
            "NumPy's scalar type": np.dtype(dtype).type,
            "the library's": library.dtype(dtype),
            "the namespace's": getattr(library.xp, dtype, dtype),
        }
        arrays, options = library.arguments(call)
        got = {
            how: convcore.convolve(*arrays, **options, dtype=said).dtype
            for how, said in spellings.items()
        }
        assert got == dict.fromkeys(spellings, library.dtype(dtype))


@shows("CC-DTYPE-20")
@pytest.mark.parametrize("swapped", [(0,), (1,), (2,), (0, 1, 2)], ids=str)
@pytest.mark.parametrize("dtype", ["int16", "float32", "complex64"])
def test_byte_order(dtype: str, swapped: tuple[int, ...], library: Library) -> None:
    """On the library's arrays where they have one, else on NumPy's that are lent to it."""
    plain = (np.ones((1, 3)), np.ones((1, 1, 2)), np.ones(1))
    orders = [np.dtype(dtype).newbyteorder("S" if i in swapped else "=") for i in range(3)]
    arrays = [array.astype(order) for array, order in zip(plain, orders, strict=True)]
    with library.settings():
        own, lent = _swapped(library, arrays), None
        if own is None:
            own, lent = arrays, _engine(library)
        got = convcore.conv(*own, method="direct", backend=lent)
        assert got.dtype == (np.dtype(dtype) if lent else library.dtype(dtype))
        read = np.asarray(got) if lent else library.numpy(got)
    assert read.dtype.isnative
    assert read.tolist() == [[3, 3]]


def _swapped(library: Library, arrays: list[Any]) -> list[Any] | None:
    """The library's arrays in these byte orders; None where it has only one."""
    try:
        own = [library.asarray(a, a.dtype.str) for a in arrays]
        kept = [
            np.dtype(o.dtype).isnative == a.dtype.isnative for o, a in zip(own, arrays, strict=True)
        ]
    except (TypeError, ValueError):
        return None
    return own if all(kept) else None


def _engine(library: Library) -> str:
    """The name by which a library's engine is borrowed."""
    return library.backend if library.backend in convcore.backends() else "array_api"
