import array_api_strict as strict
import numpy as np
import pytest
from bad_calls import X1, X2
from fake_library import Tinier, Tiny, TinyBackend, Tracer, Unit

import convcore
from convcore import BackendError, DeviceError, DTypeError, MethodError, _dispatch
from convcore.plugins import clear_caches

WANTED = np.convolve(X1, X2)


def check(y, device="left"):
    assert type(y) is Tiny
    assert y.device == device
    np.testing.assert_allclose(y.samples, WANTED, rtol=1e-15)


def test_array_is_served_by_the_backend_that_names_its_class(tiny):
    for _ in range(2):
        check(convcore.convolve(Tiny(X1), Tiny(X2)))
    assert tiny.ran == 2


def test_tracer_is_dispatched_by_isinstance(tiny):
    assert Tiny not in type(Tracer(X1)).__mro__
    for x, w in ((Tracer(X1), Tracer(X2)), (Tracer(X1), Tiny(X2)), (Tiny(X1), Tracer(X2))):
        check(convcore.convolve(x, w))
    assert tiny.ran == 3


@pytest.mark.usefixtures("tiny")
def test_weak_operand_takes_library_and_device():
    check(convcore.convolve(Tiny(X1, "right"), [1, 1.0, 1]), "right")
    check(convcore.convolve(X1.tolist(), Tiny(X2, "right")), "right")


def test_the_nearest_class_wins(register, tiny):
    nearer = register(TinyBackend("tinier", ("fake_library.Tinier",)))
    further = type("Tiniest", (Tinier,), {})
    for cls, backend in ((Tiny, tiny), (Tinier, nearer), (further, nearer)):
        before = backend.ran
        convcore.convolve(cls(X1), cls(X2))
        assert backend.ran == before + 1
    with pytest.raises(
        convcore.ArrayTypeError, match="x1 is an array of tiny and x2 one of tinier"
    ):
        convcore.convolve(Tiny(X1), Tinier(X2))


@pytest.mark.numpy_backend
def test_a_plugin_may_claim_a_subclass_of_numpys_array(register):
    unit = register(TinyBackend("unit", ("fake_library.Unit",)))
    unit.device = lambda x: None
    assert convcore.plan("convolve", X1.view(Unit), X2.view(Unit)).backend == "unit"
    assert convcore.plan("convolve", X1, X2).backend == "numpy"


def test_refused_class_says_what_to_do(tiny):
    tiny.refused_types = {"fake_library.Tinier": "call its .plain()"}
    for _ in range(2):
        with pytest.raises(convcore.ArrayTypeError, match=r"x2 .*fake_library\.Tinier.*plain"):
            convcore.convolve(Tiny(X1), Tinier(X2))


@pytest.mark.usefixtures("tiny")
def test_devices():
    for device in ("left", "right", "left"):
        check(convcore.convolve(Tiny(X1, device), Tiny(X2, device)), device)
    for _ in range(2):
        with pytest.raises(DeviceError, match="x1 is on device left and x2 on right"):
            convcore.convolve(Tiny(X1), Tiny(X2, "right"))
    with pytest.raises(DeviceError, match="x is on device left and bias on right"):
        convcore.conv(Tiny([[1.0]]), Tiny([[[1.0]]]), Tiny([1.0], "right"))


def test_no_run_is_cached_while_tracing(tiny, monkeypatch):
    x, w = Tiny(X1), Tiny(X2)
    tiny.is_tracing = True
    for _ in range(2):
        check(convcore.convolve(x, w))
    assert not _dispatch._RUNS
    tiny.is_tracing = False
    check(convcore.convolve(x, w))
    assert len(_dispatch._RUNS) == 1
    monkeypatch.setattr(_dispatch, "make_plan", lambda *_: 1 / 0)
    check(convcore.convolve(x, w))
    tiny.is_tracing = True
    with pytest.raises(ZeroDivisionError):
        convcore.convolve(x, w)


def test_options_reach_a_traced_call(tiny):
    tiny.is_tracing = True
    with convcore.use(method="fft"):
        assert convcore.plan("convolve", Tiny(X1), Tiny(X2)).method == "fft"
    with convcore.use(method="native"), pytest.raises(MethodError, match="native"):
        convcore.convolve(Tiny(X1), Tiny(X2))


@pytest.mark.parametrize("hook", ["methods", "lower"])
def test_a_backend_that_fails_while_planning_is_named(tiny, hook, monkeypatch):
    def broken(*_):
        raise KeyError("no such kernel")

    monkeypatch.setattr(tiny, hook, broken)
    for _ in range(2):
        with pytest.raises(BackendError, match=r"'tiny'.*no such kernel") as caught:
            convcore.convolve(Tiny(X1), Tiny(X2))
        assert isinstance(caught.value.__cause__, KeyError)
    assert not _dispatch._RUNS


@pytest.mark.parametrize("error", [MethodError("none serves"), MemoryError()])
def test_a_backends_own_refusal_passes_through(tiny, error, monkeypatch):
    def refuses(*_):
        raise error

    monkeypatch.setattr(tiny, "lower", refuses)
    with pytest.raises(type(error)) as caught:
        convcore.convolve(Tiny(X1), Tiny(X2))
    assert caught.value is error


def test_array_without_a_backend_runs_portably():
    y = convcore.convolve(strict.asarray(X1), strict.asarray(X2))
    assert y.__array_namespace__() is strict
    np.testing.assert_allclose(np.from_dlpack(y), WANTED, rtol=1e-15)


@pytest.mark.numpy_backend
@pytest.mark.parametrize("spell", ["keyword", "use"])
@pytest.mark.parametrize("backend", ["numpy", "array_api", "tiny"])
@pytest.mark.parametrize("library", [np, strict], ids=["numpy", "strict"])
def test_borrowing(tiny, library, backend, spell):
    x, w = library.asarray(X1), library.asarray(X2)
    for _ in range(2):
        if spell == "keyword":
            y = convcore.convolve(x, w, backend=backend)
        else:
            with convcore.use(backend=backend):
                y = convcore.convolve(x, w)
        assert type(y) is type(x)
        np.testing.assert_allclose(np.from_dlpack(y), WANTED, rtol=1e-15)
    assert tiny.ran == 2 * (backend == "tiny")
    assert tiny.lent == [None] * 4 * (backend == "tiny")


def test_borrowing_names_a_device(tiny):
    with convcore.use(backend="tiny", device="right"):
        np.testing.assert_allclose(convcore.convolve(X1, X2), WANTED)
        assert convcore.plan("convolve", X1, X2).device == "right"
    assert tiny.lent == ["right"] * 2
    with (
        convcore.use(backend="tiny", device="up"),
        pytest.raises(DeviceError, match=r"'up'.*'tiny'.*'left', 'right'"),
    ):
        convcore.convolve(X1, X2)


def test_nothing_is_lent_to_the_arrays_own_backend(tiny):
    check(convcore.convolve(Tiny(X1), Tiny(X2), backend="tiny"))
    assert tiny.lent == []


@pytest.mark.numpy_backend
@pytest.mark.parametrize(
    "odd",
    [lambda a: a[::-1].copy()[::-1], lambda a: a.astype(">f8")],
    ids=["negative", "big-endian"],
)
def test_odd_memory_can_be_lent(tiny, odd):
    for backend in ("array_api", "tiny", "numpy"):
        np.testing.assert_allclose(convcore.convolve(odd(X1), odd(X2), backend=backend), WANTED)
    assert tiny.ran == 1


def test_result_dtype_beyond_the_borrowed_backend(tiny):
    tiny.dtypes = ("float64",)
    clear_caches()
    with pytest.raises(DTypeError, match="float32"):
        convcore.convolve(X1.astype("f4"), X2.astype("f4"), backend="tiny")


@pytest.mark.numpy_backend
def test_unavailable_backend_says_why(tiny):
    tiny.absent = ImportError("no module named 'tiny_library'")
    for _ in range(2):
        with pytest.raises(BackendError, match=r"'tiny'.*tiny_library.*numpy"):
            convcore.convolve(X1, X2, backend="tiny")


@pytest.mark.numpy_backend
def test_unknown_backend_lists_those_that_can_be_used(tiny):
    tiny.absent = ImportError("no module named 'tiny_library'")
    with pytest.raises(BackendError, match=r"'nope'.*allowed are.*'numpy'") as caught:
        convcore.convolve(X1, X2, backend="nope")
    assert "tiny" not in str(caught.value)
