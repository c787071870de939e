"""Arrays made of other libraries' arrays, which are taken together with those (CC-DISPATCH-4)."""

import numpy as np
import pytest
from bad_calls import X1, X2
from fake_library import Tiny, TinyBackend

import convcore
from convcore import ArrayTypeError, DeviceError, ShapeError
from convcore.plugins import Accuracy, Blocks, Capabilities, ConvProblem, clear_caches, run_part

WANTED = np.convolve(X1, X2)


class Nest:
    """An array that holds one of another library."""

    def __init__(self, inner):
        self.inner = inner
        self.shape, self.dtype = inner.shape, inner.dtype


class NestBackend(TinyBackend):
    """Runs on what is in a Nest, whatever that is."""

    def __init__(self):
        super().__init__("nest", ("test_wrapping.Nest",))

    @property
    def capabilities(self):
        return Capabilities("1.0", (), self.dtypes, ("direct", "fft"), wraps=True)

    def device(self, x):
        return Blocks.of("what is in a Nest", inner(x))

    def methods(self, problem, device):
        return device.backend.methods(problem, device.device)

    def lower(self, problem, engine, device):
        run = device.backend.lower(problem, engine, device.device)

        def lowered(*arrays):
            self.ran += 1
            return Nest(run(*(None if a is None else inner(a) for a in arrays)))

        return lowered

    def lend(self, x, device):
        return Nest(x)

    def give_back(self, y, like):
        return y.inner


def inner(x):
    return x.inner if isinstance(x, Nest) else x


@pytest.fixture
def nest(register, tiny):  # noqa: ARG001 - what a Nest may hold must be registered too
    return register(NestBackend())


def check(y):
    assert type(y) is Nest
    assert type(y.inner) is Tiny
    np.testing.assert_allclose(y.inner.samples, WANTED, rtol=1e-15)


@pytest.mark.parametrize("place", ["left", "right"])
def test_either_operand_may_be_what_the_other_is_made_of(nest, place):
    x, w = Tiny(X1, place), Tiny(X2, place)
    for _ in range(2):
        for given in ((Nest(x), w), (x, Nest(w)), (Nest(x), Nest(w))):
            check(convcore.convolve(*given))
    assert nest.ran == 6
    assert type(convcore.convolve(x, w)) is Tiny


@pytest.mark.usefixtures("nest")
def test_a_bias_counts_as_well():
    x, w, bias = Tiny([[1.0, 2.0]]), Tiny([[[1.0]]]), Tiny([3.0])
    for given in ((Nest(x), w, bias), (x, Nest(w), bias), (x, w, Nest(bias))):
        for _ in range(2):
            y = convcore.conv(*given)
            assert (type(y), y.inner.samples.tolist()) == (Nest, [[4.0, 5.0]])
    assert type(convcore.conv(x, w, bias)) is Tiny


@pytest.mark.numpy_backend
@pytest.mark.usefixtures("nest")
def test_it_may_hold_any_library():
    y = convcore.convolve(Nest(X1), X2)
    assert type(y.inner) is np.ndarray
    assert str(convcore.plan("convolve", Nest(X1), X2).device) == "numpy"
    assert "nest on tiny on right" in str(
        convcore.plan("convolve", Nest(Tiny(X1, "right")), Tiny(X2, "right"))
    )


@pytest.mark.numpy_backend
@pytest.mark.usefixtures("nest")
def test_arrays_of_another_library_or_place_are_refused():
    for _ in range(2):
        with pytest.raises(
            ArrayTypeError,
            match=r"x1 is an array of nest \(made of tiny on left\) and x2 one of numpy; allowed",
        ):
            convcore.convolve(Nest(Tiny(X1)), X2)
        with pytest.raises(ArrayTypeError, match=r"x1 is an array of numpy and x2 one of nest \("):
            convcore.convolve(X1, Nest(Tiny(X2)))
        with pytest.raises(ArrayTypeError, match=r"made of tiny on left\) and x2 one of tiny"):
            convcore.convolve(Nest(Tiny(X1)), Tiny(X2, "right"))
        with pytest.raises(DeviceError, match="x1 is on device tiny on left and x2 on tiny on rig"):
            convcore.convolve(Nest(Tiny(X1)), Nest(Tiny(X2, "right")))
        with pytest.raises(ArrayTypeError, match="bias one of numpy"):
            convcore.conv(Nest(Tiny([[1.0]])), Tiny([[[1.0]]]), np.ones(1))


@pytest.mark.usefixtures("nest")
def test_plans_are_made_and_refused_as_calls_are():
    x, w = Nest(Tiny(X1)), Tiny(X2)
    for given in ((x, w), (w, x), (x, x), (x, X2.tolist())):
        plan = convcore.plan("convolve", *given)
        assert (plan.backend, str(plan.device)) == ("nest", "tiny on left")
    with pytest.raises(ArrayTypeError, match="made of tiny on left"):
        convcore.plan("convolve", x, X2)
    plan = convcore.plan("convolve", x, w)
    check(plan(x, w))
    check(plan(x, X2.tolist()))
    check(plan(X1.tolist(), w))
    check(plan.prepare(w)(x))
    with pytest.raises(ArrayTypeError, match=r"x2 is of type test_wrapping\.Nest; this plan"):
        plan(x, Nest(w))


@pytest.mark.usefixtures("nest")
def test_a_weak_operand_becomes_a_block():
    for _ in range(2):
        check(convcore.convolve(Nest(Tiny(X1, "right")), X2.tolist()))
        check(convcore.convolve(X1.tolist(), Nest(Tiny(X2, "right"))))
    y = convcore.conv(Nest(Tiny([[1]])), [[[0.5]]], [2])
    assert (y.dtype, y.inner.samples.tolist()) == (np.float64, [[2.5]])


@pytest.mark.numpy_backend
@pytest.mark.usefixtures("nest")
def test_it_is_not_lent():
    x = Nest(Tiny(X1))
    for backend in ("numpy", "tiny", "array_api"):
        with pytest.raises(
            ArrayTypeError,
            match=r"x1 is an array of nest, made of arrays of tiny on left: it is not lent.*comp",
        ):
            convcore.convolve(x, x, backend=backend)
    for _ in range(2):
        check(convcore.convolve(x, Tiny(X2), backend="nest"))


def test_it_can_be_borrowed(nest):
    nest.give_back = lambda y, like: y.inner
    nest.methods = lambda problem, device: Blocks.of("it", X1).backend.methods(problem, None)
    nest.lower = lambda problem, engine, device: lambda x, w, bias: Nest(WANTED)
    assert convcore.convolve(X1, X2, backend="nest") is WANTED
    with (
        convcore.use(backend="nest", device="left"),
        pytest.raises(DeviceError, match="'left' is not one of backend 'nest'; allowed are no dev"),
    ):
        convcore.convolve(X1, X2)


class TestPart:
    """`run_part`, by which such a backend runs blocks."""

    exact = Accuracy("componentwise")

    @pytest.fixture
    def problem(self) -> ConvProblem:
        return convcore.plan("convolve", X1, X2).problem

    def test_it_runs_on_the_arrays_own_backend(self, problem, tiny):
        y = run_part(problem, X1, X2, methods=("direct",), accuracy=self.exact)
        np.testing.assert_array_equal(y, WANTED)
        y = run_part(
            problem, Tiny(X1, "right"), Tiny(X2, "right"), methods=("direct",), accuracy=self.exact
        )
        assert (type(y), y.device, tiny.ran) == (Tiny, "right", 1)

    def test_options_in_force_are_not_read(self, problem):
        with convcore.use(method="native", accuracy="componentwise", backend="nope"):
            y = run_part(problem, X1, X2, methods=("fft",), accuracy=Accuracy("normwise", 99))
        np.testing.assert_allclose(y, WANTED, atol=1e-12)

    @pytest.mark.numpy_backend
    def test_a_class_that_no_method_keeps_is_refused(self, problem):
        for accuracy in (self.exact, Accuracy("normwise", 1)):
            with pytest.raises(convcore.MethodError, match=r"'numpy' has none .*fft.*allowed are"):
                run_part(problem, X1, X2, methods=("fft", "overlap_add"), accuracy=accuracy)

    @pytest.mark.usefixtures("tiny")
    def test_arrays_of_another_problem_are_refused(self, problem):
        for x, w, error, match in (
            (X1[:-1], X2, ShapeError, "a block of x has shape"),
            (X1, X2[:-1], ShapeError, "a block of w has shape"),
            (X1.astype("f4"), X2, convcore.DTypeError, "a block of x has dtype float32"),
            (X1, X2.astype("i8"), convcore.DTypeError, "a block of w has dtype int64"),
            (X1, Tiny(X2), ArrayTypeError, "one of"),
        ):
            with pytest.raises(error, match=match):
                run_part(problem, x, w, methods=("direct",), accuracy=self.exact)

    def test_a_part_is_planned_once(self, problem, monkeypatch):
        clear_caches()
        run_part(problem, X1, X2, methods=("direct",), accuracy=self.exact)
        backend = Blocks.of("it", X1).backend
        monkeypatch.setattr(type(backend), "lower", lambda *_: 1 / 0)
        run_part(problem, X1, X2, methods=("direct",), accuracy=self.exact)
        clear_caches()
        with pytest.raises(ZeroDivisionError):
            run_part(problem, X1, X2, methods=("direct",), accuracy=self.exact)


def test_classes_are_ordered():
    exact, componentwise, none = (Accuracy(n) for n in ("exact", "componentwise", "none"))
    one, two = Accuracy("normwise", 1), Accuracy("normwise", 2)
    order = [exact, componentwise, one, two, none]
    for i, a in enumerate(order):
        assert [a.keeps(b) for b in order] == [j >= i for j in range(len(order))]
