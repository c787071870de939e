import importlib
import importlib.util
import pkgutil

import numpy as np
import pytest
from bad_calls import arguments

import convcore
from convcore import algorithms
from convcore._registry import registry

NAN, INF = np.nan, np.inf
TRANSFORMS = ("fft", "overlap_add")
draw = np.random.default_rng(7).integers


def drawn(*shape):
    return draw(-4, 5, shape).astype("float64")


FOLDED = {"stride": 2, "padding": 1, "boundary": "edge"}
# One signal, many; strides, phases, groups, boundaries; long enough that no engine is left out.
CALLS = {
    "full": ("convolve", {"x1": drawn(12), "x2": drawn(4)}),
    "same": ("correlate", {"x1": drawn(12), "x2": drawn(4), "mode": "same"}),
    "longer kernel": ("convolve", {"x1": drawn(3), "x2": drawn(9)}),
    "images": ("convolve", {"x1": drawn(2, 6, 5), "x2": drawn(1, 2, 3), "axes": (1, 2)}),
    "wrap": ("convolve", {"x1": drawn(7), "x2": drawn(4), "boundary": "wrap"}),
    "reflect": ("correlate", {"x1": drawn(5), "x2": drawn(9), "boundary": "reflect"}),
    "fill": ("convolve", {"x1": drawn(7), "x2": drawn(3), "fill_value": 2}),
    "conv": ("conv", {"x": drawn(2, 4, 9), "w": drawn(6, 2, 3), "groups": 2, "padding": 1}),
    "strided": ("conv", {"x": drawn(1, 2, 9), "w": drawn(3, 2, 3), "stride": 2, "dilation": 2}),
    "dense": ("conv", {"x": drawn(3, 4), "w": drawn(5, 4)}),
    "transpose": ("conv_transpose", {"x": drawn(1, 2, 5), "w": drawn(2, 3, 4), "stride": 3}),
    "grad": (
        "conv_input_grad",
        {"input_shape": (1, 2, 8), "w": drawn(3, 2, 3), "grad": drawn(1, 3, 4), **FOLDED},
    ),
}  # fmt: skip
SWEPT = {
    name: next(key for key in changes if key in ("x1", "x", "grad"))
    for name, (_, changes) in CALLS.items()
}


def runs(op, changes):
    """Every direct engine of NumPy lowered for a call, by name."""
    args, keywords = arguments(op, **changes)
    problem = convcore.plan(op, *args, **keywords).problem
    numpy = registry.get("numpy")
    found = [c for c in numpy.methods(problem, None) if c.method == "direct"]
    data, kernel = (args[-1], args[-2]) if op == "conv_input_grad" else args[:2]
    return data, kernel, {c.name: numpy.lower(problem, c.name, None) for c in found}


def touched(op, changes, name, at):
    """Which outputs have the sample at this index in their window: by counting with ones."""
    ones = {
        k: np.ones(v.shape, int) if isinstance(v, np.ndarray) else v for k, v in changes.items()
    }
    ones.pop("fill_value", None)
    ones[name] = np.zeros(changes[name].shape, int)
    ones[name][at] = 1
    args, keywords = arguments(op, **ones)
    return getattr(convcore, op)(*args, **keywords) > 0


@pytest.mark.numpy_backend
def test_every_direct_engine_is_tried():
    names = {name for call in CALLS.values() for name in runs(*call)[2]}
    assert names >= {"taps", "matmul", "dots", "table"}


@pytest.mark.numpy_backend
@pytest.mark.parametrize("case", CALLS)
def test_nan_stays_in_the_windows_that_touch_it(case):
    op, changes = CALLS[case]
    data, kernel, engines = runs(op, changes)
    for name, run in engines.items():
        clean = run(data, kernel, None)
        for at in np.ndindex(data.shape):
            dirty = data.copy()
            dirty[at] = NAN
            y = run(dirty, kernel, None)
            spread = touched(op, changes, SWEPT[case], at)
            np.testing.assert_array_equal(np.isnan(y), spread, err_msg=f"{name} at {at}")
            np.testing.assert_allclose(y[~spread], clean[~spread], atol=1e-12)


@pytest.mark.numpy_backend
@pytest.mark.parametrize("case", CALLS)
@pytest.mark.parametrize("value", [INF, -INF])
def test_infinity_does_what_ieee_754_says(case, value):
    op, changes = CALLS[case]
    data, kernel, engines = runs(op, changes)
    big = 2.0**40
    for name, run in engines.items():
        for at in list(np.ndindex(data.shape))[::3]:
            dirty, large, none = data.copy(), data.copy(), data.copy()
            dirty[at], large[at], none[at] = value, np.copysign(big, value), 0
            # What the sample adds, by its weight: NaN where a zero tap meets it.
            with np.errstate(invalid="ignore"):
                y = run(dirty, kernel, None)
            weight = run(large, kernel, None) - run(none, kernel, None)
            spread = touched(op, changes, SWEPT[case], at)
            alone = spread & (weight != 0)
            assert np.isfinite(y[~spread]).all(), name
            assert (np.isinf(y[alone]) | np.isnan(y[alone])).all(), name
            if case not in ("wrap", "reflect", "grad"):  # where a sample may be met twice
                np.testing.assert_array_equal(y[alone], np.copysign(INF, weight[alone]))
                assert np.isnan(y[spread & (weight == 0)]).all(), name


@pytest.mark.numpy_backend
def test_infinities_of_both_signs_meet():
    x = np.array([INF, 1.0, -INF, 2.0])
    for name, run in runs("convolve", {"x1": x, "x2": np.array([1.0, 1.0, 1.0])})[2].items():
        with np.errstate(invalid="ignore"):
            y = run(x, np.array([1.0, 1.0, 1.0]), None)
        np.testing.assert_array_equal(y, [INF, INF, NAN, -INF, -INF, 2.0], err_msg=name)


@pytest.fixture
def small_tiles(monkeypatch):
    """All limits on tiles, blocks and what is held, cut down to a few samples."""
    cut = []
    packages = [algorithms]
    if importlib.util.find_spec("convcore_numpy"):
        packages.append(importlib.import_module("convcore_numpy"))
    for package in packages:
        for info in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            module = importlib.import_module(info.name)
            for name in vars(module):
                if name.startswith("_") and name.endswith("_BYTES"):
                    monkeypatch.setattr(module, name, 64)
                    cut.append(name)
    return cut


def _all_methods(op, changes):
    data, kernel, _ = runs(op, changes)
    args, keywords = arguments(op, **changes)
    problem = convcore.plan(op, *args, **keywords).problem
    numpy = registry.get("numpy")
    return {
        c.name: numpy.lower(problem, c.name, None)(data, kernel, None)
        for c in numpy.methods(problem, None)
    }


@pytest.mark.numpy_backend
@pytest.mark.parametrize("case", CALLS)
def test_tiles_make_the_same_result(case, request):
    op, changes = CALLS[case]
    large = {k: np.tile(v, 3) if k in ("x1", "x2") else v for k, v in changes.items()}
    whole = _all_methods(op, large)
    assert len(request.getfixturevalue("small_tiles")) >= 4
    tiled = _all_methods(op, large)
    assert tiled.keys() == whole.keys()
    for name, y in tiled.items():
        # Integer-valued operands: sums are exact in any order, transforms to a rounding.
        np.testing.assert_allclose(y, whole[name], rtol=0, atol=1e-9 * (name in TRANSFORMS))


@pytest.mark.parametrize("images", [5, 1])
@pytest.mark.parametrize("shares", [1, 2])
def test_tiles_cover_every_output_once(images, shares):
    x, w = np.ones((images, 2, 9, 7)), np.ones((4, 2, 3, 2))
    problem = convcore.plan("conv", x, w, padding=1).problem
    canonical = algorithms._frame.canonical(problem, problem.axes)
    for most in (1, 8, 16, 17, 100, 1e9):
        count = np.zeros(canonical.y_shape, int)
        for tile in algorithms.cut(canonical, most, shares):
            count[tile.makes] += 1
            assert count[tile.makes].shape == tile.problem.y_shape
            rows = tile.problem.axes[0].unfolded * tile.problem.axes[1].unfolded
            assert rows * tile.problem.size("n") <= max(most, 8)
        assert (count == 1).all()


@pytest.mark.parametrize(
    ("count", "most", "shares", "each"),
    [(8, 3, 1, 3), (8, 3, 2, 2), (9, 100, 2, 5), (1, 1, 2, 1), (7, 1, 3, 1), (0, 4, 2, 1)],
)
def test_parts_are_as_many_for_every_share(count, most, shares, each):
    assert algorithms.evenly(count, most, shares) == each


def test_one_image_is_cut_for_every_share():
    x, w = np.ones((1, 1, 9, 7)), np.ones((1, 1, 3, 3))
    problem = convcore.plan("conv", x, w, padding=1).problem
    canonical = algorithms._frame.canonical(problem, problem.axes)
    rows = [tile.makes[-1] for tile in algorithms.cut(canonical, 1e9, shares=2)]
    assert rows == [slice(0, 5), slice(5, 9)]


@pytest.mark.numpy_backend
@pytest.mark.parametrize("backend", ["numpy", "array_api"])
def test_an_infinite_kernel_leaves_alone_what_no_tap_reaches(backend):
    w = np.array([[[INF]]])
    y = convcore.conv_transpose(np.ones((1, 1, 3)), w, stride=2, method="direct", backend=backend)
    assert y.tolist() == [[[INF, 0, INF, 0, INF]]]
