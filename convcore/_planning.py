"""From checked operands to a Plan, in the order in which CC-ERROR says that calls are checked."""

from dataclasses import replace
from typing import Any

from convcore._arguments import choice
from convcore._backend import ARRAY_API, Backend
from convcore._choice import choose
from convcore._dtypes import accumulator, dtype_name, dtype_option, is_higher_kind, native, promote
from convcore._errors import (
    ArrayTypeError,
    BackendError,
    ConvcoreError,
    DeviceError,
    DTypeError,
    OptionError,
    ShapeError,
)
from convcore._expected import Expected
from convcore._neural import Named
from convcore._operands import backend_of, portable
from convcore._operations import Operation
from convcore._options import METHODS, PRECISIONS, Options, context
from convcore._plan import Plan
from convcore._problem import ConvProblem
from convcore._registry import registry
from convcore._sketch import Sketch, sketch
from convcore._typing import Device, Run

__all__ = ["make_plan", "result_dtype"]


def make_plan(
    op: Operation,
    arrays: tuple[Any, Any, Any],
    shared: tuple[Any, ...],
    own: tuple[Any, ...],
    backend: Backend,
) -> Plan:
    """Check a call and plan it.

    Parameters
    ----------
    arrays : tuple
        Data, kernel, and bias or None: arrays or sketches.
    shared, own : tuple
        As in `call`.
    backend : Backend
        Of the data.
    """
    names = (op.data, op.kernel, "bias")
    device = _check_places(names, arrays, backend)
    dtypes = _dtypes(op, arrays, shared[1], backend)
    options = _options(shared, backend)
    x, w, _ = arrays
    problem = op.build(
        Named(op.data, x.shape), Named(op.kernel, w.shape), dtypes, own, backend.surely
    )
    problem = replace(
        problem,
        bias=None if arrays[2] is None else _bias_roles(arrays[2], problem, backend),
        precision=options.precision or "ieee",
        threads=options.threads,
    )
    operands = [
        Expected(name, role, sketch(array, backend))
        for name, role, array in zip(names, ("x", "w", "bias"), arrays, strict=True)
        if array is not None
    ]
    operands.sort(key=lambda expected: op.arguments.index(expected.name))
    return _lowered(op, problem, options, backend, device, tuple(operands))


def _check_places(names: tuple[str, ...], arrays: tuple[Any, ...], backend: Backend) -> Device:
    """All arrays of one library, on one device; returns the device."""
    present = [(n, a) for n, a in zip(names, arrays, strict=True) if a is not None]
    for name, array in present:
        other = backend_of(name, array)
        if other is not backend:
            raise ArrayTypeError(
                f"{names[0]} is an array of {backend.name} and {name} one of {other.name}; "
                "allowed is one array library in a call: convert one of them"
            )
    devices = [(name, _device_of(array, backend)) for name, array in present]
    for name, device in devices:
        if device != devices[0][1]:
            raise DeviceError(
                f"{names[0]} is on device {devices[0][1]} and {name} on {device}; "
                "allowed is one device in a call: move one of them"
            )
    return devices[0][1]


def _device_of(array: Any, backend: Backend) -> Device:
    return array.device if isinstance(array, Sketch) else backend.device(array)


def result_dtype(op: Operation, x: Any, w: Any, dtype: Any) -> str:
    """The dtype of a call's result, by promotion or by its ``dtype=``."""
    own = [dtype_name(array.dtype, name) for name, array in ((op.data, x), (op.kernel, w))]
    if dtype is None:
        return promote(*own)
    said = dtype_option(dtype)
    for name, of in zip((op.data, op.kernel), own, strict=True):
        if is_higher_kind(of, said):
            raise DTypeError(
                f"dtype={said} is of a lower kind than {name}, which is {of}; "
                "allowed are dtypes of that kind or a higher one"
            )
    return said


def _dtypes(
    op: Operation, arrays: tuple[Any, Any, Any], dtype: Any, backend: Backend
) -> tuple[str, str, str]:
    x, w, bias = arrays
    result = result_dtype(op, x, w, dtype)
    for needed in (result, accumulator(result)):
        native(backend.namespace(x), needed)
    if bias is not None and is_higher_kind(of := dtype_name(bias.dtype, "bias"), result):
        raise DTypeError(
            f"bias is {of}, of a higher kind than the result, which is {result}; "
            "allowed are dtypes of that kind or a lower one: convert it, or say dtype="
        )
    return dtype_name(x.dtype, op.data), dtype_name(w.dtype, op.kernel), result


def _options(shared: tuple[Any, ...], backend: Backend) -> Options:
    method, _, precision, name = shared
    if name is not None and not isinstance(name, str):
        raise OptionError(f"backend={name!r} is no name of a backend; allowed is a str, or None")
    said = Options(
        backend=name,
        method=choice("method", method, METHODS),
        precision=choice("precision", precision, PRECISIONS),
    )
    return said.over(context(backend.tracing()))


def _bias_roles(bias: Any, problem: ConvProblem, backend: Backend) -> tuple[str, ...]:
    channels = problem.size("go")
    if len(bias.shape) != 1 or backend.surely(bias.shape[0] != channels):
        raise ShapeError(
            f"bias has shape {tuple(bias.shape)}; allowed is ({channels},), "
            "one value for each output channel"
        )
    return ("g0", "o0")


def _lowered(
    op: Operation,
    problem: ConvProblem,
    options: Options,
    backend: Backend,
    device: Device,
    operands: tuple[Expected, ...],
) -> Plan:
    engine = _engine(options, backend)
    if engine is not backend or options.device is not None:
        device = _known_device(engine, options.device)
    try:
        chosen, rejected = choose(problem, engine.methods(problem, device), options)
        run = engine.lower(problem, chosen.name, device)
    except (ConvcoreError, MemoryError):
        raise
    # A backend is a plugin: whatever else it raises while planning is its fault, and says so.
    except Exception as error:
        raise BackendError(f"backend {engine.name!r} failed to plan {problem}: {error}") from error
    if engine is not backend or options.device is not None:
        run = _borrowed(engine, device, run)
    return Plan(op.name, engine.name, device, problem, chosen, rejected, operands, run)


def _engine(options: Options, backend: Backend) -> Backend:
    if options.backend is None or options.backend == backend.name:
        return backend
    if options.backend == ARRAY_API:
        return portable(backend.namespace(None))
    return registry.get(options.backend)


def _known_device(engine: Backend, device: str | None) -> Device:
    known = engine.capabilities.devices
    if device is not None and device not in known:
        raise DeviceError(
            f"device={device!r} is not one of backend {engine.name!r}; allowed are "
            + ", ".join(map(repr, known))
        )
    return device


def _borrowed(engine: Backend, device: Device, run: Run) -> Run:
    """Run on another library's engine and give the result back in the caller's."""

    def lent(x: Any, w: Any, bias: Any) -> Any:
        mine = (None if a is None else engine.lend(a, device) for a in (x, w, bias))
        return engine.give_back(run(*mine), x)

    return lent
