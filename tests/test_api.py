import importlib
import importlib.metadata
import importlib.resources
import importlib.util
import inspect
import os
import pkgutil
import subprocess
import sys

import pytest

import convcore

SIGNAL = "(x1, x2, /, mode='full', method=None, *, axes=None, boundary='constant', fill_value=0"
COMMON = "dtype=None, precision=None, backend=None)"
OPTIONS = (
    "stride=1, padding=0, dilation=1, groups=1, layout='channels_first', boundary='constant', "
    f"fill_value=0, method=None, {COMMON}"
)
SIGNATURES = {
    "convolve": f"{SIGNAL}, {COMMON}",
    "correlate": f"{SIGNAL}, {COMMON}",
    "conv": f"(x, w, bias=None, *, {OPTIONS}",
    "conv_transpose": "(x, w, bias=None, *, stride=1, padding=0, output_padding=0, "
    "output_size=None, dilation=1, groups=1, layout='channels_first', method=None, " + COMMON,
    "conv_input_grad": f"(input_shape, w, grad, *, {OPTIONS}",
    "conv_weight_grad": f"(x, weight_shape, grad, *, {OPTIONS}",
    "lags": "(n1, n2, mode='full')",
    "plan": "(op, /, *args, **kwargs)",
    "backends": "()",
    "use": "(*, backend=None, device=None, method=None, precision=None, accuracy=None, "
    "threads=None)",
}
ERRORS = {
    "ShapeError": ValueError,
    "OptionError": ValueError,
    "MethodError": convcore.OptionError,
    "DTypeError": TypeError,
    "ArrayTypeError": TypeError,
    "DeviceError": ValueError,
    "BackendError": RuntimeError,
}
ROOT = {*SIGNATURES, *ERRORS, "Plan", "BackendInfo", "ConvcoreError", "__version__"}
TOOLS = {"convcore_benchmarks", "convcore_conformance"}
BACKENDS = [
    info.name
    for info in pkgutil.iter_modules()
    if info.name.startswith("convcore_") and info.name not in TOOLS
]
FRAMEWORKS = ("cupy", "dask", "jax", "scipy", "tensorflow", "torch")


def modules():
    for name in ["convcore", *BACKENDS]:
        yield name
        package = importlib.import_module(name)
        for info in pkgutil.walk_packages(package.__path__, f"{name}."):
            if not info.name.endswith("__main__"):
                yield info.name


MODULES = list(modules())


def load(name):
    """A module; one that needs a library which is not installed skips the test."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name.startswith("convcore"):
            raise
        pytest.skip(f"{name} needs {error.name}")


def test_root_has_these_names_and_no_others():
    assert set(convcore.__all__) == ROOT
    shown = {
        n for n, v in vars(convcore).items() if not n.startswith("_") and not inspect.ismodule(v)
    }
    assert shown | {"__version__"} == ROOT


def by_kind(name):
    """Constants, then classes, then the rest, each in alphabetical order."""
    return not name.isupper(), not name[0].isupper(), name


@pytest.mark.parametrize("name", MODULES)
def test_all_is_sorted_and_true(name):
    module = load(name)
    assert module.__all__ == sorted(set(module.__all__), key=by_kind)
    for public in module.__all__:
        assert hasattr(module, public)


@pytest.mark.parametrize("name", MODULES)
def test_public_definitions_are_in_all(name):
    module = load(name)
    defined = {
        key
        for key, value in vars(module).items()
        if not key.startswith("_") and getattr(value, "__module__", None) == name
    }
    assert defined <= set(module.__all__)


@pytest.mark.parametrize(("name", "signature"), SIGNATURES.items(), ids=SIGNATURES)
def test_signature(name, signature):
    found = inspect.signature(getattr(convcore, name))
    plain = [p.replace(annotation=p.empty) for p in found.parameters.values()]
    assert str(inspect.Signature(plain)) == signature


@pytest.mark.parametrize("name", SIGNATURES)
def test_every_parameter_is_annotated(name):
    found = inspect.signature(getattr(convcore, name))
    assert all(p.annotation is not p.empty for p in found.parameters.values())


@pytest.mark.parametrize(("name", "base"), ERRORS.items(), ids=ERRORS)
def test_errors_are_convcores_and_the_builtin_they_mean(name, base):
    error = getattr(convcore, name)
    assert issubclass(error, convcore.ConvcoreError)
    assert issubclass(error, base)
    assert error.__doc__


@pytest.mark.parametrize("name", sorted(ROOT - {"__version__"}))
def test_public_names_are_documented(name):
    assert len(inspect.getdoc(getattr(convcore, name))) > 20


@pytest.mark.parametrize("name", [n for n in SIGNATURES if n != "use"])
def test_functions_have_every_section(name):
    doc = inspect.getdoc(getattr(convcore, name))
    parameters = inspect.signature(getattr(convcore, name)).parameters
    sections = ["Returns", "Examples"] + ["Parameters", "Raises"] * bool(parameters)
    for section in sections:
        assert f"\n{section}\n{'-' * len(section)}\n" in doc
    for parameter in parameters:
        assert parameter in doc


@pytest.mark.parametrize("name", MODULES)
def test_modules_have_a_docstring(name):
    assert load(name).__doc__


def test_typed():
    assert (importlib.resources.files("convcore") / "py.typed").is_file()


def test_version_is_that_of_the_distribution():
    assert convcore.__version__ == importlib.metadata.version("convcore")


def python(*args):
    environment = {**os.environ, "PYTHONWARNINGS": "error"}
    done = subprocess.run(
        [sys.executable, *args], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_import_loads_no_framework():
    code = "import sys, convcore; print(*{name.partition('.')[0] for name in sys.modules})"
    assert {"numpy", "convcore"} <= set(python("-c", code).split())
    assert set(python("-c", code).split()) & set(FRAMEWORKS) == set()


def test_calls_on_numpy_arrays_load_no_framework():
    code = (
        "import sys, convcore; convcore.convolve([1, 2], [3]); convcore.conv([[1]], [[[2]]]); "
        "print(*{name.partition('.')[0] for name in sys.modules})"
    )
    assert set(python("-c", code).split()) & set(FRAMEWORKS) == set()


@pytest.mark.skipif(
    importlib.util.find_spec("convcore.__main__") is None, reason="there is no command yet"
)
def test_command_prints_the_backends():
    assert "numpy" in python("-m", "convcore")
