"""NumPy's own engines one by one, whatever the planner would choose."""

import tracemalloc

import numpy as np
import pytest
from numpy_engines import by_definition, names, ran, whole

import convcore
from convcore._registry import registry
from convcore_numpy._columns import Columns

pytestmark = pytest.mark.numpy_backend


# Strides that leave residues without a tap, dilations that share none, groups, kernels as long as
# the data, padding on one side, of more than the kernel and negative.
CONVS = {
    "plain": ((2, 4, 9, 8), (6, 4, 3, 2), {}),
    "padded": ((2, 4, 9, 8), (6, 4, 3, 2), {"padding": [(2, 0), (0, 5)]}),
    "cropped": ((2, 4, 9, 8), (6, 4, 3, 2), {"padding": [(-2, 1), (0, -3)]}),
    "strided": ((1, 2, 11, 10), (3, 2, 3, 3), {"stride": (2, 3), "padding": 1}),
    "stride beyond the kernel": ((1, 2, 11, 10), (3, 2, 2, 1), {"stride": (4, 3)}),
    "dilated": ((1, 2, 11, 10), (3, 2, 3, 3), {"dilation": (2, 3), "padding": 2}),
    "strided and dilated": ((1, 2, 13, 12), (3, 2, 3, 2), {"stride": (2, 3), "dilation": (3, 2)}),
    "groups": ((2, 6, 7), (9, 2, 3), {"groups": 3, "padding": 1}),
    "depthwise": ((2, 5, 7, 6), (5, 1, 3, 3), {"groups": 5, "padding": 1}),
    "depthwise, two of each": ((1, 3, 7, 6), (6, 1, 3, 3), {"groups": 3, "stride": 2}),
    "one tap": ((3, 4, 5, 5), (6, 4, 1, 1), {}),
    "one tap, strided": ((3, 4, 5, 5), (6, 4, 1, 1), {"stride": 2}),
    "one tap, padded": ((1, 4, 5), (6, 4, 1), {"padding": 1}),
    "as long as the data": ((1, 2, 5, 4), (3, 2, 5, 4), {}),
    "three axes": ((1, 2, 5, 4, 6), (3, 2, 2, 2, 3), {"padding": 1, "stride": (1, 2, 1)}),
    "no axes": ((3, 4), (5, 4), {}),
    "nearly as long": ((3, 2, 9, 8), (4, 2, 7, 7), {"padding": [(1, 0), (0, 2)]}),
    "nearly as long, dilated": ((3, 2, 9, 8), (4, 2, 3, 4), {"dilation": (4, 2), "padding": 1}),
    "nearly as long, strided": ((3, 2, 9, 8), (4, 2, 6, 5), {"stride": (2, 3), "padding": 1}),
    "depthwise, strided": ((3, 2, 11, 24), (4, 1, 3, 5), {"groups": 2, "stride": (2, 3)}),
    "depthwise, dilated": ((2, 2, 9, 40), (2, 1, 2, 4), {"groups": 2, "dilation": (3, 5)}),
    "depthwise, both": (
        (2, 2, 9, 40),
        (2, 1, 2, 6),
        {"groups": 2, "stride": (2, 4), "dilation": (2, 6), "padding": [(1, 0), (7, 2)]},
    ),
    "depthwise, both, few": (
        (2, 2, 9, 40),
        (2, 1, 2, 3),
        {"groups": 2, "stride": (3, 2), "dilation": (2, 3), "padding": [(1, 0), (7, -2)]},
    ),
    "volumes of several channels": ((2, 4, 5, 6, 7), (6, 2, 3, 2, 3), {"groups": 2, "padding": 1}),
    "volumes": ((2, 2, 5, 6, 9), (4, 1, 2, 3, 3), {"groups": 2, "padding": 1}),
    "volumes, strided": (
        (2, 2, 7, 6, 19),
        (2, 1, 3, 2, 3),
        {"groups": 2, "padding": 1, "stride": (2, 1, 2)},
    ),
    "rows": ((2, 3, 4, 300), (3, 1, 1, 9), {"groups": 3, "padding": (0, 4)}),
}


@pytest.mark.parametrize("case", CONVS)
@pytest.mark.parametrize("engine", ["taps", "matmul", "rows", "toeplitz", "bands", "windows"])
@pytest.mark.parametrize("dtype", ["float32", "float64", "complex64", "int16"])
def test_an_engine_makes_the_sums_of_the_definition(case, engine, dtype):
    x_shape, w_shape, options = CONVS[case]
    x, w = whole(dtype, *x_shape), whole(dtype, *w_shape)
    if engine not in names("conv", x, w, options):
        pytest.skip("it does not serve this")
    got = ran(engine, "conv", x, w, **options)
    assert got.dtype == dtype
    assert got.tolist() == by_definition(x, w, **options).tolist()


def test_no_engine_is_skipped_throughout():
    """Each serves some of these, or the test above would be of nothing."""
    served = set()
    for x_shape, w_shape, options in CONVS.values():
        served |= names("conv", np.ones(x_shape), np.ones(w_shape), options)
    assert served >= {"taps", "matmul", "rows", "toeplitz", "bands", "windows"}


@pytest.mark.parametrize(
    ("x", "w"),
    [((1, 0, 1), (0, 0, 1)), ((0, 1, 9, 9), (1, 1, 3, 3)), ((2, 0, 9, 9), (3, 0, 3, 3))],
)
def test_engines_for_nothing_cost_something(x, w):
    problem = convcore.plan("conv", np.ones(x), np.ones(w)).problem
    found = registry.get("numpy").methods(problem, None)
    assert all(0 < candidate.seconds < 1 for candidate in found)


@pytest.mark.parametrize("case", CONVS)
def test_columns_may_leave_out_what_lies_between_rows(case, monkeypatch):
    """As they do for some hundred channels and more."""
    monkeypatch.setattr("convcore_numpy._columns._WORTH_LEAVING", 1)
    x_shape, w_shape, options = CONVS[case]
    x, w = whole("float64", *x_shape), whole("float64", *w_shape)
    assert (
        ran("matmul", "conv", x, w, **options).tolist() == by_definition(x, w, **options).tolist()
    )


TRANSPOSED = {
    "a phase for each tap": ((1, 3, 4, 5), (3, 2, 2, 2), {"stride": 2}),
    "phases of two taps": ((2, 3, 4, 5), (3, 2, 4, 4), {"stride": 2, "padding": 1}),
    "phases without taps": ((1, 3, 6), (3, 2, 2), {"stride": 5, "output_padding": 2}),
    "only phases without taps": (
        (2, 1, 1),
        (1, 3, 1),
        {"stride": 4, "padding": 1, "output_padding": 3},
    ),
    "unlike phases": ((1, 3, 6), (3, 2, 4), {"stride": 3, "dilation": 2}),
    "unlike phases of rows": ((1, 3, 6, 5), (3, 2, 4, 3), {"stride": 3, "dilation": 2}),
    "groups": ((1, 4, 6), (4, 2, 3), {"stride": 2, "groups": 2}),
    "depthwise": ((1, 4, 6, 5), (4, 1, 3, 3), {"stride": 2, "groups": 4}),
}


@pytest.mark.parametrize("case", TRANSPOSED)
@pytest.mark.parametrize("engine", ["taps", "matmul", "rows"])
def test_expanded_data_are_run_phase_by_phase(case, engine):
    x_shape, w_shape, options = TRANSPOSED[case]
    x, w = whole("float64", *x_shape), whole("float64", *w_shape)
    if engine not in names("conv_transpose", x, w, options):
        pytest.skip("it does not serve this")
    got = ran(engine, "conv_transpose", x, w, **options)
    assert got.tolist() == scattered(x, w, **options).tolist()


def scattered(x, w, stride=1, padding=0, output_padding=0, dilation=1, groups=1):
    rank, inner = x.ndim - 2, x.shape[1] // groups
    ends = [
        (s - 1) * stride + (k - 1) * dilation + 1
        for s, k in zip(x.shape[2:], w.shape[2:], strict=True)
    ]
    full = np.zeros((len(x), w.shape[1] * groups, *(e + output_padding for e in ends)))
    for c in range(x.shape[1]):
        group = slice(c // inner * w.shape[1], (c // inner + 1) * w.shape[1])
        for k in np.ndindex(w.shape[2:]):
            met = tuple(
                slice(t * dilation, t * dilation + (s - 1) * stride + 1, stride)
                for t, s in zip(k, x.shape[2:], strict=True)
            )
            part = w[(c, slice(None), *k)].reshape(1, -1, *[1] * rank)
            full[(slice(None), group, *met)] += x[:, c : c + 1] * part
    inside = [slice(padding, e + output_padding - padding) for e in ends]
    return full[(..., *inside)]


@pytest.mark.parametrize("engine", ["matmul", "toeplitz"])
@pytest.mark.parametrize("dtype", ["int8", "uint8", "int32", "uint32", "int64", "uint64"])
@pytest.mark.parametrize("taps", [4, 60])
def test_integers_of_any_size_are_exact(engine, dtype, taps):
    """Of every number of bits, so that all numbers of limbs and all carries occur."""
    info = np.iinfo(dtype)
    for bits in range(1, info.bits + 1):
        edge = [
            v for v in (2**bits - 1, 2**bits, 1 - 2**bits, -(2**bits)) if info.min <= v <= info.max
        ]
        x = np.array((edge or [info.max]) * 50, dtype)[:120]
        w = np.array([info.max, info.min, *(edge or [1]), 3] * taps, dtype)[:taps]
        got = ran(engine, "convolve", x, w)
        wanted = np.convolve(x.astype(object), w.astype(object)) % 2**info.bits
        assert (got.astype(object) % 2**info.bits).tolist() == wanted.tolist()


def test_a_kernel_turned_round_is_one_that_blas_reads():
    problem = convcore.plan("convolve", np.ones((9, 8)), np.ones((3, 2))).problem
    turned = np.arange(6.0).reshape(1, 1, 1, 3, 2)[..., ::-1, ::-1]
    prepared = Columns(problem).prepare(turned)
    np.testing.assert_array_equal(prepared, [[[5, 4, 3, 2, 1, 0]]])
    assert prepared.flags.c_contiguous


def test_a_view_of_any_strides_is_read_as_it_is():
    x, w = whole("float64", 40, 30), whole("float64", 5)
    for view in (x[::-1, ::-1], x.T, x[3:, ::2], x[:, ::-3], np.broadcast_to(x[0], (7, 30))):
        wanted = [np.convolve(row, w).tolist() for row in view]
        for engine in ("taps", "matmul", "toeplitz"):
            assert ran(engine, "convolve", view, w[None], axes=1).tolist() == wanted, engine


@pytest.mark.parametrize("engine", ["fft", "overlap_add"])
@pytest.mark.parametrize("dtype", ["float32", "float64", "complex64", "complex128", "int32"])
@pytest.mark.parametrize(
    "shapes", [((3000,), (40,)), ((90, 80), (7, 5)), ((20, 19, 18), (3, 2, 4))]
)
def test_the_transforms_of_numpy_serve_where_scipy_is_missing(monkeypatch, engine, dtype, shapes):
    x, h = (whole(dtype, *shape) for shape in shapes)
    theirs = ran(engine, "convolve", x, h)
    monkeypatch.setattr("convcore_numpy._threads.find_spec", lambda name: None)
    ours = ran(engine, "convolve", x, h)
    assert ours.dtype == theirs.dtype
    # Whole numbers, and of so few digits that both round to the same.
    assert np.array_equal(np.round(ours), np.round(theirs))
    assert np.array_equal(np.round(ours), ran("taps", "convolve", x, h))


SIGNALS = {
    "one block": (50, 9, {}),
    "many blocks": (9000, 300, {}),
    "a part of a block at the end": (20_000, 40, {"mode": "same"}),
    "valid": (9000, 700, {"mode": "valid"}),
    "a kernel as long as the data": (3000, 3000, {"mode": "same"}),
    "a boundary": (5000, 20, {"mode": "same", "boundary": "wrap"}),
}


@pytest.mark.parametrize("case", SIGNALS)
@pytest.mark.parametrize("dtype", ["float32", "float64", "complex64", "complex128"])
@pytest.mark.parametrize("op", ["convolve", "correlate"])
def test_blocks_of_a_signal_are_joined_without_a_seam(case, dtype, op):
    """Of whole numbers, so small that what a transform makes of them rounds to them."""
    n, m, options = SIGNALS[case]
    x, h = whole(dtype, n, most=3), whole(dtype, m, most=3)
    got = ran("overlap_add", op, x, h, **options)
    assert np.array_equal(np.round(got), ran("matmul", op, x, h, **options))


STRIDED = {
    "stride": {"stride": 3},
    "dilation": {"dilation": 4, "padding": 7},
    "both, cropped": {"stride": 2, "dilation": 3, "padding": [(-5, 9)]},
    "groups": {"groups": 2, "padding": "same"},
}


@pytest.mark.parametrize("case", STRIDED)
def test_blocks_of_strided_signals(case):
    groups = STRIDED[case].get("groups", 1)
    x, w = whole("float64", 3, groups, 5000, most=3), whole("float64", 2 * groups, 1, 90, most=3)
    got = ran("overlap_add", "conv", x, w, **STRIDED[case])
    assert np.array_equal(np.round(got), ran("matmul", "conv", x, w, **STRIDED[case]))


def test_a_nan_in_a_gradient_takes_no_more_memory():
    """Unfolded whole, the windows of these 13 KiB of data would be 3 MiB."""
    x, grad, w_shape = whole("float32", 1, 2, 40, 40), whole("float32", 1, 1, 32, 32), (1, 2, 9, 9)
    ran("windows", "conv_weight_grad", x, w_shape, grad)  # what is imported late needs more
    x[0, 1, 39, 39] = np.nan
    tracemalloc.start()
    got = ran("windows", "conv_weight_grad", x, w_shape, grad)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2**20
    assert np.argwhere(np.isnan(got)).tolist() == [[0, 1, 8, 8]]


WHOLE = {
    "integers of several limbs": ("int32", (1, 1, 500_000), (1, 1, 499_998)),
    "zeros between the rows": ("float32", (1, 24, 1000, 16), (24, 24, 1000, 1)),
    "many images": ("float64", (9, 2, 400, 300), (1, 2, 399, 299)),
}


@pytest.mark.parametrize("case", WHOLE)
def test_windows_need_no_more_memory_than_they_say(case):
    dtype, *shapes = WHOLE[case]
    x, w = (whole(dtype, *shape, most=2**30 if dtype == "int32" else 9) for shape in shapes)
    plan = convcore.plan("conv", x, w)
    stated = next(c for c in (plan.chosen, *plan.rejected) if c.name == "windows").workspace
    tracemalloc.start()
    ran("windows", "conv", x, w)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < stated + 2**20
    assert stated < 3 * peak


LARGE = {
    "blocks of an image": ("conv", (1, 1, 130, 200), (1, 1, 3, 4), {"padding": 1}),
    "parts in threads": ("conv", (2, 1, 600, 500), (1, 1, 4, 3), {"padding": (2, 1)}),
    "groups in threads": ("conv", (2, 30, 90, 100), (30, 1, 3, 3), {"groups": 30, "padding": 1}),
    "strided": ("conv", (1, 1, 400, 500), (1, 1, 4, 5), {"stride": (1, 2)}),
    "a signal": ("conv", (1, 1, 70000), (1, 1, 6), {"dilation": 3}),
    "one column": ("conv", (1, 1, 9000, 1), (1, 1, 5, 1), {}),
    "phases": ("conv_transpose", (1, 1, 150, 200), (1, 1, 5, 4), {"stride": 2}),
}


@pytest.mark.parametrize("case", LARGE)
@pytest.mark.parametrize("dtype", ["float32", "complex64", "int64"])
def test_taps_of_large_data_are_those_of_columns(case, dtype):
    """In blocks, parts and threads, which the small cases above never have."""
    op, x_shape, w_shape, options = LARGE[case]
    x, w = whole(dtype, *x_shape), whole(dtype, *w_shape)
    if dtype == "complex64":
        x, w = x + 1j * whole(dtype, *x_shape), w + 1j * whole(dtype, *w_shape)
    buffer = np.getbufsize()
    by_taps, by_columns = (ran(engine, op, x, w, **options) for engine in ("taps", "matmul"))
    assert np.getbufsize() == buffer
    np.testing.assert_array_equal(by_taps, by_columns, strict=True)


@pytest.mark.parametrize(
    "engine", ["taps", "toeplitz", "bands", "rows", "matmul", "windows", "overlap_add"]
)
@pytest.mark.parametrize("op", ["conv", "conv_transpose"])
def test_every_engine_adds_a_bias_once(engine, op):
    """To outputs that no tap meets, too."""
    options = {"padding": 2} if op == "conv" else {"stride": 3}
    outputs = 2 if engine == "rows" else 1
    channels = (outputs, 1) if op == "conv" else (1, outputs)
    x, w = whole("float64", 2, 1, 40, 50), whole("float64", *channels, 2, 2)
    bias = whole("float64", outputs)
    problem = convcore.plan(op, x, w, bias, **options).problem
    if engine not in names(op, x, w, options):
        pytest.skip("it does not serve this")
    run = registry.get("numpy").lower(problem, engine, None)
    added = run(x, w, None) + bias[:, None, None]
    np.testing.assert_allclose(run(x, w, bias), added, rtol=0, atol=1e-10, strict=True)


@pytest.mark.parametrize("engine", ["taps", "toeplitz", "bands", "rows", "windows", "matmul"])
def test_overflow_makes_infinities(engine):
    """In silence where that is asked for; else neither a BLAS nor einsum need tell."""
    x, w = np.full((1, 1, 9, 9), 3e38, "float32"), np.full((1, 1, 9, 9), 3, "float32")
    with np.errstate(over="ignore"):
        assert np.isinf(ran(engine, "conv", x, w, padding=4)).all()


def test_overflow_is_the_same_in_every_thread():
    from convcore_numpy._threads import shared  # which a session without it has not

    def run(part):
        np.full(2, 3e38, "float32") * np.float32(part)

    with np.errstate(over="raise"), pytest.raises(FloatingPointError):
        shared(run, [1, 3], 2)
    with np.errstate(over="ignore"):
        shared(run, [1, 3], 2)


@pytest.mark.parametrize("mode", ["full", "same", "valid"])
@pytest.mark.parametrize("taps", [15, 16, 31, 32, 48, 301])
def test_dots_of_single_precision_are_the_same_in_double(taps, mode):
    x, w = whole("float32", 300), whole("float32", taps)
    got = ran("dots", "convolve", x, w, mode=mode)
    wanted = ran("dots", "convolve", x.astype("int64"), w.astype("int64"), mode=mode)
    assert got.dtype == "float32"
    assert got.tolist() == wanted.tolist()
