"""From checked operands to a Plan, in the order in which CC-ERROR says that calls are checked."""

from dataclasses import replace
from math import prod
from operator import ne
from typing import Any

from convcore._arguments import choice
from convcore._backend import Backend
from convcore._blocks import inner_blocks
from convcore._choice import choose
from convcore._dtypes import accumulator, dtype_name, dtype_option, is_higher_kind, native, promote
from convcore._errors import BackendError, ConvcoreError, DTypeError, ShapeError
from convcore._expected import Expected
from convcore._neural import Named
from convcore._operations import Operation
from convcore._options import METHODS, PRECISIONS, Options, context
from convcore._places import Place, find_place
from convcore._plan import Plan
from convcore._problem import ConvProblem
from convcore._sketch import sketch
from convcore._tuning import offered

__all__ = ["make_plan", "result_dtype"]

_MOST_ELEMENTS = 2**63 - 1


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
        Of all arrays.
    """
    names = (op.data, op.kernel, "bias")
    method, dtype, precision, keyword = shared
    place = find_place(names, arrays, backend, keyword)
    dtypes = _dtypes(op, arrays, dtype, backend)
    _check_held(dtypes[2], place)
    options = _options(method, precision)
    problem = _problem(op, arrays, dtypes, own, options, backend)
    operands = [
        Expected(name, role, sketch(array, backend))
        for name, role, array in zip(names, ("x", "w", "bias"), arrays, strict=True)
        if array is not None
    ]
    operands.sort(key=lambda expected: op.arguments.index(expected.name))
    return _lowered(op, problem, options, place, tuple(operands))


def _problem(
    op: Operation,
    arrays: tuple[Any, Any, Any],
    dtypes: tuple[str, str, str],
    own: tuple[Any, ...],
    options: Options,
    backend: Backend,
) -> ConvProblem:
    x, w, bias = arrays
    named = Named(op.data, tuple(x.shape)), Named(op.kernel, tuple(w.shape))
    problem = op.build(*named, dtypes, own, backend.surely)
    elements: Any = prod(problem.y_shape)
    # A symbolic number is left to the compiler, which would make a guard of the comparison.
    if isinstance(elements, int) and elements > _MOST_ELEMENTS:
        raise ShapeError(
            f"the result would have shape {problem.y_shape}; allowed are {_MOST_ELEMENTS} elements"
        )
    return replace(
        problem,
        bias=None if bias is None else _bias_roles(bias, problem, backend),
        precision=options.precision or "ieee",
        threads=options.threads,
    )


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
    blocks = inner_blocks(x, backend)
    xp = blocks.backend.namespace(None) if blocks else backend.namespace(x)
    for needed in (result, accumulator(result)):
        native(xp, needed)
    if bias is not None and is_higher_kind(of := dtype_name(bias.dtype, "bias"), result):
        raise DTypeError(
            f"bias is {of}, of a higher kind than the result, which is {result}; "
            "allowed are dtypes of that kind or a lower one: convert it, or say dtype="
        )
    return dtype_name(x.dtype, op.data), dtype_name(w.dtype, op.kernel), result


def _check_held(result: str, place: Place) -> None:
    if place.borrowed and result not in place.engine.capabilities.dtypes:
        raise DTypeError(
            f"the result's dtype {result} does not exist in backend {place.engine.name!r}; "
            f"allowed are {', '.join(place.engine.capabilities.dtypes)}"
        )


def _options(method: Any, precision: Any) -> Options:
    said = Options(
        method=choice("method", method, METHODS),
        precision=choice("precision", precision, PRECISIONS),
    )
    return said.over(context())


def _bias_roles(bias: Any, problem: ConvProblem, backend: Backend) -> tuple[str, ...]:
    channels = problem.size("go")
    if len(bias.shape) != 1 or backend.surely(ne, bias.shape[0], channels):
        raise ShapeError(
            f"bias has shape {tuple(bias.shape)}; allowed is ({channels},), "
            "one value for each output channel"
        )
    return ("g0", "o0")


def _lowered(
    op: Operation,
    problem: ConvProblem,
    options: Options,
    place: Place,
    operands: tuple[Expected, ...],
) -> Plan:
    engine, device, _ = place
    try:
        chosen, rejected = choose(problem, offered(engine, problem, device), options)
        run = place.around(engine.lower(problem, chosen.name, device))
    except (ConvcoreError, MemoryError):
        raise
    # A backend is a plugin: whatever else it raises while planning is its fault, and says so.
    except Exception as error:
        raise BackendError(f"backend {engine.name!r} failed to plan {problem}: {error}") from error
    return Plan(op.name, engine.name, device, problem, chosen, rejected, operands, run)
