import numpy as np
import pytest
from bad_calls import GRAD, VALID, W, X, arguments, invoke

import convcore

METHODS = ("auto", "direct", "fft", "overlap_add")
ONE = np.ones((2, 1, 1))
ONE_TAP = {
    "convolve": {"x1": np.arange(4.0), "x2": np.ones(1)},
    "correlate": {"x1": np.arange(4.0), "x2": np.ones(1)},
    "conv": {"x": X, "w": ONE, "groups": 2},
    "conv_transpose": {"x": X, "w": ONE, "groups": 2},
    "conv_input_grad": {"input_shape": X.shape, "w": ONE, "grad": X, "groups": 2},
    "conv_weight_grad": {
        "x": X[:, :, :1],
        "weight_shape": (2, 1, 1),
        "grad": np.ones((1, 2, 1)),
        "groups": 2,
    },
}
LAYOUTS = {
    "negative strides": lambda a: np.flip(np.flip(a).copy()),
    "big-endian": lambda a: a.astype(a.dtype.newbyteorder(">")),
    "Fortran order": np.asfortranarray,
    "every other": lambda a: np.repeat(a, 2, axis=-1)[..., ::2],
    "misaligned": lambda a: _misaligned(a),
    "read-only": lambda a: _frozen(a),
    "broadcast": lambda a: np.broadcast_to(a, (2, *a.shape))[1],
}  # fmt: skip


def _misaligned(a):
    a = np.frombuffer(b"x" + a.tobytes(), np.uint8)[1:].view(a.dtype).reshape(a.shape)
    assert not a.flags.aligned
    return a


def _frozen(a):
    a = a.copy()
    a.flags.writeable = False
    return a


def _data(op, seed=0):
    """The valid call of an operation, its arrays filled with small random integers."""
    draw = np.random.default_rng(seed).integers
    return {
        name: draw(-4, 5, a.shape).astype(a.dtype) if isinstance(a, np.ndarray) else a
        for name, a in VALID[op].items()
    }


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", ["float32", "complex128", "int32"])
@pytest.mark.parametrize("op", VALID)
def test_memory_layout_does_not_matter(op, dtype, layout):
    plain = {k: a.astype(dtype) if isinstance(a, np.ndarray) else a for k, a in _data(op).items()}
    odd = {k: LAYOUTS[layout](a) if isinstance(a, np.ndarray) else a for k, a in plain.items()}
    for method in METHODS:
        wanted = invoke(op, **plain, method=method)
        got = invoke(op, **odd, method=method)
        assert got.dtype == wanted.dtype
        assert got.dtype.isnative
        np.testing.assert_array_equal(got.round(3), wanted.round(3))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("changes", [{}, *({"padding": p} for p in (1, -1, "same"))], ids=str)
@pytest.mark.parametrize("op", ["conv", "conv_transpose"])
def test_operands_are_unchanged_and_not_shared(op, changes, method):
    operands = {**_data(op), "bias": np.arange(4.0) if op == "conv" else np.arange(2.0)}
    _check_untouched(op, operands, {**changes, "method": method})


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("mode", ["full", "same", "valid"])
@pytest.mark.parametrize("op", ["convolve", "correlate"])
def test_signal_operands_are_unchanged_and_not_shared(op, mode, method):
    for boundary in ("constant", "edge", "wrap"):
        options = {"mode": mode, "method": method, "boundary": boundary}
        _check_untouched(op, _data(op), options)
        _check_untouched(op, ONE_TAP[op], options)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("op", VALID)
def test_one_tap_does_not_return_the_operand(op, method):
    _check_untouched(op, ONE_TAP[op], {"method": method})


@pytest.mark.parametrize("n", [1, 4, 40, 4000])
@pytest.mark.parametrize("axes", [None, ()])
def test_product_with_one_is_a_copy(n, axes):
    for dtype in ("float64", "int8", "complex64", "float16"):
        x = np.ones(n, dtype)
        _check_untouched("convolve", {"x1": x, "x2": np.ones(1, dtype)}, {"axes": axes})
        _check_untouched("convolve", {"x1": np.ones(1, dtype), "x2": x}, {"axes": axes})


def test_result_is_writable_and_owns_its_samples():
    x = np.arange(4.0)
    y = convcore.convolve(x, [1.0])
    y += 1
    np.testing.assert_array_equal(x, np.arange(4.0))
    np.testing.assert_array_equal(convcore.convolve(x, [1.0]), x)


def test_results_of_two_calls_are_apart():
    for op in VALID:
        assert not np.shares_memory(invoke(op), invoke(op))


def test_dense_layer_and_empty_kernels_do_not_alias():
    _check_untouched("conv", {"x": np.ones((3, 1)), "w": np.ones((1, 1))}, {})
    _check_untouched(
        "conv", {"x": np.ones((3, 0, 4)), "w": np.ones((2, 0, 1)), "bias": np.arange(2.0)}, {}
    )
    _check_untouched("conv_transpose", {"x": GRAD, "w": W, "bias": np.zeros(2)}, {"stride": 5})


def _check_untouched(op, operands, options):
    args, keywords = arguments(op, **{**operands, **options})
    arrays = [a for a in (*args, *keywords.values()) if isinstance(a, np.ndarray)]
    before = [a.copy() for a in arrays]
    for _ in range(2):
        y = getattr(convcore, op)(*args, **keywords)
        assert not any(np.shares_memory(y, a) for a in arrays)
        y[...] = 99
    for a, old in zip(arrays, before, strict=True):
        np.testing.assert_array_equal(a, old)
