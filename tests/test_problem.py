import numpy as np
import pytest
from bad_calls import VALID, arguments

import convcore


def problem_of(op, **changes):
    args, keywords = arguments(op, **changes)
    return convcore.plan(op, *args, **keywords).problem


@pytest.mark.parametrize("op", VALID)
def test_shapes_are_the_callers(op):
    problem = problem_of(op)
    args, _ = arguments(op)
    arrays = [a.shape for a in args if isinstance(a, np.ndarray)]
    if op == "conv_input_grad":
        arrays.reverse()
    assert [problem.x_shape, problem.w_shape] == arrays
    assert problem.y_shape == getattr(convcore, op)(*args).shape


OPTIONS = [
    {},
    {"stride": 2, "grad": np.ones((1, 4, 2))},
    {"dilation": 2, "grad": np.ones((1, 4, 2))},
    {"padding": "same", "grad": np.ones((1, 4, 6))},
    {"padding": 1, "boundary": "reflect", "grad": np.ones((1, 4, 6))},
]


@pytest.mark.parametrize("options", OPTIONS, ids=lambda o: "-".join(o) or "plain")
def test_transpose_and_gradients_are_problems_of_the_right_shapes(options):
    options = {k: v for k, v in options.items() if k != "grad"}
    problem = problem_of("conv", **options)
    x, w, y = problem.x_shape, problem.w_shape, problem.y_shape
    for turned in (problem.transpose(), problem.input_grad()):
        assert (turned.x_shape, turned.w_shape, turned.y_shape) == (y, w, x)
    turned = problem.weight_grad()
    assert (turned.x_shape, turned.w_shape, turned.y_shape) == (x, y, w)


@pytest.mark.parametrize("options", OPTIONS, ids=lambda o: "-".join(o) or "plain")
def test_gradient_calls_are_gradients_of_the_problem(options):
    forward = problem_of("conv", **{k: v for k, v in options.items() if k != "grad"})
    assert problem_of("conv_input_grad", **options) == forward.input_grad()
    assert problem_of("conv_weight_grad", **options) == forward.weight_grad()


def test_transpose_twice_is_the_problem():
    for options in ({}, {"padding": 2}, {"dilation": 2}, {"padding": 1, "boundary": "wrap"}):
        problem = problem_of("conv", **options)
        assert problem.transpose().transpose() == problem


def test_exchange_swaps_the_operands_only():
    x1, x2 = np.ones((3, 1, 5), complex), np.ones((1, 2, 4), complex)
    problem = problem_of("convolve", x1=x1, x2=x2, axes=-1)
    turned = problem.exchange()
    assert (turned.x_shape, turned.w_shape, turned.y_shape) == (x2.shape, x1.shape, (3, 2, 8))
    assert turned.exchange() == problem


def test_conjugates():
    complex_ = {k: np.ones(3, complex) for k in ("x1", "x2")}
    assert problem_of("correlate", **complex_).conj_w
    assert not problem_of("convolve", **complex_).conj_w
    assert not problem_of("correlate").conj_w
    w = {"w": np.ones((4, 2, 3), complex)}
    assert not problem_of("conv", **w).conj_w
    assert not problem_of("conv_transpose", **w).conj_w
    assert problem_of("conv_input_grad", **w).conj_w
    assert problem_of("conv_weight_grad", x=np.ones((1, 2, 6), complex)).conj_x


def test_terms_and_multiplications():
    problem = problem_of("conv", x=np.ones((7, 4, 9, 9)), w=np.ones((6, 2, 3, 3)), groups=2)
    assert problem.terms == 2 * 3 * 3
    assert problem.multiplications == 7 * 6 * 7 * 7 * 18
    stretched = problem_of("conv_transpose", x=np.ones((1, 1, 100)), w=np.ones((1, 1, 4)), stride=4)
    assert stretched.multiplications == pytest.approx(100 * 4, rel=0.02)


def test_only_broadcast_and_batch_axes_are_not_groups():
    problem = problem_of(
        "convolve", x1=np.ones((3, 1, 2, 1, 5)), x2=np.ones((1, 4, 2, 1, 5)), axes=4
    )
    assert [problem.size(role) for role in "ngco"] == [3, 2, 1, 4]
    assert problem.y == (("n0",), ("o1",), ("g2",), (), ("s0",))
