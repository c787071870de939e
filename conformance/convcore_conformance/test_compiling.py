"""jit, compile, export, lazy graphs and sharding, wherever a library has them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import convcore
from convcore.plugins import clear_caches

from .bounds import bounds
from .calls import Call
from .compare import assert_values
from .exact import expected
from .gradients import cotangent, gradient, result
from .libraries import Library
from .marks import shows
from .samples import OPERATIONS, whole
from .transforming import assert_equal, function_of, held, operands, row_of, way
from .transforms import Computed

OPS = pytest.mark.parametrize("op", OPERATIONS)
BATCH = Call("conv", (whole(4, 2, 5), whole(3, 2, 2)), {"padding": 1, "method": "direct"})


@shows("CC-TRANSFORM-5")
@OPS
def test_compiled_is_as_called(op: str, library: Library) -> None:
    """Reading a value while it is traced would raise: there is none yet."""
    compiled = way(library, "jit", "compile")
    call = OPERATIONS[op].but(method="direct")
    with library.settings():
        assert_equal(library, compiled(function_of(call))(*operands(library, call)), result(call))


@shows("CC-TRANSFORM-5")
@pytest.mark.parametrize("method", ["auto", "fft", "overlap_add"])
def test_compiled_keeps_the_class(method: str, library: Library) -> None:
    compiled = way(library, "jit", "compile")
    call = Call("convolve", (whole(40), whole(9)), {"method": method})
    call = library.held_call(call) or call
    with library.settings():
        arrays, options = library.arguments(call)
        promised = convcore.plan(call.op, *arrays, **options).accuracy
        got = library.numpy(row_of(library).plain(compiled(function_of(call))(*arrays)))
    wanted = expected(call)
    assert_values(got, wanted, bounds(wanted, promised))


@shows("CC-TRANSFORM-5")
def test_gradients_of_compiled_code(library: Library) -> None:
    compiled, grad, call = way(library, "jit", "compile"), way(library, "grad"), BATCH
    adjoint = row_of(library).adjoint
    with library.settings():
        function = compiled(function_of(call))
        got = grad(function, operands(library, call), held(library, cotangent(call)))
        for place, one in zip(call.places, got, strict=True):
            assert_equal(library, one, gradient(call, place, adjoint=adjoint))


@shows("CC-TRANSFORM-7")
@OPS
def test_no_graph_break(op: str, library: Library) -> None:
    """With cold caches, and again with what the first compilation left."""
    compiled = way(library, "compile")
    call = OPERATIONS[op].but(method="direct")
    clear_caches()
    with library.settings():
        for _ in range(2):
            function = compiled(function_of(call))
            assert_equal(library, function(*operands(library, call)), result(call))


FIRST = """
import {imports}
f = torch.compile(lambda x, w: convcore.conv(x, w, padding=1), fullgraph=True, backend="aot_eager")
x, w = torch.ones(1, 2, 5), torch.ones(3, 2, 3)
assert torch.equal(f(x, w), torch.conv1d(x, w, padding=1))
"""


@shows("CC-TRANSFORM-7")
def test_the_first_call_of_a_process_may_be_compiled(library: Library) -> None:
    way(library, "compile")
    done = child([sys.executable, "-c", FIRST.format(imports="convcore, torch")], {})
    assert done.returncode == 0, done.stderr[-3000:]


@shows("CC-TRANSFORM-8")
@pytest.mark.parametrize("symbolic", [False, True], ids=["fixed", "symbolic"])
def test_export(library: Library, *, symbolic: bool) -> None:
    export = way(library, "export")
    call, other = BATCH, Call("conv", (whole(7, 2, 5), BATCH.arrays[1]), BATCH.kwargs)
    with library.settings():
        exported = export(function_of(call), operands(library, call), symbolic=symbolic)
        for one in (call, other) if symbolic else (call,):
            assert_equal(library, exported(*operands(library, one)), result(one))


@shows("CC-TRANSFORM-9")
@pytest.mark.parametrize("method", ["auto", "direct", "overlap_add"])
@OPS
def test_a_lazy_call_computes_nothing(op: str, method: str, library: Library) -> None:
    lazy = way(library, "lazy")
    call = OPERATIONS[op].but(method=method)
    with library.settings():
        arrays = [lazy(a.shape, library.dtype("float64")) for a in call.operands]
        got = function_of(call)(*arrays)
        assert type(got) is type(arrays[0])
        assert (got.shape, got.dtype) == (result(call).shape, library.dtype("float64"))
        with pytest.raises(Computed):  # so it would have been seen
            library.numpy(got)


@shows("CC-TRANSFORM-10")
@pytest.mark.parametrize("method", ["direct", "fft", "auto"])
def test_a_sharded_batch_is_not_gathered(method: str, library: Library) -> None:
    sharding = way(library, "sharding")
    with library.settings():
        count = len([d for d in library.xp.__array_namespace_info__().devices() if d is not None])
        if count < 2:
            pytest.skip(f"{library.name} has one device")
        values = (whole(2 * count, 8, 40), whole(8, 8, 5))
        call = Call("conv", values, {"padding": "same", "method": method})
        call = library.held_call(call) or call
        arrays, options = library.arguments(call)
        promised = convcore.plan(call.op, *arrays, **options).accuracy
        got, gathered = sharding(function_of(call), arrays)
        assert not gathered
        wanted = expected(call)
        assert_values(library.numpy(got), wanted, bounds(wanted, promised))


@shows("CC-TRANSFORM-10")
def test_two_devices_of_a_cpu(library: Library) -> None:
    """Where a library can split a CPU in two, the tests that need two devices run on those."""
    way(library, "sharding")
    outcome = on_two_devices(library.backend)
    assert re.search(r"\b[1-9]\d* passed", outcome), outcome
    assert "failed" not in outcome, outcome


@cache
def on_two_devices(backend: str) -> str:
    """Run the test above in a process of its own, in which JAX sees two CPUs."""
    tests = str(Path(__file__).parent)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    command += [
        f"--convcore-backend={backend}",
        "-k",
        "sharded_batch",
        f"{tests}/test_compiling.py",
    ]
    two = {"XLA_FLAGS": "--xla_force_host_platform_device_count=2", "JAX_PLATFORMS": "cpu"}
    return child(command, two).stdout[-3000:]


def child(command: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run another process, with these variables added to this one's."""
    return subprocess.run(
        command,
        check=False,
        env={**os.environ, **environment},
        timeout=300,
        capture_output=True,
        text=True,
    )


@shows("CC-TRANSFORM-11")
def test_options_are_those_of_the_trace(library: Library) -> None:
    """By taps the last sample is exact; a transform smears the first one's rounding over it."""
    compiled, guards = way(library, "jit", "compile"), row_of(library).guards
    x = np.array([2.0**60, *whole(999)])
    h = whole(300)
    with library.settings():
        arrays = [held(library, values) for values in (x, h)]
        function = compiled(convcore.convolve)

        def is_exact(method: str) -> bool:
            with convcore.use(method=method):
                got = library.numpy(row_of(library).plain(function(*arrays)))
            return bool((got[-600:] == np.convolve(x, h)[-600:]).all())

        assert is_exact("direct")
        assert is_exact("fft") is not guards
        function = compiled(function_of(Call("convolve", (x, h), {})))
        assert not is_exact("fft")
        assert is_exact("direct") is guards
