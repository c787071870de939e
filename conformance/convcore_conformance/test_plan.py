"""What a plan says, and what it looks at."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, NoReturn

import numpy as np
import pytest

import convcore
from convcore.plugins import ConvProblem, clear_caches, registry

from .calls import Call
from .cases import CASES, Case, Refused
from .checks import METHODS
from .libraries import Library
from .marks import shows
from .samples import OPERATIONS, each, filled, typed
from .spare import Box, Spare, registered

_SAID = ("op", "backend", "device", "method", "accuracy", "why", "shape", "dtype", "flops", "bytes")
_PAIR = ((5,), "float32"), ((3,), "float32")
_SIZES = [(5, 3), (3000, 31), (100_000, 9000)]


def _said(plan: convcore.Plan) -> dict[str, Any]:
    return {name: getattr(plan, name) for name in _SAID}


def _pair(array: Any) -> tuple[Any, str]:
    return array.shape, array.dtype.name


@shows("CC-PLAN-1")
@each
def test_a_function_is_as_good_as_its_name(call: Call) -> None:
    arguments = call.each(_pair)
    by_name = convcore.plan(call.op, *arguments, **call.kwargs)
    by_function = convcore.plan(getattr(convcore, call.op), *arguments, **call.kwargs)
    assert _said(by_function) == _said(by_name)
    assert by_name.op == call.op


@shows("CC-PLAN-1")
@pytest.mark.parametrize("op", ["conv2d", "Conv", "", "plan", np.convolve, len, None, 3, ["conv"]])
def test_another_op_is_refused(op: Any) -> None:
    with pytest.raises(convcore.OptionError, match="op=") as caught:
        convcore.plan(op, *_PAIR)
    assert repr(op) in str(caught.value)
    for call in OPERATIONS.values():
        assert call.op in str(caught.value)


@shows("CC-PLAN-2")
@each
def test_one_operand_may_be_described(call: Call, library: Library) -> None:
    """Beside arrays of the library, each operand in turn."""
    with library.settings():
        arrays, options = library.arguments(_held(library, call))
        wanted = _said(convcore.plan(call.op, *arrays, **options))
        for place, array in enumerate(arrays):
            if isinstance(array, tuple):
                continue
            for stand_in in (
                (array.shape, array.dtype),
                SimpleNamespace(shape=array.shape, dtype=array.dtype),
            ):
                arguments = [*arrays[:place], stand_in, *arrays[place + 1 :]]
                assert _said(convcore.plan(call.op, *arguments, **options)) == wanted


@shows("CC-PLAN-2", "CC-PLAN-17")
@each
@pytest.mark.parametrize("said", ["keyword", "use"])
def test_all_operands_may_be_described(call: Call, said: str, library: Library) -> None:
    if library.backend not in convcore.backends():
        pytest.skip(f"{library.name} has no backend that could be named")
    if library.device:
        pytest.skip("a description is planned for where the library makes its arrays")
    call = _held(library, call)
    by_use, keyword = (library.backend if said == way else None for way in ("use", "keyword"))
    with library.settings():
        arrays, options = library.arguments(call)
        wanted = _said(convcore.plan(call.op, *arrays, **options))
        for describe in (_pair, lambda a: SimpleNamespace(shape=a.shape, dtype=a.dtype.name)):
            arguments = call.each(describe)
            with convcore.use(backend=by_use):
                plan = convcore.plan(call.op, *arguments, **options, backend=keyword)
            assert _said(plan) == wanted


def _held(library: Library, call: Call, dtype: str = "float32") -> Call:
    held = library.held_call(typed(call, dtype))
    assert held is not None
    return held


class _Sealed:
    """An object with a shape and a dtype, of which nothing else may be asked."""

    shape, dtype = (5,), "float32"

    def _opened(self, *_arguments: object) -> NoReturn:
        raise AssertionError("a value was read")

    __array__ = __dlpack__ = __getitem__ = __iter__ = __len__ = _opened
    __float__ = __int__ = __index__ = __bool__ = _opened


class _SealedBox(Box):
    @property
    def values(self) -> NoReturn:
        raise AssertionError("a value was read")


@shows("CC-PLAN-3")
def test_no_value_of_an_object_is_read() -> None:
    assert convcore.plan("convolve", _Sealed(), _Sealed()).shape == (9,)


@shows("CC-PLAN-3")
@pytest.mark.parametrize("method", METHODS[:-1])
def test_no_value_of_an_array_is_read_or_lent(method: str) -> None:
    with registered(Spare()) as spare:
        x = _SealedBox(np.ones(5), "right")
        plan = convcore.plan("convolve", x, x, method=method)
        assert (plan.backend, plan.device) == ("spare", "right")
        convcore.plan("convolve", np.ones(5), np.ones(3), backend="spare", method=method)
        assert (spare.ran, spare.lent) == ([], [])


@shows("CC-PLAN-3")
def test_an_array_beyond_all_memory_is_planned() -> None:
    """2**50 samples that are one: to copy them, or to look at each, would not end."""
    x = np.broadcast_to(np.float32(1), (2**25, 2**25))
    plan = convcore.plan("convolve", x, np.ones((1, 3), "float32"), axes=1, mode="same")
    assert plan.shape == (2**25, 2**25)


@shows("CC-PLAN-3")
@each
def test_values_change_no_plan(call: Call, library: Library) -> None:
    call = _held(library, call)
    with library.settings():
        plans = [
            convcore.plan(call.op, *arrays, **options)
            for arrays, options in map(
                library.arguments, (call, filled(call, 0), filled(call, float("nan")))
            )
        ]
    assert _said(plans[0]) == _said(plans[1]) == _said(plans[2])


# Products counted by hand: outputs times taps times channels per group, two operations for each
# real one and eight for each complex one; and the bytes of operands and result.
_BY_HAND = [
    (Call("convolve", (((5,), "float32"), ((3,), "float32")), {"mode": "valid"}), 18, 4 * 11),
    (Call("convolve", (((5,), "complex64"), ((3,), "complex64")), {"mode": "valid"}), 72, 8 * 11),
    (Call("correlate", (((4, 5), "int16"), ((4, 3), "int16")), {"axes": 1}), 2 * 4 * 21, 2 * 60),
    (Call("conv", (((2, 3, 10), "float64"), ((5, 3, 4), "float64")), {}), 1680, 8 * 190),
    (Call("conv", (((1, 4, 9), "float32"), ((4, 1, 3), "float32")), {"groups": 4}), 168, 4 * 76),
]


@shows("CC-PLAN-4")
@pytest.mark.parametrize("method", ["auto", "direct", "fft", "overlap_add"])
@pytest.mark.parametrize(("call", "flops", "size"), _BY_HAND, ids=lambda v: str(v)[:60])
def test_work_is_that_of_the_definition(call: Call, flops: int, size: int, method: str) -> None:
    plan = convcore.plan(call.op, *call.arrays, **call.kwargs, method=method)
    assert (plan.flops, plan.bytes) == (flops, size)


@shows("CC-PLAN-4", "CC-PLAN-16")
@each
def test_a_plan_has_its_attributes_and_prints_them(call: Call, library: Library) -> None:
    with library.settings():
        arrays, options = library.arguments(_held(library, call))
        plan = convcore.plan(call.op, *arrays, **options)
        result = getattr(convcore, call.op)(*arrays, **options)
    assert isinstance(plan, convcore.Plan)
    assert (plan.op, plan.backend) == (call.op, library.backend)
    assert plan.method in METHODS
    assert plan.accuracy.name in ("exact", "componentwise", "normwise")
    assert (plan.shape, library.dtype(plan.dtype)) == (tuple(result.shape), result.dtype)
    text = str(plan)
    for part in (plan.backend, plan.method, plan.accuracy.name, str(plan.accuracy), plan.why):
        assert part
        assert part in text
    if plan.device is not None:
        assert str(plan.device) in text


@shows("CC-PLAN-16")
@pytest.mark.parametrize("device", ["left", "right"])
@pytest.mark.parametrize("method", ["direct", "fft"])
def test_what_is_printed_follows_the_plan(device: str, method: str) -> None:
    with registered(Spare()):
        x = Box(np.ones(9), device)
        text = str(convcore.plan("convolve", x, x, method=method))
    wanted = {"left", "right", "direct", "fft", "componentwise", "normwise"}
    accuracy = "componentwise" if method == "direct" else "normwise"
    # Other candidates follow, each in a line of its own that says so.
    chosen = "\n".join(line for line in text.splitlines() if not line.strip().startswith("not "))
    assert {word for word in wanted if word in chosen} == {device, method, accuracy}
    assert "spare" in chosen


@shows("CC-PLAN-14")
@pytest.mark.parametrize("dtype", ["float32", "complex64", "int16"])
@pytest.mark.parametrize(("n", "m"), _SIZES)
def test_auto_runs_the_method_that_is_named(n: int, m: int, dtype: str) -> None:
    with registered(Spare()) as spare:
        x, h = Box(np.ones(n, dtype)), Box(np.ones(m, dtype))
        convcore.convolve(x, h)
        convcore.convolve(x, h, method="auto")
        named = convcore.plan("convolve", x, h).method
        assert [ran.method for ran in spare.ran] == [named, named]


@shows("CC-PLAN-14")
@pytest.mark.parametrize(("n", "m"), [(5, 3), (200, 20)])
def test_auto_runs_the_method_that_is_named_on_arrays(
    n: int, m: int, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    if library.backend not in convcore.backends():
        pytest.skip(f"{library.name} has no backend to look into")
    backend = type(registry.get(library.backend))
    lower, lowered = backend.lower, set[str]()

    def spied(self: Any, problem: ConvProblem, engine: str, device: Any) -> Any:
        lowered.update(c.method for c in self.methods(problem, device) if c.name == engine)
        return lower(self, problem, engine, device)

    with library.settings():
        x, h = (library.asarray(np.ones(size), "float32") for size in (n, m))
        named = convcore.plan("convolve", x, h).method
        clear_caches()
        monkeypatch.setattr(backend, "lower", spied)
        convcore.convolve(x, h)
    clear_caches()
    assert named in lowered


@shows("CC-PLAN-15")
@pytest.mark.parametrize(
    "case", [case for case in CASES if isinstance(case.wanted, Refused)], ids=lambda case: case.id
)
def test_what_a_call_refuses_its_plan_refuses(case: Case, library: Library) -> None:
    held = library.held_call(case.call)
    if held is None:
        pytest.skip(f"the numbers of this case need dtypes that {library.name} has not")
    with library.settings():
        arrays, options = library.arguments(held)
        by_call = _refusal(getattr(convcore, held.op), *arrays, **options)
        assert _refusal(convcore.plan, held.op, *arrays, **options) is by_call


def _refusal(function: Callable[..., Any], *arguments: Any, **options: Any) -> type | None:
    """Give the class of the error; None in wider dtypes that leave nothing to refuse."""
    try:
        function(*arguments, **options)
    except convcore.ConvcoreError as error:
        return type(error)
    return None


@shows("CC-PLAN-17")
def test_descriptions_alone_are_planned_for_what_is_named() -> None:
    described = SimpleNamespace(shape=(3,), dtype="float32")
    of_arrays = convcore.plan("convolve", np.ones(3, "float32"), np.ones(3, "float32")).backend
    with registered(Spare()), registered(Spare("other")):
        for pair in (_PAIR, (_PAIR[0], described), (described, described)):
            assert convcore.plan("convolve", *pair).backend == of_arrays
            assert convcore.plan("convolve", *pair, backend="spare").backend == "spare"
            with convcore.use(backend="spare", device="right"):
                plan = convcore.plan("convolve", *pair)
                assert (plan.backend, plan.device) == ("spare", "right")
                assert convcore.plan("convolve", *pair, backend="other").device == "left"
