"""The part of nvidia-cudnn-frontend that the backend uses, by cuDNN's definitions in NumPy.

A forward convolution is y[n,k,p] = sum over c, r of x[n,c,p*stride-pre+r*dilation] w[k,c,r] over
the channels c of k's group, with zeros beyond x; the gradients are its adjoints.
"""

import ctypes
import itertools
from enum import Enum
from math import prod
from types import ModuleType

import ml_dtypes
import numpy as np

__all__ = ["make"]

DTYPES = {
    "HALF": np.dtype("float16"),
    "BFLOAT16": np.dtype(ml_dtypes.bfloat16),
    "FLOAT": np.dtype("float32"),
    "DOUBLE": np.dtype("float64"),
}
NOTES = "TENSOR_CORE DOWN_CONVERT_INPUTS REDUCED_PRECISION_REDUCTION FFT WINOGRAD"
NOTES += " WINOGRAD_TILE_4x4 WINOGRAD_TILE_6x6 WINOGRAD_TILE_13x13"
ALIGNMENT = 16


class cudnnGraphNotSupportedError(Exception):  # noqa: N801
    """As cuDNN's frontend names it."""


class Tensor:
    def __init__(self, dim=None, stride=None, data_type=None):
        self.dim, self.stride, self.data_type, self.output = dim, stride, data_type, False

    def set_output(self, output):
        self.output = output
        return self

    def set_data_type(self, data_type):
        self.data_type = data_type
        return self

    def set_dim(self, dim):
        self.dim = dim
        return self

    def set_stride(self, stride):
        self.stride = stride
        return self

    def at(self, address):
        """The array at a device address."""
        assert address % ALIGNMENT == 0, "cuDNN takes aligned addresses for granted"
        dtype = DTYPES[self.data_type.name]
        memory = (ctypes.c_char * (prod(self.dim) * dtype.itemsize)).from_address(address)
        strides = [step * dtype.itemsize for step in self.stride]
        return np.ndarray(self.dim, dtype, memory, strides=strides)


class Graph:
    planned = 0

    def __init__(self, io_data_type, intermediate_data_type, compute_data_type, handle):
        assert intermediate_data_type is compute_data_type
        self.handle, self.made, self.notes, self.bias_of = handle, None, (), None
        self.steps = []

    def tensor(self, dim, stride, data_type):
        dense = 1
        for size, step in sorted(zip(dim, stride, strict=True), key=lambda pair: pair[::-1]):
            assert size == 1 or step == dense, "not packed"
            dense *= size
        return Tensor(dim, stride, data_type)

    def conv_fprop(self, image, weight, **numbers):
        return self._made(_forward, image, weight, numbers)

    def conv_dgrad(self, loss, filter, **numbers):  # noqa: A002
        return self._made(_image_gradient, loss, filter, numbers)

    def conv_wgrad(self, image, loss, **numbers):
        return self._made(_filter_gradient, image, loss, numbers)

    def _made(self, function, a, b, numbers):
        assert self.made is None
        self.made = Tensor()
        self.inputs, self.function, self.numbers = [a, b], function, numbers
        return self.made

    def bias(self, input, bias, compute_data_type):  # noqa: A002
        assert input is self.made
        assert input.data_type is compute_data_type
        assert bias.dim == [1, input.dim[1], *(1 for _ in input.dim[2:])]
        self.inputs.append(bias)
        self.conv, self.made = input, Tensor()
        return self.made

    def validate(self):
        self._step("validate")
        assert self.made.output
        assert len(self.made.stride) == len(self.made.dim)
        assert all(n >= 0 for k in ("pre_padding", "post_padding") for n in self.numbers[k])
        assert all(n > 0 for k in ("stride", "dilation") for n in self.numbers[k])
        dims = _dims(self.function, *(t.dim for t in self.inputs[:2]), self.made.dim)
        _check(*dims, self.numbers)

    def build_operation_graph(self):
        self._step("operations")

    def create_execution_plans(self, modes):
        assert [mode.name for mode in modes] == ["A", "FALLBACK"]
        self._step("plans")

    def deselect_numeric_notes(self, notes):
        assert self.steps[-1] == "plans", "notes bar plans that are there"
        self.notes = {note.name for note in notes}

    def deselect_workspace_greater_than(self, _bytes):
        assert self.steps[-1] == "plans"

    def check_support(self):
        self._step("support")
        if any(note.startswith("WINOGRAD") for note in self.notes) is not bool(self.notes):
            raise AssertionError(f"some reductions were left: {self.notes}")

    def build_plans(self, policy):
        assert policy.name == "HEURISTICS_CHOICE"
        self._step("built")
        Graph.planned += 1

    def _step(self, name):
        order = ["validate", "operations", "plans", "support", "built"]
        assert order.index(name) == len(self.steps), f"{name} after {self.steps}"
        self.steps.append(name)

    def get_workspace_size(self):
        return 128

    def execute(self, places, workspace, handle):
        assert self.steps[-1] == "built"
        assert workspace
        assert handle is self.handle
        arrays = {tensor: tensor.at(address) for tensor, address in places.items()}
        assert set(arrays) == {*self.inputs, self.made}
        # A wide float stands for the accumulator: no bound is missed by summing better.
        a, b, *bias = (arrays[tensor].astype(np.float64) for tensor in self.inputs)
        numbers = {k: v for k, v in self.numbers.items() if k != "compute_data_type"}
        shape = self.made.dim
        y = self.function(a, b, shape, numbers)
        for each in bias:
            y = y + each
        arrays[self.made][...] = y


def _dims(function, a, b, y):
    """Shapes of the image, the filter and the output of the forward convolution."""
    return {_forward: (a, b, y), _image_gradient: (y, b, a), _filter_gradient: (a, y, b)}[function]


def _check(image, weight, output, numbers):
    assert output[0] == image[0]
    assert output[1] == weight[0]
    assert image[1] % weight[1] == 0
    assert weight[0] % (image[1] // weight[1]) == 0
    each = (numbers[k] for k in ("pre_padding", "post_padding", "stride", "dilation"))
    for size, taps, out, *axis in zip(image[2:], weight[2:], output[2:], *each, strict=True):
        pre, post, stride, dilation = axis
        extent = size + pre + post - dilation * (taps - 1) - 1
        assert extent >= 0, "cuDNN's filter does not fit"
        assert out == extent // stride + 1, "cuDNN computes another size"


def _padded(x, numbers):
    pads = zip(numbers["pre_padding"], numbers["post_padding"], strict=True)
    return np.pad(x, [(0, 0), (0, 0), *pads])


def _windows(taps, out, numbers):
    """For each tap the padded samples that it meets."""
    for tap in itertools.product(*map(range, taps)):
        along = zip(tap, out, numbers["stride"], numbers["dilation"], strict=True)
        met = tuple(slice(k * d, k * d + (n - 1) * s + 1, s) for k, n, s, d in along)
        yield (..., *tap), (..., *met)


def _grouped(x, groups):
    return x.reshape(x.shape[0], groups, x.shape[1] // groups, *x.shape[2:])


def _forward(x, w, shape, numbers):
    groups = x.shape[1] // w.shape[1]
    x, y = _grouped(_padded(x, numbers), groups), 0
    w = w.reshape(groups, -1, *w.shape[1:])
    for tap, met in _windows(w.shape[3:], shape[2:], numbers):
        y = y + np.einsum("ngc...,goc->ngo...", x[met], w[tap])
    return y.reshape(shape)


def _image_gradient(loss, w, shape, numbers):
    groups = shape[1] // w.shape[1]
    x = _grouped(_padded(np.zeros(shape), numbers), groups)
    w, loss = w.reshape(groups, -1, *w.shape[1:]), _grouped(loss, groups)
    for tap, met in _windows(w.shape[3:], loss.shape[3:], numbers):
        x[met] += np.einsum("ngo...,goc->ngc...", loss, w[tap])
    pads = zip(numbers["pre_padding"], shape[2:], strict=True)
    return x[(..., *(slice(lo, lo + n) for lo, n in pads))].reshape(shape)


def _filter_gradient(x, loss, shape, numbers):
    groups = x.shape[1] // shape[1]
    x, loss = _grouped(_padded(x, numbers), groups), _grouped(loss, groups)
    w = np.zeros((groups, loss.shape[2], *shape[1:]))
    for tap, met in _windows(shape[2:], loss.shape[3:], numbers):
        parts = (each.reshape(*each.shape[:3], -1) for each in (loss, x[met]))
        w[tap] = np.einsum("ngop,ngcp->goc", *parts)
    return w.reshape(shape)


def make(version=92801):
    """The module; without a version there is a frontend, but no cuDNN for it."""

    def backend_version():
        if version is None:
            raise RuntimeError("Unable to find symbol cudnnGetVersion")
        return version

    def set_stream(handle, stream):
        assert isinstance(handle, Handle)
        assert stream is not None

    class Handle:
        """One for each device."""

    module = ModuleType("cudnn")
    module.__dict__.update(
        backend_version=backend_version,
        create_handle=Handle,
        set_stream=set_stream,
        pygraph=Graph,
        cudnnGraphNotSupportedError=cudnnGraphNotSupportedError,
        data_type=Enum("data_type", list(DTYPES)),
        numerical_note=Enum("numerical_note", NOTES),
        heur_mode=Enum("heur_mode", "A B FALLBACK"),
        build_plan_policy=Enum("build_plan_policy", "HEURISTICS_CHOICE ALL"),
    )
    return module
