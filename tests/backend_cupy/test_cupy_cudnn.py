"""cuDNN: which problems are its convolutions, with which numbers, and what it may not do."""

import sys

import fake_cudnn
import numpy as np
import pytest

pytest.importorskip("convcore_cupy")

import cuda_on_cpu
import fake_cupy

import convcore
from convcore_cupy._calls import as_call

pytestmark = cuda_on_cpu.needs_gcc


def problem(op, *operands, dtype="float32", **options):
    """Of NumPy's plan, which has the same normal form; a shape stands for an array."""
    gradients = {"conv_input_grad": 0, "conv_weight_grad": 1}
    made = [o if i == gradients.get(op) else (o, dtype) for i, o in enumerate(operands)]
    return convcore.plan(op, *made, **options).problem


def call(op, *operands, **options):
    made = as_call(problem(op, *operands, **options))
    return made and made._asdict()


def test_a_convolution():
    got = call("conv", (8, 6, 20), (4, 3, 5), stride=2, padding=[(1, 3)], dilation=2, groups=2)
    assert got == {
        "op": "fprop",
        "a": (8, 6, 20),
        "b": (4, 3, 5),
        "y": (8, 4, 8),
        "pre": (1,),
        "post": (3,),
        "stride": (2,),
        "dilation": (2,),
        "dtype": "float32",
        "channels_last": False,
        "bias": False,
        "fast": False,
    }


def test_a_transposed_convolution_is_the_gradient_of_an_image():
    got = call("conv_transpose", (8, 4, 9), (4, 3, 5), stride=2, padding=1, groups=2)
    assert (got["op"], got["a"], got["b"], got["y"]) == ("dgrad", (8, 4, 9), (4, 3, 5), (8, 6, 19))
    assert (got["pre"], got["post"], got["stride"]) == ((1,), (1,), (2,))


def test_samples_that_no_window_meets_are_not_padding():
    """An image of 8 has as many outputs as one of 7, to which nothing is added."""
    got = call("conv_input_grad", (1, 1, 8), (1, 1, 3), (1, 1, 3), stride=2)
    assert (got["op"], got["y"], got["pre"], got["post"]) == ("dgrad", (1, 1, 8), (0,), (0,))


def test_the_gradient_of_a_kernel_is_that_of_a_filter():
    got = call("conv_weight_grad", (8, 6, 20), (4, 3, 5), (8, 4, 8), stride=2, groups=2)
    assert (got["op"], got["a"], got["b"], got["y"]) == ("wgrad", (8, 6, 20), (8, 4, 8), (4, 3, 5))
    assert (got["stride"], got["dilation"]) == ((2,), (1,))


NOT = [
    ("conv", [(1, 1, 4, 4, 4, 4), (1, 1, 2, 2, 2, 2)], {}),
    ("conv", [(2, 3), (4, 3)], {}),
    ("conv", [(1, 1, 9), (1, 1, 3)], {"dtype": "int8"}),
    ("conv", [(1, 1, 9), (1, 1, 3)], {"dtype": "complex64"}),
    ("conv", [(1, 1, 9), (1, 1, 3)], {"padding": [(-1, 0)]}),
    ("conv", [(1, 1, 9), (1, 1, 3)], {"padding": 1, "boundary": "wrap"}),
    ("conv", [(1, 1, 9), (1, 1, 3)], {"padding": 1, "fill_value": 2}),
    ("conv", [(0, 1, 9), (1, 1, 3)], {}),
    ("conv", [(2**16, 2**8, 2**8), (1, 2**8, 3)], {}),
    ("conv_transpose", [(1, 1, 9), (1, 1, 3)], {"stride": 2, "padding": -1}),
    ("conv_weight_grad", [(1, 1, 9), (1, 1, 3), (1, 1, 9)], {"padding": 1, "boundary": "edge"}),
]


@pytest.mark.parametrize(("op", "operands", "options"), NOT)
def test_what_is_not_cudnns(op, operands, options):
    assert call(op, *operands, **options) is None


def test_channels_last_is_kept():
    assert call("conv", (2, 9, 9, 3), (3, 3, 3, 4), layout="channels_last")["channels_last"]
    assert not call("conv", (2, 3, 9, 9), (4, 3, 3, 3))["channels_last"]


def dtypes(*names, bias=None, op="conv", **options):
    operands = [((1, 1, 9), names[0]), ((1, 1, 3), names[1])]
    return as_call(convcore.plan(op, *operands, bias and ((1,), bias), **options).problem)


def test_dtypes():
    assert dtypes("float16", "float16").dtype == "float16"
    assert dtypes("float16", "float32").dtype == "float32"
    assert dtypes("float16", "float16", dtype="float64").dtype == "float64"
    assert dtypes("int8", "float64").dtype == "float64"


def test_a_bias_of_16_bits_comes_before_the_rounding():
    fused = dtypes("float16", "float16", bias="float16")
    assert (fused.dtype, fused.bias) == ("float16", True)
    apart = dtypes("float16", "float16", bias="float16", op="conv_transpose", stride=2)
    assert (apart.op, apart.dtype, apart.bias) == ("dgrad", "float32", False)
    assert not dtypes("float32", "float32", bias="float32").bias


def arrays(dtype="float32"):
    return [fake_cupy.ndarray(np.ones(s, dtype)) for s in ((2, 4, 9, 9), (8, 4, 3, 3))]


def native(*operands, **options):
    plan = convcore.plan("conv", *operands, method="native", **options)
    return plan, plan(*operands)


@pytest.mark.usefixtures("cudnn")
def test_it_runs_and_states_its_class():
    plan, y = native(*arrays())
    assert (plan.chosen.name, str(plan.accuracy)) == ("cudnn", "componentwise")
    assert plan.chosen.workspace == 128
    assert (y.get() == 36).all()
    assert str(native(*arrays("float16"))[0].accuracy) == "normwise (c = 36)"
    assert str(native(*arrays(), precision="fast")[0].accuracy) == "none"


def test_a_convolution_is_planned_once(cudnn):
    before = cudnn.pygraph.planned
    for _ in range(3):
        native(*arrays())
    assert cudnn.pygraph.planned == before + 1


@pytest.fixture
def noted(cudnn, monkeypatch):
    """The numerical notes that each graph was denied."""
    seen = []
    deselect = cudnn.pygraph.deselect_numeric_notes

    def watched(self, notes):
        deselect(self, notes)
        seen.append(self.notes)

    monkeypatch.setattr(cudnn.pygraph, "deselect_numeric_notes", watched)
    return seen


def test_ieee_precision_takes_no_tensor_core_for_float32(noted):
    native(*arrays())
    assert noted == [set(fake_cudnn.NOTES.split())]


def test_products_of_16_bits_may_use_tensor_cores(noted):
    native(*arrays("float16"))
    assert noted == [set(fake_cudnn.NOTES.split()) - {"TENSOR_CORE"}]


def test_fast_precision_takes_what_there_is(noted):
    native(*arrays(), precision="fast")
    assert noted == [set()]


@pytest.mark.usefixtures("cudnn")
def test_misaligned_arrays_are_copied():
    x, w = (np.ones(size + 1, "float32") for size in (2 * 4 * 9 * 9, 8 * 4 * 3 * 3))
    x, w = x[1:].reshape(2, 4, 9, 9), w[1:].reshape(8, 4, 3, 3)
    assert (native(*map(fake_cupy.ndarray, (x, w)))[1].get() == 36).all()


def test_what_it_has_no_engine_for_is_not_offered(cudnn, monkeypatch):
    def refuse(_self):
        raise cudnn.cudnnGraphNotSupportedError("none")

    monkeypatch.setattr(cudnn.pygraph, "check_support", refuse)
    with pytest.raises(convcore.MethodError, match="'native' cannot serve"):
        native(*arrays())
    assert (convcore.conv(*arrays()).get() == 36).all()


def test_a_failure_to_plan_is_told(cudnn, monkeypatch):
    def fail(_self):
        raise RuntimeError("CUDNN_STATUS_INTERNAL_ERROR")

    monkeypatch.setattr(cudnn.pygraph, "build_operation_graph", fail)
    with pytest.warns(RuntimeWarning, match="cuDNN failed to plan .*INTERNAL_ERROR"):
        assert (convcore.conv(*arrays()).get() == 36).all()


@pytest.mark.usefixtures("cudnn")
def test_arrays_on_another_device_than_was_planned_for(monkeypatch):
    """Lent without a device, they stay where they are."""
    from convcore_cupy import _cudnn

    plan, _ = native(*arrays())
    there = [fake_cupy.ndarray(a._host, 1) for a in arrays()]
    assert (plan.run(*there, None).get() == 36).all()
    monkeypatch.setattr(_cudnn, "plan_graph", lambda *_: None)
    with pytest.raises(convcore.BackendError, match=r"no engine .* on cuda:1"):
        plan.run(*there, None)


@pytest.mark.parametrize("module", [None, fake_cudnn.make(version=None)])
def test_without_a_frontend_or_a_library_there_is_no_native(module):
    with fake_cupy.installed(module):
        assert "native" not in convcore.backends()["cupy"].capabilities.methods
        with pytest.raises(convcore.MethodError, match="'native' cannot serve"):
            native(*arrays())


def test_with_both_there_is(cudnn):
    can = convcore.backends()["cupy"].capabilities
    assert "native" in can.methods
    assert can.native_ranks == (1, 2, 3)
    assert sys.modules["cudnn"] is cudnn
