from dataclasses import replace
from types import SimpleNamespace

import array_api_strict as strict
import numpy as np
import pytest
from bad_calls import VALID, X1, X2, W, X, arguments
from fake_library import Tiny

import convcore
from convcore import _choice, _options
from convcore.plugins import Accuracy, Candidate, Staged

METHODS = ("auto", "direct", "fft", "overlap_add")
KERNELS = {
    "convolve": "x2",
    "correlate": "x2",
    "conv": "w",
    "conv_transpose": "w",
    "conv_input_grad": "w",
    "conv_weight_grad": "grad",
}


def filled(op):
    draw = np.random.default_rng(1).standard_normal
    args, _ = arguments(op)
    return [draw(a.shape) if isinstance(a, np.ndarray) else a for a in args]


def arrays_of(args):
    return [a for a in args if isinstance(a, np.ndarray)]


@pytest.mark.numpy_backend
@pytest.mark.parametrize("spell", [str, lambda op: getattr(convcore, op)], ids=["name", "function"])
@pytest.mark.parametrize("op", VALID)
def test_arrays_objects_and_pairs_plan_alike(op, spell):
    args, _ = arguments(op)
    plans = [
        convcore.plan(spell(op), *(stand_in(a) if isinstance(a, np.ndarray) else a for a in args))
        for stand_in in (
            lambda a: a,
            lambda a: SimpleNamespace(shape=a.shape, dtype=a.dtype),
            lambda a: (a.shape, a.dtype),
            lambda a: [list(a.shape), str(a.dtype)],
            lambda a: np.broadcast_to(np.float64(np.nan), a.shape),
        )
    ]
    for plan in plans:
        assert (plan.op, plan.backend, plan.device) == (op, "numpy", None)
        for name in ("problem", "chosen", "rejected", "flops", "bytes", "shape", "dtype"):
            assert getattr(plan, name) == getattr(plans[0], name)


@pytest.mark.numpy_backend
def test_attributes_by_hand():
    pairs = [(shape, "float32") for shape in ((2, 3, 10), (5, 3, 4), (5,))]
    plan = convcore.plan("conv", *pairs, method="direct")
    assert (plan.op, plan.backend, plan.method) == ("conv", "numpy", "direct")
    assert (plan.shape, plan.dtype) == ((2, 5, 7), "float32")
    assert plan.flops == 2 * (2 * 5 * 7) * (3 * 4)
    assert plan.bytes == 4 * (2 * 3 * 10 + 5 * 3 * 4 + 2 * 5 * 7)
    assert plan.accuracy == Accuracy("componentwise")
    assert plan.why
    assert convcore.plan("convolve", ((3,), "complex64"), ((2,), "complex64")).flops == 8 * 4 * 2


def test_it_prints_what_it_does(tiny):
    plan = convcore.plan("convolve", X1, X2, method="fft")
    for part in ("convolve", "numpy", "fft", "normwise", f"{plan.accuracy.constant:g}", plan.why):
        assert part in str(plan)
    for candidate in plan.rejected:
        assert candidate.name in str(plan)
    with convcore.use(backend="tiny", device="right"):
        plan = convcore.plan("convolve", X1, X2, method="direct")
    for part in (tiny.name, "right", "direct", "componentwise", plan.why):
        assert part in str(plan)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("op", VALID)
def test_a_plan_runs_as_the_call_does(op, method):
    args = filled(op)
    plan = convcore.plan(op, *args, method=method)
    assert method in {plan.method, "auto"}
    y = plan(*arrays_of(args))
    np.testing.assert_array_equal(y, getattr(convcore, op)(*args, method=method))
    assert (y.shape, y.dtype) == (plan.shape, plan.dtype)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("op", VALID)
def test_a_prepared_plan_holds_its_kernel(op, method):
    args = filled(op)
    plan = convcore.plan(op, *args, method=method)
    names = [name for name, a in zip(VALID[op], args, strict=True) if isinstance(a, np.ndarray)]
    operands = dict(zip(names, arrays_of(args), strict=True))
    kernel = operands.pop(KERNELS[op])
    held = plan.prepare(kernel)
    (data,) = operands.values()
    wanted = plan(*arrays_of(args))
    for _ in range(2):
        np.testing.assert_allclose(held(data), wanted, rtol=1e-13, atol=1e-13)
    np.testing.assert_allclose(held(2 * data), 2 * wanted, rtol=1e-13, atol=1e-13)
    assert [e.name for e in plan.operands] == names
    assert (held.method, held.problem) == (plan.method, plan.problem)


def test_a_prepared_plan_takes_the_bias_too():
    bias = np.arange(4.0)
    plan = convcore.plan("conv", X, W, bias)
    np.testing.assert_allclose(plan.prepare(W)(X, bias), convcore.conv(X, W, bias))


def test_the_kernel_is_prepared_once():
    prepared = []

    def prepare(w):
        prepared.append(w)
        return w

    plan = convcore.plan("convolve", X1, X2)
    plan = replace(plan, run=Staged(prepare, lambda x, w, bias: x.sum() * w.sum()))
    held = plan.prepare(X2)
    assert [held(X1), held(X1)] == [X1.sum() * X2.sum()] * 2
    assert len(prepared) == 1


def test_plans_take_weak_and_other_libraries_arrays():
    plan = convcore.plan("convolve", [1, 2, 3], [0.0, 1.0, 0.5])
    np.testing.assert_array_equal(plan([1, 2, 3], [0.0, 1.0, 0.5]), [0, 1, 2.5, 4, 1.5])
    x, w = strict.asarray(X1), strict.asarray(X2)
    plan = convcore.plan("convolve", x, w)
    assert plan.backend == "array_api_strict"
    np.testing.assert_allclose(np.from_dlpack(plan(x, w)), np.convolve(X1, X2))
    np.testing.assert_allclose(np.from_dlpack(plan.prepare(w)(x)), np.convolve(X1, X2))


def test_a_weak_operand_beside_an_array():
    for weak in ([1, 2], [1.0, 2.0], [1j]):
        plan = convcore.plan("convolve", X1.astype("f4"), weak)
        y = convcore.convolve(X1.astype("f4"), weak)
        assert (plan.dtype, plan.shape) == (str(y.dtype), y.shape)
        np.testing.assert_array_equal(plan(X1.astype("f4"), weak), y)


def test_a_plan_keeps_its_options():
    with convcore.use(method="fft", threads=1):
        plan = convcore.plan("convolve", X1, X2)
    with convcore.use(method="native", backend="nope"):
        np.testing.assert_allclose(plan(X1, X2), np.convolve(X1, X2))
        assert (plan.method, plan.problem.threads) == ("fft", 1)


def test_pairs_take_the_library_that_is_named(tiny):
    pairs = ((5,), "float64"), ((3,), "float64")
    assert convcore.plan("convolve", *pairs, backend="tiny").backend == "tiny"
    with convcore.use(backend="tiny", device="right"):
        assert convcore.plan("convolve", *pairs).device == "right"
    assert convcore.plan("convolve", *pairs, backend="array_api").method in METHODS
    assert convcore.plan("convolve", pairs[0], strict.asarray(X2)).backend == "array_api_strict"
    assert tiny.ran == 0


@pytest.mark.usefixtures("tiny")
def test_a_plan_of_pairs_is_for_where_the_backend_makes_arrays():
    pairs = (X1.shape, "float64"), (X2.shape, "float64")
    plan = convcore.plan("convolve", *pairs, backend="tiny")
    assert plan.device == "left"
    assert plan(Tiny(X1), Tiny(X2)).samples.shape == plan.shape


@pytest.mark.numpy_backend
@pytest.mark.usefixtures("tiny")
def test_a_plan_of_pairs_leaves_the_device_to_its_backend():
    pairs = (X1.shape, "float64"), (X2.shape, "float64")
    with convcore.use(backend="tiny", device="right"):
        plan = convcore.plan("convolve", *pairs, backend="numpy")
    assert (plan.backend, plan.device) == ("numpy", None)
    np.testing.assert_allclose(plan(X1, X2), np.convolve(X1, X2))


SIZES = [(n, m) for n in (3, 50, 3000, 200_000) for m in (1, 8, 300, 9000)]


@pytest.mark.parametrize("dtype", ["float32", "complex128", "int16"])
@pytest.mark.parametrize(("n", "m"), SIZES)
def test_candidates_are_ranked_and_named_methods_kept(n, m, dtype):
    pairs = ((n,), dtype), ((m,), dtype)
    plan = convcore.plan("convolve", *pairs)
    seconds = [c.seconds for c in plan.rejected]
    assert seconds == sorted(seconds)
    for method in {c.method for c in (plan.chosen, *plan.rejected)} - {"auto"}:
        assert convcore.plan("convolve", *pairs, method=method).method == method
    with convcore.use(accuracy="componentwise"):
        assert convcore.plan("convolve", *pairs).accuracy.name in ("exact", "componentwise")


def _chosen(*candidates, method="auto", accuracy=None):
    problem = convcore.plan("convolve", X1, X2).problem
    options = _options.Options(method=method, accuracy=accuracy)
    chosen, rejected = _choice.choose(problem, candidates, options)
    assert len(rejected) == len(candidates) - 1
    return chosen


NORMWISE, EXACTLY = Accuracy("normwise", 1.0), Accuracy("componentwise")
MODEST = Candidate("modest", "direct", EXACTLY, 2.0, 60 * 2**20)
LARGE = Candidate("large", "fft", NORMWISE, 1.0, 70 * 2**20)


def test_memory_decides_within_a_factor_of_ten():
    assert _chosen(MODEST, LARGE) == MODEST
    assert _chosen(LARGE, MODEST._replace(seconds=10.5)) == LARGE
    assert _chosen(LARGE, MODEST._replace(seconds=9.5)).name == "modest"
    assert _chosen(LARGE) == LARGE
    assert _chosen(MODEST, LARGE, method="fft") == LARGE
    assert _chosen(LARGE._replace(workspace=0), MODEST).name == "large"


def test_accuracy_decides_before_memory():
    assert _chosen(LARGE, MODEST._replace(seconds=99.0), accuracy="componentwise").name == "modest"
    huge = MODEST._replace(workspace=1e12)
    assert _chosen(LARGE, huge, accuracy="componentwise") == huge


def test_a_whole_transform_of_an_image_is_not_chosen_for_its_memory():
    images = ((64, 64, 224, 224), "float32"), ((64, 64, 25, 25), "float32")
    plan = convcore.plan("conv", *images, padding="same")
    assert plan.method != "fft"
    assert plan.chosen.workspace <= 64 * 2**20 + plan.bytes
    assert any(c.workspace > 64 * 2**20 + plan.bytes for c in plan.rejected)
