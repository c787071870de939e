import itertools
import math
import os
import subprocess
import sys

import numpy as np
import pytest

import convcore
from convcore.algorithms import FFT_CONSTANT, Circle, Limbs, fast_length
from convcore.plugins import DTYPES, Axis

INTEGERS = [name for name, info in DTYPES.items() if info.kind == "integer"]


def is_smooth(n):
    for prime in (2, 3, 5):
        while n % prime == 0:
            n //= prime
    return n == 1


def test_fast_length_is_the_smallest_smooth_number():
    smooth = [n for n in range(1, 5000) if is_smooth(n)]
    for least in range(1, 4000):
        assert fast_length(least) == next(n for n in smooth if n >= least)
        even = fast_length(least, even=True)
        assert even == next(n for n in smooth if n >= least and (n % 2 == 0 or least == 1))


@pytest.mark.parametrize("least", [2**20 + 1, 10**6 + 3, 2**31 - 1, 10**9 + 7])
def test_fast_length_of_large_numbers(least):
    found = fast_length(least)
    assert found >= least
    assert is_smooth(found)
    powers = (2**a * 3**b * 5**c for a in range(34) for b in range(22) for c in range(15))
    assert found == min(n for n in powers if n >= least)


def test_circle_holds_every_output():
    draw = np.random.default_rng(3).integers
    grid = itertools.product(
        (1, 2, 7), (1, 3, 8), (1, 2, 3), (-6, -1, 0, 2, 9), (-6, 0, 1, 9), (1, 2)
    )
    tried = 0
    for size, taps, stride, lo, hi, dilation in grid:
        axis = Axis(size, taps, stride, lo, hi, dilation)
        if axis.padded <= axis.reach:
            continue
        tried += 1
        x, w = draw(-9, 10, size), draw(-9, 10, taps)
        padded = [x[j - lo] if 0 <= j - lo < size else 0 for j in range(axis.padded)]
        wanted = [
            sum(padded[p * stride + k * dilation] * w[k] for k in range(taps))
            for p in range(axis.out)
        ]
        spaced = np.zeros(axis.reach + 1)
        spaced[::dilation] = w
        for at_least in (1, 40):
            circle = Circle.of(axis, at_least)
            assert is_smooth(circle.length)
            assert circle.length >= at_least
            assert circle.before + circle.count + circle.after == axis.out
            if circle.count == 0:
                assert not any(wanted)
                continue
            spectra = np.fft.fft(x, circle.length) * np.fft.fft(spaced[::-1], circle.length)
            y = circle.outputs(np.fft.ifft(spectra).real, 0, np)
            np.testing.assert_array_equal(y.round(6) + 0.0, wanted)
    assert tried > 500


@pytest.mark.parametrize("dtype", INTEGERS)
def test_limbs_are_small_and_sum_up_to_the_integer(dtype):
    info, width = np.iinfo(dtype), DTYPES[dtype].bits
    draw = np.random.default_rng(5).integers(info.min, info.max, 50, dtype, endpoint=True)
    edges = [info.min, info.min + 1, info.max, info.max - 1, 0, 1, info.max // 2, info.max // 3]
    values = np.array([*edges, *draw.tolist()], dtype)
    for bits in range(1, min(width, 22) + 1):
        limbs = Limbs(bits, math.ceil(width / bits))
        parts = limbs.split(values, np)
        assert len(parts) == limbs.count
        for part in parts:
            assert part.dtype == np.float64
            assert np.abs(part).max() <= 2 ** (bits - 1)
        for i, value in enumerate(values.tolist()):
            total = sum(int(part[i]) << (bits * n) for n, part in enumerate(parts))
            assert (total - value) % 2**width == 0
        joined = limbs.join(parts, dtype, np)
        assert joined.dtype == dtype
        np.testing.assert_array_equal(joined, values)


def _problem(dtype, size, taps, channels=1):
    x, w = ((1, channels, size), dtype), ((1, channels, taps), dtype)
    return convcore.plan("conv", x, w, padding="full", backend="numpy").problem


@pytest.mark.numpy_backend
@pytest.mark.parametrize("channels", [1, 6])
@pytest.mark.parametrize(("size", "taps"), [(8, 8), (1000, 30), (3000, 3000), (2**15, 5)])
def test_proven_bound_holds_at_its_worst(size, taps, channels):
    length = fast_length(size + taps - 1)
    limbs = Limbs.proven(_problem("int64", size, taps, channels), (length,), FFT_CONSTANT)
    most = 2.0 ** (limbs.bits - 1)
    norms = most**2 * channels * math.sqrt(size * taps)
    rate = 2.0**-53 * (FFT_CONSTANT * math.log2(length) + limbs.count * channels)
    assert limbs.count * rate * norms < 0.25
    signs = np.random.default_rng(0).choice([-1.0, 1.0], (2, 20, channels, max(size, taps)))
    signs[:, 0], signs[0, 1], signs[1, 1], signs[:, 2, :, ::2] = 1, 1, -1, 1
    worst = 0.0
    for x, w in zip(most * signs[0, :, :, :size], most * signs[1, :, :, :taps], strict=True):
        spectra = np.fft.rfft(x, length) * np.fft.rfft(w, length)
        y = np.fft.irfft(limbs.count * spectra.sum(0), length)[: size + taps - 1]
        worst = max(worst, np.abs(y - y.round()).max())
        exact = sum(np.convolve(a.astype(int), b.astype(int)) for a, b in zip(x, w, strict=True))
        np.testing.assert_array_equal(y.round(), limbs.count * exact)
    assert worst <= limbs.count * rate * norms


@pytest.mark.numpy_backend
def test_widest_proven_limbs_are_taken():
    for dtype in INTEGERS:
        problem = _problem(dtype, 1000, 1000)
        limbs = Limbs.proven(problem, (2000,), FFT_CONSTANT)
        narrower = Limbs.proven(_problem(dtype, 10**6, 10**6), (2 * 10**6,), FFT_CONSTANT)
        assert narrower.bits <= limbs.bits
        assert limbs.count == math.ceil(DTYPES[dtype].bits / limbs.bits)
    assert Limbs.proven(problem, (2000,), 1e12) is None


@pytest.mark.parametrize("method", ["fft", "overlap_add"])
@pytest.mark.parametrize("dtype", INTEGERS)
def test_integers_by_transforms_at_their_extremes(dtype, method):
    info = np.iinfo(dtype)
    draw = np.random.default_rng(2).integers(info.min, info.max, 700, dtype, endpoint=True)
    kernels = [np.full(90, info.min, dtype), np.full(90, info.max, dtype), draw[:90]]
    signals = [
        np.full(700, info.min, dtype),
        draw,
        np.tile(np.array([info.min, info.max], dtype), 350),
    ]
    for x, w in itertools.product(signals, kernels):
        np.testing.assert_array_equal(convcore.convolve(x, w, "full", method), np.convolve(x, w))


@pytest.mark.numpy_backend
def test_unproven_integers_are_refused_by_name_and_avoided_by_auto():
    endless = ((2**42,), "int64")
    with pytest.raises(convcore.MethodError, match=r"'fft'.*'direct'"):
        convcore.plan("convolve", endless, endless, method="fft")
    assert convcore.plan("convolve", endless, endless).method == "direct"


def test_blocks_keep_the_quiet_half_accurate():
    quiet, taps = 2**18, 31
    rng = np.random.default_rng(4)
    x = np.concatenate([1e12 * rng.standard_normal(quiet), rng.standard_normal(quiet)])
    w = rng.standard_normal(taps)
    exact = np.convolve(x[-(quiet // 2) :], w, "valid")
    bound = FFT_CONSTANT * 20 * 2.0**-53 * np.linalg.norm(x[-quiet:]) * np.linalg.norm(w)
    blocks, whole = (
        convcore.convolve(x, w, "valid", method)[-exact.size :] for method in ("overlap_add", "fft")
    )
    assert np.abs(blocks - exact).max() <= bound
    assert np.abs(whole - exact).max() > bound


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_a_forked_child_has_threads_of_its_own():
    # In a process of its own, because forking one that already runs threads warns.
    code = """
import os, numpy as np, convcore
x = np.ones((256, 256))
want = convcore.convolve(x, x, method="fft")
pid = os.fork()
if pid == 0:
    same = np.array_equal(convcore.convolve(x, x, method="fft"), want)
    os._exit(0 if same else 1)
assert os.waitpid(pid, 0)[1] == 0
"""
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True, timeout=60)
