"""CuPy's interface over NumPy, with kernels on the CPU, stricter than CuPy itself.

An array lies on one of two devices and may be computed with on that alone; whatever would wait for
a device is counted; nothing becomes a NumPy array behind the caller's back.
"""

import operator
import sys
from contextlib import contextmanager
from types import ModuleType, SimpleNamespace

import cuda_on_cpu
import numpy as np

from convcore.plugins import clear_caches

__all__ = ["installed", "state"]

_MOST_BLOCKS = 2**31 - 1
_MOST_THREADS = 1024
_CUDA = 2

state = SimpleNamespace(device=0, waits=0, launches=[], backwards=False)
"""The current device, how often the host waited, (kernel, grid) launched, the threads' order."""


class Device:
    def __init__(self, device=None):
        self.id = state.device if device is None else int(device)

    def __int__(self):
        return self.id

    def __eq__(self, other):
        return isinstance(other, Device) and self.id == other.id

    def __hash__(self):
        return hash(self.id)

    def __repr__(self):
        return f"<CUDA Device {self.id}>"

    def __enter__(self):
        self.before, state.device = state.device, self.id
        return self

    def __exit__(self, *_):
        state.device = self.before


class ndarray:  # noqa: N801
    """An array on a device: what the backend and the suite use of cupy.ndarray."""

    def __init__(self, host, device=None):
        self._host = host
        index = state.device if device is None else device
        address = host.__array_interface__["data"][0]
        self.data = SimpleNamespace(ptr=address, device_id=index)

    shape = property(lambda self: self._host.shape)
    dtype = property(lambda self: self._host.dtype)
    ndim = property(lambda self: self._host.ndim)
    size = property(lambda self: self._host.size)
    strides = property(lambda self: self._host.strides)
    itemsize = property(lambda self: self._host.itemsize)
    nbytes = property(lambda self: self._host.nbytes)
    device = property(lambda self: Device(self.data.device_id))

    def get(self):
        _wait()
        return self._host.copy()

    def copy(self):
        """Onto the current device, from whichever it lies on."""
        return ndarray(self._host.copy(), state.device)

    def astype(self, dtype, copy=True):
        return lifted(self._host.astype)(dtype, copy=copy) if _here(self) else None

    def reshape(self, *shape):
        return ndarray(self._host.reshape(*shape), self.data.device_id)

    def __getitem__(self, index):
        _no_mask(index)
        return ndarray(np.asarray(self._host[index]), self.data.device_id)

    def __setitem__(self, index, value):
        _no_mask(index)
        _here(self)
        self._host[index] = _bare(value)

    def __array__(self, *_, **__):
        raise TypeError("Implicit conversion to a NumPy array is not allowed")

    def __dlpack_device__(self):
        return (_CUDA, self.data.device_id)

    def __dlpack__(self, **_):
        raise AssertionError("the fake exports nothing")

    def __len__(self):
        return len(self._host)


def _waiting(convert):
    def converted(self):
        _wait()
        return convert(self._host)

    return converted


def _operator(function):
    return lambda *arrays: lifted(function)(*arrays)


def _reflected(function):
    return lambda a, b: lifted(function)(b, a)


_CONVERSIONS = {"bool": bool, "int": int, "float": float, "complex": complex}
_BINARY = ["add", "sub", "mul", "mod", "floordiv", "and_", "or_", "xor", "lshift", "rshift"]
_COMPARISONS = ["lt", "le", "gt", "ge", "eq", "ne"]
for _name, _convert in {**_CONVERSIONS, "index": operator.index}.items():
    setattr(ndarray, f"__{_name}__", _waiting(_convert))
for _name in [*_BINARY, *_COMPARISONS, "neg", "pos", "invert", "abs"]:
    setattr(ndarray, f"__{_name.rstrip('_')}__", _operator(getattr(operator, _name)))
for _name in _BINARY:
    setattr(ndarray, f"__r{_name.rstrip('_')}__", _reflected(getattr(operator, _name)))
ndarray.__module__ = "cupy"
ndarray.__hash__ = object.__hash__


def _wait():
    state.waits += 1


def _no_mask(index):
    for part in index if isinstance(index, tuple) else (index,):
        if isinstance(part, ndarray) and part.dtype == bool:
            _wait()  # for how many it selects


def _here(array):
    assert array.data.device_id == state.device, f"{array.device} is not current: {Device()} is"
    return True


def _bare(value):
    """NumPy's arguments of an operation on the current device."""
    if isinstance(value, ndarray):
        _here(value)
        return value._host
    if isinstance(value, np.ndarray):
        raise TypeError("Unsupported type <class 'numpy.ndarray'>")
    if isinstance(value, list | tuple):
        return type(value)(map(_bare, value))
    return value


def _wrapped(value):
    if isinstance(value, np.ndarray | np.generic):
        return ndarray(np.asarray(value))
    return type(value)(map(_wrapped, value)) if isinstance(value, list | tuple) else value


def lifted(function):
    """A function of NumPy's as one on the current device."""

    def call(*args, **kwargs):
        return _wrapped(function(*_bare(args), **{k: _bare(v) for k, v in kwargs.items()}))

    call.__signature__ = None
    return call


class RawKernel:
    def __init__(self, code, name, options=()):
        assert isinstance(code, str)
        assert isinstance(name, str)
        assert isinstance(options, tuple)
        self._code, self._name = code, name

    def __call__(self, grid, block, args, *, shared_mem=0):
        assert shared_mem == 0
        assert 0 < np.prod(grid) <= _MOST_BLOCKS
        assert 0 < np.prod(block) <= _MOST_THREADS
        state.launches.append((self._name, grid[0]))
        passed = [_argument(a) for a in args]
        cuda_on_cpu.launch(self._code, self._name, grid, block, passed, backwards=state.backwards)


def _argument(value):
    """A pointer, or an array of one element by value."""
    if isinstance(value, ndarray):
        _here(value)
        return value.data.ptr
    if isinstance(value, np.ndarray) and value.size == 1:
        return value
    raise TypeError(f"a kernel was passed {value!r}")


class Event:
    def __init__(self, disable_timing=False):
        assert disable_timing
        self.recorded = None

    def record(self):
        self.recorded = state.device


class _Stream:
    ptr = 0

    def __init__(self):
        self.device = state.device

    def wait_event(self, event):
        assert event.recorded is not None
        assert event.recorded != self.device


def _asarray(values, dtype=None, **_):
    """As CuPy's: a list, a NumPy array or an array; on the current device."""
    if isinstance(values, ndarray):
        moved = values if values.data.device_id == state.device else values.copy()
        return moved if dtype is None else moved.astype(dtype, copy=False)
    return ndarray(np.array(values, dtype=dtype, order="C"))


def _array(values, dtype=None, copy=True, **_):
    made = _asarray(values, dtype)
    return made.copy() if copy and made is values else made


def _from_dlpack(x):
    """Another library's array that lies on a device, in the same memory."""
    kind, index = x.__dlpack_device__()
    assert kind == _CUDA, "CuPy takes arrays on devices only"
    return ndarray(x.memory, index)


def _asnumpy(x):
    _here(x)
    return x.get()


def _module(name, members):
    module = ModuleType(name)
    module.__dict__.update(members)
    return module


def _lifted_members(module):
    names = [n for n in dir(module) if not n.startswith("_")]
    members = {name: getattr(module, name) for name in names}
    plain = {n: m for n, m in members.items() if isinstance(m, type) or not callable(m)}
    functions = {n: lifted(m) for n, m in members.items() if n not in plain}
    return {n: m for n, m in plain.items() if not isinstance(m, ModuleType)} | functions


def _modules():
    """CuPy's modules by name."""
    members = _lifted_members(np)
    fft, linalg = (_module(f"cupy.{m}", _lifted_members(getattr(np, m))) for m in ("fft", "linalg"))
    fft.config = None
    device = _module("cupy.cuda.device", {"Device": Device})
    cuda = _module(
        "cupy.cuda",
        {
            "Device": Device,
            "device": device,
            "Event": Event,
            "get_current_stream": _Stream,
            "runtime": SimpleNamespace(getDeviceCount=lambda: 2),
        },
    )
    own = {"ndarray": ndarray, "RawKernel": RawKernel, "cuda": cuda, "fft": fft, "linalg": linalg}
    own |= {"asarray": _asarray, "array": _array, "asnumpy": _asnumpy, "from_dlpack": _from_dlpack}
    root = _module("cupy", {**members, **own, "__version__": "14.2.0", "bool": np.bool})
    return {m.__name__: m for m in (root, cuda, device, fft, linalg)}


_BOUND = ("cupy", "cudnn", "array_api_compat.cupy", "convcore_cupy._")


def _take_out():
    """Remove the modules that have bound a CuPy, from their packages too, and give them back."""
    names = [n for n in sys.modules if n.startswith(_BOUND) and n != "convcore_cupy._backend"]
    taken = {name: sys.modules.pop(name) for name in names}
    for name in names:
        package, _, own = name.rpartition(".")
        if package in sys.modules:
            vars(sys.modules[package]).pop(own, None)
    return taken


def _put_back(modules):
    sys.modules.update(modules)
    for name, module in modules.items():
        package, _, own = name.rpartition(".")
        if package in sys.modules:
            setattr(sys.modules[package], own, module)


@contextmanager
def installed(cudnn=None):
    """In place of CuPy, whether there is one or not; with a cuDNN frontend, or without."""
    before = _take_out()
    sys.modules.update({**_modules(), "cudnn": cudnn})
    clear_caches()
    try:
        yield sys.modules["cupy"]
    finally:
        _take_out()
        _put_back(before)
        clear_caches()
