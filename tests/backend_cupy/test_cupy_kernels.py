"""The kernels beyond the sizes of the conformance suite: several tiles, split sums, strides."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("convcore_cupy")

import cuda_on_cpu
import fake_cupy

import convcore
from convcore import algorithms
from convcore.plugins import DTYPES, Axis, ConvProblem

pytestmark = cuda_on_cpu.needs_gcc

REAL = ("float32", "float64", "complex64", "complex128")
INTEGERS = tuple(name for name in DTYPES if "int" in name)
ENGINES = ("taps", "taps_by_four", "dots", "gemm")


def problem(dtype, sizes, *axes):
    """A canonical problem: sizes of n, g, o, c, and its axes."""
    space = tuple((f"s{i}",) for i in range(len(axes)))
    return ConvProblem(
        x=(("n",), ("g",), ("c",), *space),
        w=(("g",), ("o",), ("c",), *space),
        y=(("n",), ("g",), ("o",), *space),
        sizes=dict(zip("ngoc", sizes, strict=True)),
        axes=axes,
        x_dtype=dtype,
        w_dtype=dtype,
        dtype=dtype,
    )


def numbers(shape, dtype, seed):
    """The whole range of an integer dtype; normal floats."""
    rng = np.random.default_rng(seed)
    if np.dtype(dtype).kind in "iu":
        limits = np.iinfo(dtype)
        return rng.integers(limits.min, limits.max, shape, dtype=dtype, endpoint=True)
    values = rng.standard_normal(shape)
    if np.dtype(dtype).kind == "c":
        values = values + 1j * rng.standard_normal(shape)
    return values.astype(dtype)


def operands(p):
    return numbers(p.x_shape, p.dtype, 1), numbers(p.w_shape, p.dtype, 2)


def by_kernel(cupy, p, engine, x, w):
    """A canonical problem by one of the kernels, on arrays that may be views."""
    from convcore_cupy import _direct

    # It is `taps` that decides between both of its kernels.
    _direct.MANY_OUTPUTS = 0 if engine == "taps_by_four" else 2**62
    run = _direct.ENGINES[engine.removesuffix("_by_four")](p, cupy)
    mine = [a if isinstance(a, cupy.ndarray) else cupy.ndarray(a) for a in (x, w)]
    return run(*mine, None).get()


def reference(p, x, w):
    """By the portable taps, in NumPy and in twice the precision."""
    exact = {"f": "float64", "c": "complex128"}.get(np.dtype(p.dtype).kind, p.dtype)
    p = replace(p, dtype=exact, x_dtype=exact, w_dtype=exact)
    run = algorithms.frame(p, algorithms.taps, np)
    return run(x.astype(exact), w.astype(exact), None)


def agree(p, got, x, w):
    """Within the componentwise bound, with the reference's own error granted as much."""
    wanted = reference(p, x, w)
    assert got.shape == wanted.shape
    assert got.dtype == p.dtype
    if p.is_exact:
        assert got.tolist() == wanted.tolist()
        return
    size = reference(replace(p, dtype="float64"), abs(x), abs(w))
    unit = DTYPES[p.dtype].unit * (4 if p.is_complex else 1)
    assert (abs(got - wanted) <= (2 * p.terms + 4) * unit * size).all()


# Several tiles in both directions and several groups; a grid of one axis each otherwise.
TILED = problem("float32", (3, 2, 70, 5), Axis(13, 3, lo=1, hi=2), Axis(9, 2, 2, dilation=2))
# 20,000 products for each of a few outputs, which `gemm` splits.
LONG = problem("float64", (2, 1, 3, 4), Axis(5003, 5000, lo=2))
DENSE = problem("float32", (65, 2, 66, 33))
DEEP = problem("float64", (1, 1, 2, 2), Axis(5, 3, lo=1), Axis(4, 2), Axis(3, 2, hi=1), Axis(3, 2))
EXPANDED = problem(
    "float32", (2, 1, 3, 2), Axis(7, 5, 2, 3, 4, 3, 3), Axis(6, 4, lo=2, expansion=2)
)


SIZES = {"tiled": TILED, "long": LONG, "dense": DENSE, "deep": DEEP}
# A block for each of many outputs would take the CPU a minute.
PAIRS = [(name, e) for name in SIZES for e in ENGINES if e != "dots"]
PAIRS += [("long", "dots"), ("deep", "dots")]


@pytest.mark.parametrize(("name", "engine"), PAIRS)
def test_sizes(cupy, name, engine):
    p = SIZES[name]
    x, w = operands(p)
    agree(p, by_kernel(cupy, p, engine, x, w), x, w)


@pytest.mark.parametrize("engine", ["taps", "taps_by_four", "dots"])
def test_expanded_axes(cupy, engine):
    x, w = operands(EXPANDED)
    agree(EXPANDED, by_kernel(cupy, EXPANDED, engine, x, w), x, w)


@pytest.mark.parametrize("dtype", [*INTEGERS, *REAL])
@pytest.mark.parametrize("engine", ENGINES)
def test_dtypes(cupy, engine, dtype):
    p = problem(dtype, (2, 2, 3, 4), Axis(9, 3, 2, lo=2, hi=1))
    x, w = operands(p)
    agree(p, by_kernel(cupy, p, engine, x, w), x, w)


def test_sums_are_split_and_added(cupy):
    from convcore_cupy._direct import splits

    assert splits(LONG) == 20_000 // 64
    assert splits(TILED) == 1
    x, w = operands(LONG)
    by_kernel(cupy, LONG, "gemm", x, w)
    assert fake_cupy.state.launches[-1] == ("gemm", splits(LONG))


def in_both_orders(cupy, monkeypatch, engine, channels):
    p = problem("int64", (1, 1, 3, channels), Axis(30, 3))
    x, w = operands(p)
    results = []
    for backwards in (False, True):
        monkeypatch.setattr(fake_cupy.state, "backwards", backwards)
        results.append(by_kernel(cupy, p, engine, x, w).tolist())
    return results, reference(p, x, w).tolist()


@pytest.mark.parametrize("engine", ["dots", "gemm"])
def test_the_order_of_threads_does_not_matter(cupy, monkeypatch, engine):
    results, wanted = in_both_orders(cupy, monkeypatch, engine, channels=40)
    assert results == [wanted, wanted]


@pytest.mark.parametrize(("engine", "barrier"), [("dots", 0), ("gemm", 2)])
def test_a_missing_barrier_would_show(cupy, monkeypatch, engine, barrier):
    """In one of the orders threads would read what others have not written yet."""
    from convcore_cupy import _direct, _source

    def without(*arguments):
        parts = _source.kernel_source(*arguments).split("__syncthreads();")
        parts[barrier : barrier + 2] = ["".join(parts[barrier : barrier + 2])]
        return "__syncthreads();".join(parts)

    monkeypatch.setattr(_direct, "kernel_source", without)
    # In one step of `gemm`, as in the next one they would read beyond x.
    results, wanted = in_both_orders(cupy, monkeypatch, engine, channels=5)
    assert results != [wanted, wanted]


@pytest.mark.parametrize("engine", ENGINES)
def test_any_strides(cupy, engine):
    p = problem("int32", (2, 3, 2, 2), Axis(6, 3, lo=1), Axis(5, 2))
    _, w = operands(p)
    backwards = numbers(p.x_shape[::-1], "int32", 3).T[:, ::-1, :, ::-1]
    broadcast = np.broadcast_to(numbers((1, 3, 2, 6, 1), "int32", 4), p.x_shape)
    every_other = numbers((2, 3, 2, 12, 15), "int32", 5)[..., ::2, 1::3]
    for x in (backwards, broadcast, every_other):
        agree(p, by_kernel(cupy, p, engine, x, w), x, w)


@pytest.mark.parametrize("engine", ENGINES)
def test_subnormals_are_kept(cupy, engine):
    """CuPy asks the compiler to flush them, which would lose the whole of these sums."""
    p = problem("complex64", (1, 1, 1, 2), Axis(3, 2))
    x, w = np.full(p.x_shape, 1e-40 - 1e-40j, p.dtype), np.full(p.w_shape, 1e38 + 1e38j, p.dtype)
    np.testing.assert_allclose(by_kernel(cupy, p, engine, x, w), 0.08, rtol=1e-5)


@pytest.mark.parametrize("engine", ENGINES)
def test_small_components_of_complex_numbers_are_kept(cupy, engine):
    p = problem("complex128", (1, 1, 1, 1), Axis(1, 1))
    x, w = np.full(p.x_shape, 1e8 + 1e-3j), np.full(p.w_shape, 1 + 0j)
    assert by_kernel(cupy, p, engine, x, w).item() == 1e8 + 1e-3j


def test_steps_that_no_sample_takes_fit_any_integer(cupy):
    p = problem("int8", (1, 1, 1, 1), Axis(3, 1, stride=10**18, dilation=10**18))
    assert by_kernel(cupy, p, "taps", *operands(p)).size == 1


BEYOND = [
    (problem("int8", (1, 1, 1, 1), Axis(2**31, 1)), (1, 1, 1, 1)),
    (problem("int8", (2, 1, 1, 1), Axis(4, 1)), (2**31, 1, 1, 1)),
    (problem("int8", (2, 1, 1, 1), Axis(4, 1)), (1, 1, 1, -(2**31))),
    (problem("int8", (1, 1, 1, 1), Axis(4, 1, lo=2**31)), (1, 1, 1, 1)),
    (problem("int8", (1, 1, 1, 1), Axis(4, 2, dilation=2**31, hi=2**31)), (1, 1, 1, 1)),
    (problem("int8", (1, 1, 1, 1), Axis(4, 1, expansion=2**30)), (1, 1, 1, 1)),
    (problem("int8", (1, 2**16, 2**16, 1), Axis(4, 1)), (1, 1, 1, 1)),
]


@pytest.mark.parametrize(("p", "strides"), BEYOND)
@pytest.mark.usefixtures("cupy")
def test_offsets_beyond_32_bits_are_wide(p, strides):
    from convcore_cupy._direct import NARROW, _farthest

    assert _farthest(p, strides, 1) >= NARROW


@pytest.mark.usefixtures("cupy")
def test_offsets_of_common_sizes_are_narrow():
    from convcore_cupy._direct import NARROW, _farthest

    p = problem("float32", (64, 1, 512, 512), Axis(56, 3, lo=1, hi=1), Axis(56, 3, lo=1, hi=1))
    assert _farthest(p, (512 * 3136, 512 * 3136, 3136, 56, 1), 1) < NARROW


def test_products_of_spectra_read_any_strides(cupy):
    from convcore_cupy._namespace import NAMESPACE

    a = cupy.ndarray(numbers((3, 2, 4, 50), "complex64", 1).transpose(1, 3, 0, 2))
    b = cupy.ndarray(numbers((2, 5, 4, 50), "complex64", 2).transpose(0, 3, 2, 1))
    got = NAMESPACE.matmul(a, b)
    assert got.shape == (2, 50, 3, 5)
    np.testing.assert_allclose(got.get(), a.get() @ b.get(), rtol=1e-5, atol=1e-5)


def test_an_array_operation_by_hand(cupy):
    x, h = (cupy.ndarray(np.array(v, "int8")) for v in ([100, 1, 2], [2, 3]))
    assert convcore.convolve(x, h).get().tolist() == [-56, 46, 7, 6]


def sanitizer():
    """The library that a sanitized kernel needs loaded before Python, where g++ has it."""
    if cuda_on_cpu.GCC is None:
        return None
    asked = [cuda_on_cpu.GCC, "-print-file-name=libasan.so"]
    found = Path(subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip())
    return found if found.is_absolute() else None


@pytest.mark.skipif(bool(cuda_on_cpu.SANITIZE), reason="this is the run under sanitizers")
@pytest.mark.skipif(sanitizer() is None, reason="g++ has no address sanitizer")
def test_no_undefined_behaviour_and_no_access_out_of_bounds():
    """This file again, its kernels compiled so that the first error ends the process."""
    flags = "-g -fsanitize=address,undefined -fno-sanitize-recover=all"
    env = {**os.environ, "CUDA_ON_CPU_SANITIZE": flags, "LD_PRELOAD": str(sanitizer())}
    env |= {"ASAN_OPTIONS": "detect_leaks=0", "PYTHONMALLOC": "malloc"}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, __file__], env=env, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    assert " passed" in done.stdout
    assert " failed" not in done.stdout
