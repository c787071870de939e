import contextlib
import os
import subprocess
import sys
from types import SimpleNamespace

import pytest
from fake_library import Plugin, TinyBackend

import convcore
from convcore._registry import GROUP, Registry
from convcore._registry import registry as the_registry
from convcore.plugins import clear_caches, hookimpl

GOOD = Plugin(TinyBackend())


class Misspelt:
    @hookimpl
    def convcore_backends(self):
        return TinyBackend()


class WrongSignature:
    @hookimpl
    def convcore_backend(self, device):
        return TinyBackend()


class NoHook:
    def convcore_backend(self):
        return TinyBackend()


class Raises:
    @hookimpl
    def convcore_backend(self):
        raise RuntimeError("driver too old")


HALF = TinyBackend("bad")
HALF.surely = HALF.give_back = None


class FakePoint(SimpleNamespace):
    """An entry point: a name, and what loading it gives or raises."""

    module = "a_module_that_nobody_has_imported"

    def load(self):
        if isinstance(self.value, BaseException):
            raise self.value
        return self.value


def point(name, value, dist="stranger"):
    return FakePoint(
        name=name, value=value, dist=None if dist is None else SimpleNamespace(name=dist)
    )


def loaded(*points, disabled=()):
    registry = Registry()
    registry.load(points, disabled)
    return registry


def test_a_good_plugin_is_available():
    info = loaded(point("tiny", GOOD)).info()["tiny"]
    assert (info.name, info.available, info.reason) == ("tiny", True, "")
    assert (info.distribution, info.version, info.devices) == ("stranger", "1.0", ("left", "right"))
    assert info.capabilities.methods == ("direct", "fft")


FAULTS = {
    "import error": (ImportError("no module named 'libtiny'"), ("ImportError", "libtiny")),
    "any error": (ZeroDivisionError("1/0"), ("ZeroDivisionError",)),
    "system error": (SystemError("bad binary"), ("SystemError", "bad binary")),
    "misspelt hook": (Misspelt(), ("bad", "convcore_backends")),
    "wrong signature": (WrongSignature(), ("bad", "convcore_backend", "device")),
    "no hook": (NoHook(), ("'bad'", "no hook 'convcore_backend'")),
    "hook that raises": (Raises(), ("RuntimeError", "driver too old")),
    "hook that returns nothing": (Plugin(None), ("'bad'", "convcore_backend")),
    "hook that returns no backend": (Plugin("tiny"), ("lacks name, ", "capabilities")),
    "hook that returns half a backend": (Plugin(HALF), ("lacks surely, give_back;",)),
    "hook that returns a class": (Plugin(TinyBackend), ("a class", "capabilities")),
    "backend of another name": (Plugin(TinyBackend()), ("'bad'", "'tiny'", "entry point")),
    "no plugin at all": (None, ("bad",)),
}


@pytest.mark.parametrize(("value", "says"), FAULTS.values(), ids=FAULTS)
def test_a_faulty_plugin_is_reported_and_harms_no_other(value, says):
    for points in (
        [point("bad", value), point("tiny", GOOD)],
        [point("tiny", GOOD), point("bad", value)],
    ):
        registry = loaded(*points)
        info = registry.info()
        assert set(info) == {"bad", "tiny"}
        assert info["tiny"].available
        bad = info["bad"]
        assert (bad.available, bad.capabilities, bad.version, bad.devices) == (False, None, "", ())
        assert bad.distribution == "stranger"
        for part in says:
            assert part in bad.reason
        with pytest.raises(convcore.BackendError, match="'bad' is unavailable"):
            registry.get("bad")
        assert registry.get("tiny") is GOOD.backend


def test_a_plugin_that_imports_convcore_first_is_registered_when_it_is_whole():
    """Its module is there when convcore looks for plugins, but not yet what is in it."""
    begun = point("tiny", AttributeError("partially initialized module"))
    begun.module = __name__
    registry = Registry()
    registry.load([begun])
    begun.value = GOOD
    assert registry.info()["tiny"].available
    assert not registry.faults


@pytest.mark.numpy_backend
def test_a_backend_may_be_imported_before_convcore():
    code = "import convcore_numpy, convcore; print(convcore.convolve([1, 2], [3]))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout == "[3 6]\n", done.stderr


def test_a_taken_name_keeps_its_first_backend():
    second = Plugin(TinyBackend())
    registry = loaded(point("tiny", GOOD, "first"), point("tiny", second, "second"))
    assert registry.get("tiny") is GOOD.backend
    assert registry.info()["tiny"].distribution == "first"
    (fault,) = (i for i in registry.info().values() if not i.available)
    assert (fault.name, fault.distribution) == ("tiny", "second")
    assert "'first'" in fault.reason
    assert set(registry.info()) == {"tiny", "tiny (second)"}


def test_an_unavailable_library_shows_its_reason_when_asked():
    backend = TinyBackend()
    registry = loaded(point("tiny", Plugin(backend)))
    backend.absent = OSError("libcuda.so not found")
    info = registry.info()["tiny"]
    assert (info.available, info.reason) == (False, "OSError: libcuda.so not found")
    with pytest.raises(convcore.BackendError, match=r"tiny.*libcuda\.so"):
        registry.get("tiny")
    backend.absent = None
    assert registry.info()["tiny"].available


@pytest.mark.parametrize("look", [Registry.forget_missing, lambda registry: registry.get("tiny")])
def test_a_library_that_cannot_be_imported_is_looked_for_once(look):
    """Until it is asked for by name, or the caches are cleared."""
    backend = TinyBackend()
    registry = loaded(point("tiny", Plugin(backend)))
    backend.absent = ImportError("no module named 'libtiny'")
    assert "libtiny" in registry.info()["tiny"].reason
    backend.absent = None
    assert "libtiny" in registry.info()["tiny"].reason
    look(registry)
    assert registry.info()["tiny"].available


def test_clearing_the_caches_looks_for_libraries_again(tiny):
    tiny.absent = ImportError("no module named 'libtiny'")
    assert not convcore.backends()["tiny"].available
    tiny.absent = None
    clear_caches()
    assert convcore.backends()["tiny"].available


def test_the_next_backend_of_a_name_is_looked_for_anew():
    absent, present = TinyBackend(), TinyBackend()
    absent.absent = ImportError("no module named 'libtiny'")
    registry = loaded(point("tiny", Plugin(absent)))
    assert not registry.info()["tiny"].available
    registry.unregister("tiny")
    registry.register("tiny", Plugin(present), "another")
    assert registry.info()["tiny"].available


def test_a_backend_is_got_without_asking_the_others():
    other = TinyBackend("other")
    other.absent = SystemExit("asked")
    registry = loaded(point("other", Plugin(other)), point("tiny", GOOD))
    assert registry.get("tiny") is GOOD.backend
    with pytest.raises(SystemExit, match="asked"):
        registry.info()


@pytest.mark.parametrize("odd", ["tiny", TinyBackend, object()], ids=["text", "class", "object"])
def test_a_plugin_that_is_no_backend_breaks_no_call(odd):
    with contextlib.suppress(convcore.BackendError):
        the_registry.register("odd", Plugin(odd), "the tests")
    clear_caches()
    try:
        assert convcore.convolve([1, 2], [1, 1]).tolist() == [1, 3, 2]
    finally:
        if "odd" in the_registry.found:
            the_registry.unregister("odd")
        clear_caches()


@pytest.mark.parametrize(
    ("disabled", "left"),
    [
        ((), {"tiny", "mine", "lost"}),
        (("tiny",), {"mine", "lost"}),
        (("tiny", "mine", "lost"), set()),
        (("third-party",), {"mine"}),
        (("third-party", "mine"), set()),
        (("other",), {"tiny", "mine", "lost"}),
    ],
)
def test_disabled_plugins_are_not_loaded(disabled, left):
    points = [
        point("tiny", GOOD),
        point("mine", Plugin(TinyBackend("mine")), "convcore"),
        point("lost", Plugin(TinyBackend("lost")), None),
    ]
    registry = loaded(*points, disabled=disabled)
    assert {name for name, info in registry.info().items() if info.available} == left
    for name in {"tiny", "mine", "lost"} - left:
        assert "CONVCORE_DISABLE_PLUGINS" in registry.info()[name].reason


def test_a_disabled_plugin_is_not_even_imported():
    loaded(point("tiny", KeyboardInterrupt()), disabled=["tiny"])


def test_what_is_unregistered_is_gone_and_may_come_again():
    registry = loaded(point("tiny", GOOD), point("other", Plugin(TinyBackend("other"))))
    for _ in range(2):
        registry.unregister("tiny")
        assert set(registry.info()) == {"other"}
        assert len(registry.compilers) == 1
        with pytest.raises(convcore.BackendError, match=r"'tiny'.*not registered.*'other'"):
            registry.unregister("tiny")
        registry.register("tiny", GOOD, "stranger")
        assert len(registry.compilers) == 2


def test_an_unknown_name_lists_the_known():
    with pytest.raises(convcore.BackendError, match=r"'nope'.*'tiny'"):
        loaded(point("tiny", GOOD)).get("nope")


@pytest.mark.numpy_backend
def test_the_table_is_read_only():
    with pytest.raises(TypeError):
        convcore.backends()["numpy"] = None
    assert convcore.backends()["numpy"].capabilities.devices == ("cpu",)
    assert GROUP == "convcore.backends"


def run(code, disable):
    environment = {**os.environ, "CONVCORE_DISABLE_PLUGINS": disable}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.split("\n")[:-1]


VALUES = """
import numpy as np, convcore
x, w = np.arange(40.0), np.ones(7)
print(convcore.backends()["numpy"].available)
print(convcore.plan("convolve", x, w).backend.rpartition(".")[2])
for y in (
    convcore.convolve(x, w),
    convcore.convolve([1, 2], [1, 1]),
    convcore.convolve(x[:5], [1j]),
    convcore.conv(x.reshape(1, 1, 40), [[[1, 2]]], [3], stride=2, padding="same"),
):
    print(type(y).__name__, y.dtype, y.tolist())
"""
REFUSED = """
import warnings; warnings.simplefilter("ignore")
import numpy as np, convcore
for x in (np.ma.array([1.0, 2.0], mask=[0, 1]), np.matrix([[1.0]]), np.ones(2, bool)):
    try:
        convcore.convolve(x, np.ones((1,) * x.ndim))
    except convcore.ConvcoreError as error:
        print(type(error).__name__)
    else:
        print("accepted")
"""


@pytest.mark.numpy_backend
@pytest.mark.parametrize("disable", ["numpy", " numpy , third-party", "third-party"])
def test_numpy_arrays_run_portably_without_their_plugin(disable):
    default, other = run(VALUES, ""), run(VALUES, disable)
    assert default[:2] == ["True", "numpy"]
    assert other[0] == str("numpy" not in disable)
    assert other[2:] == default[2:]
    assert len(default) == 6


@pytest.mark.parametrize("disable", ["", "numpy"])
def test_masks_and_matrices_are_refused_with_and_without_numpys_plugin(disable):
    assert run(REFUSED, disable) == ["ArrayTypeError", "ArrayTypeError", "DTypeError"]
