import itertools

import numpy as np
import pytest

import convcore
from convcore import _layout, _padding

SAMPLES = np.random.default_rng(0).integers(-5, 6, 10_000)


def drawn(*shape):
    return SAMPLES[: np.prod(shape, dtype=int)].reshape(shape)


def test_layout_in_letters():
    layout = _layout.parse_layout("NHWC,HWIO->NWCH", 2, batched=True)
    assert (layout.x, layout.w, layout.y, layout.spatial) == ("NHWC", "HWIO", "NWCH", "HW")
    x, w, y = layout.roles()
    assert x == (("n0",), ("s0",), ("s1",), ("g0", "c0"))
    assert w == (("s0",), ("s1",), ("c0",), ("g0", "o0"))
    assert y == (("n0",), ("s1",), ("g0", "o0"), ("s0",))
    assert layout.transposed() == _layout.NeuralLayout("NWCH", "HWIO", "NHWC", "HW")


def test_layout_without_a_batch():
    for text in ("channels_last", "NHC,HIO->NHC", "HC,HIO->HC"):
        layout = _layout.parse_layout(text, 1, batched=False)
        assert [len(part) for part in (layout.x, layout.w, layout.y)] == [2, 3, 2]
        assert layout.x.index("C") == 1


def _permutation(source, target):
    return tuple(map(source.index, target))


@pytest.mark.parametrize("parts", list(itertools.permutations(["NCHW", "WNHC", "CWHN"])))
def test_result_in_any_layout_is_that_of_channels_first(parts):
    x, w = drawn(2, 4, 6, 5), drawn(6, 2, 3, 2)
    in_x, w_part, in_y = parts
    in_w = w_part.replace("N", "O").replace("C", "I")
    layout = f"{in_x},{in_w}->{in_y}"
    wanted = convcore.conv(x, w, np.arange(6), stride=(2, 1), groups=2, padding=((1, 0), 2))
    px, pw, py = (_permutation(*p) for p in (("NCHW", in_x), ("OIHW", in_w), ("NCHW", in_y)))
    # Per-axis options follow the order of the spatial letters in x.
    swapped = in_x.index("W") < in_x.index("H")
    stride, padding = ((1, 2), (2, (1, 0))) if swapped else ((2, 1), ((1, 0), 2))
    options = {"stride": stride, "padding": padding, "groups": 2, "layout": layout}
    x, w = x.transpose(px), w.transpose(pw)
    got = convcore.conv(x, w, np.arange(6), **options)
    np.testing.assert_array_equal(got, wanted.transpose(py))
    grad = convcore.conv(x, w, **options)
    back = convcore.conv_input_grad(x.shape, w, grad, **options)
    assert np.sum(back * x) == np.sum(grad * grad)
    assert np.sum(convcore.conv_weight_grad(x, w.shape, grad, **options) * w) == np.sum(grad * grad)


def test_same_puts_the_odd_sample_at_the_end_and_same_lower_at_the_start():
    for size, taps, dilation, stride in itertools.product(
        range(1, 8), range(1, 6), (1, 2), (1, 2, 3)
    ):
        reach = (taps - 1) * dilation
        outputs = len(range(0, size, stride))
        total = max((outputs - 1) * stride + reach + 1 - size, 0)
        lo, hi = _padding.resolve("same", 0, size, reach, stride)
        assert (lo, hi) == (total // 2, total - total // 2)
        assert _padding.resolve("same_lower", 0, size, reach, stride) == (hi, lo)
        assert (size + lo + hi - reach - 1) // stride + 1 == outputs


@pytest.mark.parametrize(
    ("padding", "pairs"),
    [
        (2, ((2, 2), (2, 2))),
        ((1, 2), ((1, 1), (2, 2))),
        ([(0, 1), 3], ((0, 1), (3, 3))),
        (((-1, 4), (0, -2)), ((-1, 4), (0, -2))),
    ],
)
def test_padding_in_numbers(padding, pairs):
    assert _padding.parse_padding(padding, 2) == pairs


def test_padding_by_name():
    assert _padding.resolve("valid", 0, 9, 4, 2) == (0, 0)
    assert _padding.resolve("full", 0, 9, 4, 2) == (4, 4)


@pytest.mark.parametrize(
    ("n1", "n2", "mode", "wanted"),
    [
        (5, 4, "full", range(-3, 5)),
        (4, 5, "full", range(-4, 4)),
        (1, 1, "full", range(1)),
        (5, 4, "same", range(-2, 3)),
        (5, 3, "same", range(-1, 4)),
        (4, 5, "same", range(-2, 2)),
        (1, 4, "same", range(-2, -1)),
        (5, 4, "valid", range(2)),
        (4, 5, "valid", range(-1, 1)),
        (3, 3, "valid", range(1)),
    ],
)
def test_lags(n1, n2, mode, wanted):
    lags = convcore.lags(n1, n2, mode)
    assert lags == wanted
    assert type(lags) is range
    assert len(convcore.correlate(np.ones(n1), np.ones(n2), mode)) == len(lags)
    y = convcore.correlate(np.eye(n1)[n1 - 1], np.eye(n2)[n2 - 1], mode)
    assert [lag for lag, value in zip(lags, y, strict=True) if value] == [n1 - n2] * (
        n1 - n2 in lags
    )
