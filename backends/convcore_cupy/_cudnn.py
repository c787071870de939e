"""cuDNN's convolutions, through nvidia-cudnn-frontend where that and cuDNN are installed.

Run on an H200 with cuDNN 9.19 and its frontend 1.28.
"""

import threading
import warnings
from functools import cache, lru_cache
from typing import Any

from convcore.algorithms import from_roles, to_roles
from convcore.plugins import BackendError, ConvProblem, MethodError, Namespace, Staged, native
from convcore_cupy._calls import ROLES, Call, as_call

__all__ = ["Graph", "declare", "is_available", "lower_cudnn", "plan_graph"]

_DTYPES = {
    "float16": "HALF",
    "bfloat16": "BFLOAT16",
    "float32": "FLOAT",
    "float64": "DOUBLE",
}
# What an engine may do that is no sum of products in the accumulator.
_REDUCED = (
    "DOWN_CONVERT_INPUTS",
    "REDUCED_PRECISION_REDUCTION",
    "FFT",
    "WINOGRAD",
    "WINOGRAD_TILE_4x4",
    "WINOGRAD_TILE_6x6",
    "WINOGRAD_TILE_13x13",
)
_WORKSPACE = 64 * 2**20
_ALIGNMENT = 16  # bytes, which cuDNN takes for granted


@cache
def is_available() -> bool:
    """Whether there are a frontend and a cuDNN for it."""
    try:
        import cudnn

        cudnn.backend_version()
    except (ImportError, RuntimeError):  # no frontend; no library of cuDNN's
        return False
    return True


class Graph:
    """A convolution that cuDNN has planned for one device."""

    def __init__(self, call: Call, device: int) -> None:
        import cudnn

        self._handle, self._lock = _handle(device)
        self._graph, *self._tensors = declare(call, handle=self._handle)
        self._graph.build_operation_graph()
        self._graph.create_execution_plans([cudnn.heur_mode.A, cudnn.heur_mode.FALLBACK])
        self._graph.deselect_numeric_notes([getattr(cudnn.numerical_note, n) for n in _notes(call)])
        self._graph.deselect_workspace_greater_than(_WORKSPACE)
        self._graph.check_support()
        self._graph.build_plans(cudnn.build_plan_policy.HEURISTICS_CHOICE)
        self.workspace = max(int(self._graph.get_workspace_size()), 0)

    def execute(self, *arrays: Any) -> None:
        """Run on the current stream: operands, bias if there is one, result."""
        import cudnn
        import cupy

        room = cupy.empty((max(self.workspace, 1),), dtype="uint8")
        places = dict(zip(self._tensors, (int(a.data.ptr) for a in arrays), strict=True))
        with self._lock:  # a handle has one stream
            cudnn.set_stream(handle=self._handle, stream=cupy.cuda.get_current_stream().ptr)
            self._graph.execute(places, int(room.data.ptr), handle=self._handle)


def declare(call: Call, **options: Any) -> tuple[Any, ...]:
    """A validated graph of one convolution, and its tensors: operands, bias or not, result."""
    import cudnn

    inout = getattr(cudnn.data_type, _DTYPES[call.dtype])
    sums = cudnn.data_type.DOUBLE if call.dtype == "float64" else cudnn.data_type.FLOAT
    graph = cudnn.pygraph(
        io_data_type=inout, intermediate_data_type=sums, compute_data_type=sums, **options
    )

    def tensor(shape: tuple[int, ...]) -> Any:
        strides = _strides(shape, call.channels_last)
        return graph.tensor(dim=list(shape), stride=strides, data_type=inout)

    a, b = tensor(call.a), tensor(call.b)
    make, *names = {
        "fprop": (graph.conv_fprop, "image", "weight"),
        "dgrad": (graph.conv_dgrad, "loss", "filter"),
        "wgrad": (graph.conv_wgrad, "image", "loss"),
    }[call.op]
    y = make(
        **dict(zip(names, (a, b), strict=True)),
        pre_padding=list(call.pre),
        post_padding=list(call.post),
        stride=list(call.stride),
        dilation=list(call.dilation),
        compute_data_type=sums,
    )
    tensors = [a, b]
    if call.bias:
        y.set_data_type(sums).set_dim(list(call.y))
        y.set_stride(_strides(call.y, call.channels_last))
        tensors.append(tensor((1, call.y[1], *(1 for _ in call.y[2:]))))
        y = graph.bias(input=y, bias=tensors[-1], compute_data_type=sums)
    y.set_output(True).set_data_type(inout).set_dim(list(call.y))
    y.set_stride(_strides(call.y, call.channels_last))
    graph.validate()
    return graph, *tensors, y


@lru_cache(maxsize=1024)
def plan_graph(call: Call, device: int) -> Graph | None:
    """cuDNN's plan of a convolution, or None where it has none."""
    import cudnn

    try:
        return Graph(call, device)
    except cudnn.cudnnGraphNotSupportedError:
        return None
    except RuntimeError as error:  # not foreseen; other engines serve
        warnings.warn(f"cuDNN failed to plan {call}: {error}", RuntimeWarning, stacklevel=2)
        return None


def lower_cudnn(problem: ConvProblem, xp: Namespace) -> Staged:
    """Lower a problem that `as_call` has taken, and `plan_graph` where its arrays lie."""
    call = as_call(problem)
    if call is None:
        raise MethodError(f"engine='cudnn' does not run {problem}; allowed are other candidates")
    x_roles, w_roles, y_roles = ROLES[call.op]
    data, kernel = to_roles(problem, "x", x_roles), to_roles(problem, "w", w_roles)
    result, space = from_roles(problem, y_roles), tuple(range(2, len(call.y)))
    # dgrad takes the filter of the forward convolution, whose transpose runs it backwards.
    flips = problem.flip != (call.op == "dgrad")
    dtype, layout = native(xp, call.dtype), _moved(len(call.y), call.channels_last)
    each = tuple(call.y[i] if role == "go" else 1 for i, role in enumerate(y_roles))

    def prepare(w: Any) -> Any:
        w = kernel(xp.astype(w, dtype, copy=False), xp)
        return _packed(xp.flip(w, axis=space) if flips else w, layout, xp)

    def apply(x: Any, w: Any, bias: Any) -> Any:
        x = _packed(data(xp.astype(x, dtype, copy=False), xp), layout, xp)
        y = xp.empty(tuple(call.y[i] for i in layout), dtype=dtype)
        if bias is not None:
            bias = xp.astype(bias, native(xp, problem.dtype), copy=False)
        fused = (_packed(bias, (0,), xp),) if call.bias else ()
        _planned(call, x.data.device_id).execute(x, w, *fused, y)
        y = xp.permute_dims(y, tuple(map(layout.index, range(len(layout)))))
        if bias is not None and not call.bias:
            y = y + xp.reshape(xp.astype(bias, dtype, copy=False), each + (1,) * len(space))
        return xp.astype(result(y, xp), native(xp, problem.dtype), copy=False)

    return Staged(prepare, apply)


def _planned(call: Call, device: int) -> Graph:
    graph = plan_graph(call, device)
    if graph is None:  # the arrays lie on another device than the one that was asked about
        raise BackendError(
            f"cuDNN has no engine for this convolution on cuda:{device}, where its arrays lie; "
            "say the device, or another method"
        )
    return graph


def _notes(call: Call) -> tuple[str, ...]:
    """What no engine may do."""
    if call.fast:
        return ()
    # Tensor cores multiply 16 bits exactly, but of 32 they read 19 or fewer.
    return _REDUCED if call.dtype in ("float16", "bfloat16") else ("TENSOR_CORE", *_REDUCED)


def _moved(ndim: int, last: bool) -> tuple[int, ...]:
    """The order of the axes in memory."""
    return (0, *range(2, ndim), 1) if last else tuple(range(ndim))


def _strides(shape: tuple[int, ...], last: bool) -> list[int]:
    strides, step = [0] * len(shape), 1
    for axis in reversed(_moved(len(shape), last)):
        strides[axis] = step
        step *= shape[axis]
    return strides


def _packed(array: Any, layout: tuple[int, ...], xp: Namespace) -> Any:
    """The array laid out in memory as the graph expects it; itself where it is already."""
    array = xp.ascontiguousarray(xp.permute_dims(array, layout))
    return array if array.data.ptr % _ALIGNMENT == 0 else array.copy()


_HANDLES: dict[int, tuple[Any, threading.Lock]] = {}


def _handle(device: int) -> tuple[Any, threading.Lock]:
    """cuDNN's handle on a device, which must be the current one when it is made."""
    import cudnn

    if device not in _HANDLES:
        _HANDLES[device] = cudnn.create_handle(), threading.Lock()
    return _HANDLES[device]
