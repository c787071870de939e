import re

import array_api_strict as strict
import numpy as np
import pytest
from bad_calls import VALID, Bad, W, X, arguments, invoke
from bad_operands import OPERANDS
from bad_options import OPTIONS
from bad_shapes import SHAPES
from bad_uses import USES, BadUse

import convcore
from convcore import ArrayTypeError, DeviceError, DTypeError, OptionError, ShapeError
from convcore.plugins import clear_caches

ROWS = OPERANDS + OPTIONS + SHAPES
bad_calls = pytest.mark.parametrize("bad", ROWS, ids=repr)


@pytest.fixture(autouse=True)
def cold():
    clear_caches()


def refusal(bad: Bad) -> str:
    with pytest.raises(bad.error, match=re.escape(bad.says[0])) as caught:
        bad()
    assert type(caught.value) is bad.error
    return str(caught.value)


@pytest.mark.numpy_backend
@bad_calls
def test_message_names_argument_and_remedy(bad):
    message = refusal(bad)
    assert message.startswith(f"convcore.{bad.op}: ")
    assert message.count(f"convcore.{bad.op}: ") == 1
    for part in bad.says:
        assert part in message


@bad_calls
def test_refused_alike_warm(bad):
    first = refusal(bad)
    assert refusal(bad) == first
    good = np.asarray(invoke(bad.op))
    assert refusal(bad) == first
    np.testing.assert_array_equal(np.asarray(invoke(bad.op)), good)


# What merely has a shape and a dtype can be planned, but not convolved.
@pytest.mark.parametrize("bad", [bad for bad in ROWS if "sparse" not in bad.id], ids=repr)
def test_plan_refuses_with_the_same_class(bad):
    args, keywords = arguments(bad.op, **bad.changes)
    with pytest.raises(bad.error) as caught:
        convcore.plan(bad.op, *args, **keywords)
    assert type(caught.value) is bad.error


@pytest.mark.numpy_backend
@pytest.mark.parametrize("bad", USES, ids=repr)
def test_wrong_use(bad: BadUse):
    messages = set()
    for _ in range(2):
        with pytest.raises(bad.error, match=re.escape(bad.says[0])) as caught:
            bad.call()
        assert isinstance(caught.value, bad.error)
        messages.add(str(caught.value))
    (message,) = messages
    for part in bad.says:
        assert part in message


@pytest.mark.parametrize("op", VALID)
def test_unknown_keyword_is_a_plain_type_error(op):
    with pytest.raises(TypeError, match="strides") as caught:
        invoke(op, strides=2)
    assert not isinstance(caught.value, convcore.ConvcoreError)


BOOL, MASKED = np.ones(3, bool), np.ma.ones(3)
FAR = strict.Device("device1")
TWO_FAULTS = {
    "type, dtype": ("convolve", {"x1": MASKED, "x2": BOOL}, ArrayTypeError),
    "dtype, type": ("convolve", {"x1": BOOL, "x2": MASKED}, ArrayTypeError),
    "dtype, type of bias": ("conv", {"x": BOOL, "bias": "b"}, ArrayTypeError),
    "weak dtype, type": ("convolve", {"x1": [2**70], "x2": MASKED}, ArrayTypeError),
    "ragged, type": ("convolve", {"x1": [1, [2]], "x2": MASKED}, ArrayTypeError),
    "type, option": ("convolve", {"x1": MASKED, "mode": "?"}, ArrayTypeError),
    "type, dtype=": ("convolve", {"x1": MASKED, "dtype": "?"}, ArrayTypeError),
    "weak, dtype=": ("convolve", {"x1": [1], "x2": "?", "dtype": "?"}, ArrayTypeError),
    "device, dtype": (
        "convolve",
        {"x1": strict.ones(3, dtype=strict.bool), "x2": strict.ones(3, device=FAR)},
        DeviceError,
    ),
    "device, shape": (
        "convolve",
        {"x1": strict.ones((3, 1)), "x2": strict.ones(3, device=FAR)},
        DeviceError,
    ),
    "device, weak dtype": (
        "conv",
        {"x": strict.asarray(X), "w": strict.asarray(W, device=FAR), "bias": [1j] * 4},
        DeviceError,
    ),
    "device, dtype=": (
        "convolve",
        {"x1": strict.ones(3), "x2": strict.ones(3, device=FAR), "dtype": "float31"},
        DeviceError,
    ),
    "dtype, option": ("convolve", {"x1": BOOL, "mode": "?"}, DTypeError),
    "dtype, method": ("convolve", {"x1": BOOL, "method": "?"}, DTypeError),
    "dtype of bias, option": ("conv", {"bias": [1j], "stride": 0}, DTypeError),
    "dtype, shape": ("convolve", {"x1": BOOL, "x2": np.ones((1, 1))}, DTypeError),
    "dtype=, shape": ("conv", {"x": np.ones(3), "dtype": "int8"}, DTypeError),
    "option, shape": ("convolve", {"x1": np.ones((1, 1)), "method": "?"}, OptionError),
    "stride, rank": ("conv", {"x": np.ones(3), "stride": 0}, OptionError),
    "stride, groups": ("conv", {"groups": 3, "stride": 0}, OptionError),
    "fill, rank": ("convolve", {"x1": np.ones((1, 1)), "fill_value": "?"}, OptionError),
    "layout, channels": ("conv", {"x": np.ones((1, 9, 6)), "layout": "?"}, OptionError),
    "size, shape": ("conv_transpose", {"x": np.ones((1, 9, 6)), "output_size": "?"}, OptionError),
    "input_shape, w": ("conv_input_grad", {"w": np.ones(3), "input_shape": "?"}, OptionError),
    "bias, x": ("conv", {"bias": np.ones(7), "x": np.ones((1, 9, 6))}, ShapeError),
}


@pytest.mark.parametrize(("op", "changes", "error"), TWO_FAULTS.values(), ids=TWO_FAULTS)
def test_the_first_of_two_faults_is_raised(op, changes, error):
    with pytest.raises(error) as caught:
        invoke(op, **changes)
    assert type(caught.value) is error


@pytest.mark.numpy_backend
@pytest.mark.parametrize(
    "changes",
    [{"x1": BOOL}, {"mode": "?"}, {"x1": np.ones((1, 1))}],
    ids=["dtype", "option", "shape"],
)
def test_an_unknown_device_comes_before_dtype_option_and_shape(changes):
    with convcore.use(backend="numpy", device="tpu"), pytest.raises(DeviceError, match="'tpu'"):
        invoke("convolve", **changes)
