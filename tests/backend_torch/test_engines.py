"""Engines of the PyTorch backend, and what it assumes of PyTorch."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("convcore_torch")

from torch.utils.flop_counter import FlopCounterMode

import convcore
from convcore._registry import registry
from convcore_torch._onednn import is_halved, is_onednn

from .tensors import made

POINTWISE = {
    "plain": ((2, 3, 9), (4, 3, 1), {}),
    "strided": ((2, 3, 9, 8), (4, 3, 1, 1), {"stride": 2}),
    "depthwise": ((2, 3, 5, 6), (3, 1, 1, 1), {"groups": 3}),
    "multiplied": ((1, 2, 7), (6, 1, 1), {"groups": 2}),
    "grouped": ((2, 4, 3, 2, 5), (6, 2, 1, 1, 1), {"groups": 2}),
    "last": ((2, 5, 6, 3), (1, 1, 3, 4), {"layout": "channels_last"}),
}


def by_engine(op, *operands, **options):
    """The result of every engine that serves a call, by name."""
    plan = convcore.plan(op, *operands, **options)
    x, w, bias = (*operands, None)[:3]
    lower = registry.get("torch").lower
    names = {c.name for c in (plan.chosen, *plan.rejected)}
    return {name: lower(plan.problem, name, plan.device)(x, w, bias) for name in names}


@pytest.mark.parametrize("with_bias", [False, True])
@pytest.mark.parametrize("dtype", ["float32", "float64", "complex64", "float16"])
@pytest.mark.parametrize("case", POINTWISE)
def test_a_kernel_of_one_tap_is_one_product_of_matrices(case, dtype, with_bias):
    data, kernel, options = POINTWISE[case]
    outs = kernel[-1] if case == "last" else kernel[0]
    x, w, bias = made([data, kernel, (outs,)], getattr(torch, dtype))
    operands = (x, w, bias) if with_bias else (x, w)
    got = by_engine("conv", *operands, **options)["pointwise"]
    wanted = convcore.conv(*(a.numpy() for a in operands), **options)
    eps = float(np.finfo(wanted.dtype).eps)
    np.testing.assert_allclose(got.numpy(), wanted, rtol=0, atol=32 * eps)


@pytest.mark.parametrize(
    ("op", "shapes", "options"),
    [
        ("conv", [(1, 2, 5), (3, 2, 2)], {}),
        ("conv", [(1, 2, 5), (3, 2, 1)], {"padding": 1}),
        ("conv_transpose", [(1, 2, 5), (2, 3, 1)], {"stride": 2}),
    ],
)
def test_more_than_one_sample_for_an_output_is_no_single_product(op, shapes, options):
    assert "pointwise" not in by_engine(op, *made(shapes), **options)


def test_the_gradients_of_one_product_are_those_of_a_convolution():
    operands = made([(2, 3, 4), (5, 3, 1), (5,)], requires_grad=True)
    assert "pointwise" in by_engine("conv", *operands)
    torch.autograd.gradcheck(convcore.conv, operands)


@pytest.mark.parametrize("engine", ["pointwise", "taps", "matmul", "native"])
def test_an_autocast_region_around_the_gradients_alone_changes_none(engine):
    operands = made([(2, 3, 40), (5, 3, 1)], torch.float32, requires_grad=True)

    def gradients(enabled):
        y = by_engine("conv", *operands)[engine]
        with torch.autocast("cpu", torch.bfloat16, enabled=enabled):
            return torch.autograd.grad(y.square().sum(), operands)

    for got, wanted in zip(gradients(True), gradients(False), strict=True):
        assert torch.equal(got, wanted)


HALVED = {
    "even": ((1, 2, 30, 32, 31), (3, 2, 3, 3, 3), {"padding": 1}),
    "odd": ((1, 2, 29, 32, 31), (3, 2, 3, 3, 2), {}),
    "strided": ((1, 2, 64, 65, 31), (3, 2, 5, 3, 3), {"stride": (3, 2, 1), "padding": (2, 0, 1)}),
    "dilated": ((1, 1, 40, 40, 31), (3, 1, 3, 2, 3), {"dilation": (4, 1, 2), "padding": "same"}),
    "uneven": ((1, 2, 30, 32, 31), (2, 2, 4, 2, 3), {"padding": [(0, 3), (2, 1), (0, 0)]}),
    "cropped": ((1, 2, 37, 32, 31), (2, 2, 3, 3, 3), {"padding": [(-2, -3), (0, 1), (0, 0)]}),
}


@pytest.mark.parametrize("with_bias", [False, True])
@pytest.mark.parametrize("dtype", ["float32", "complex64"])
@pytest.mark.parametrize("case", HALVED)
def test_a_single_volume_is_convolved_as_two_halves(case, dtype, with_bias):
    data, kernel, options = HALVED[case]
    operands = made([data, kernel, kernel[:1]], getattr(torch, dtype))[: 2 + with_bias]
    assert is_halved(convcore.plan("conv", *operands, **options).problem)
    got = by_engine("conv", *operands, **options)["native"]
    wanted = convcore.conv(*(a.numpy() for a in operands), **options)
    np.testing.assert_allclose(got.numpy(), wanted, rtol=0, atol=2e-5)
    assert got.is_contiguous()


def test_the_gradients_of_two_halves_are_those_of_the_volume():
    operands = made([(1, 2, 30, 32, 31), (3, 2, 3, 3, 3), (3,)], torch.float32, requires_grad=True)
    y = by_engine("conv", *operands, padding=1)["native"]
    got = torch.autograd.grad(y.square().sum(), operands)
    whole = torch.conv3d(*operands, padding=1)
    wanted = torch.autograd.grad(whole.square().sum(), operands)
    torch.testing.assert_close(got, wanted, rtol=1e-4, atol=1e-2)


COMPLEX = {
    "plain": ("conv", (2, 3, 9), (4, 3, 2), {}),
    "grouped": ("conv", (2, 4, 9, 8), (6, 2, 3, 2), {"groups": 2, "stride": 2}),
    "depthwise": ("conv", (2, 3, 9, 8), (3, 1, 3, 2), {"groups": 3, "padding": 1}),
    "transposed": ("conv_transpose", (2, 3, 5), (3, 2, 4), {"stride": 2}),
    "groups": ("conv_transpose", (1, 4, 5, 3), (4, 3, 2, 2), {"stride": 2, "groups": 2}),
}


@pytest.mark.parametrize("case", COMPLEX)
def test_the_parts_of_complex_numbers_are_channels(case):
    op, data, kernel, options = COMPLEX[case]
    groups = options.get("groups", 1)
    outs = kernel[0] if op == "conv" else kernel[1] * groups
    operands = made([data, kernel, (outs,)], torch.complex128)
    got = by_engine(op, *operands, **options)["native"]
    wanted = getattr(convcore, op)(*(a.numpy() for a in operands), **options)
    np.testing.assert_allclose(got.numpy(), wanted, rtol=0, atol=1e-14)


@pytest.mark.parametrize("mode", ["full", "same", "valid"])
def test_much_padding_along_rows_is_no_other_convolution(mode):
    x, h = made([(2, 30, 200), (2, 3, 180)], torch.float32)
    got = by_engine("convolve", x, h, mode=mode, axes=(1, 2))["native"]
    wanted = convcore.convolve(x.double(), h.double(), mode=mode, axes=(1, 2))
    torch.testing.assert_close(got.double(), wanted, rtol=0, atol=1e-3)


@pytest.mark.parametrize("dtype", ["float32", "complex64"])
def test_one_sum_is_no_full_result_cropped(dtype):
    x, h = made([(300,), (300,)], getattr(torch, dtype))
    plan = convcore.plan("convolve", x, h, mode="valid")
    run = registry.get("torch").lower(plan.problem, "native", plan.device)
    with FlopCounterMode(display=False) as counter:
        got = run(x, h, None)
    torch.testing.assert_close(got, (x * h.flip(0)).sum(0, keepdim=True), rtol=0, atol=1e-3)
    parts = 4 if x.is_complex() else 1
    assert counter.get_total_flops() == parts * 2 * 300


@pytest.mark.parametrize(
    ("shape", "kernel", "options"),
    [
        ((1, 3, 40), (4, 3, 3), {}),
        ((1, 30, 4000), (4, 30, 3), {}),
        ((2, 3, 40), (4, 3, 3), {}),
        ((1, 3, 40), (3, 1, 3), {"groups": 3}),
        ((1, 1, 20, 31), (1, 1, 5, 5), {}),
        ((1, 1, 20, 31), (1, 1, 5, 3), {}),
        ((1, 9, 10, 11, 12), (4, 9, 3, 3, 3), {}),
        ((1, 90, 20, 21, 12), (4, 90, 3, 3, 3), {}),
    ],
)
def test_which_calls_pytorch_gives_to_onednn(shape, kernel, options):
    if not torch.backends.mkldnn.is_available():
        pytest.skip("this PyTorch has no oneDNN")
    x, w = made([shape, kernel], torch.float32)
    rank = len(shape) - 2
    numbers = ([1] * rank, [0] * rank, [1] * rank, False, [0] * rank, options.get("groups", 1))
    chosen = torch._C._select_conv_backend(x, w, None, *numbers)
    assert is_onednn(convcore.plan("conv", x, w, **options).problem) == (
        chosen == torch._C._ConvBackend.Mkldnn
    )
