"""The operations, as data: what each calls its operands and how it becomes a ConvProblem."""

from collections.abc import Callable
from dataclasses import dataclass
from operator import ne
from typing import Any, TypeAlias

from convcore._arguments import as_int, as_tuple, is_single
from convcore._checks import Surely
from convcore._errors import OptionError, ShapeError
from convcore._neural import Named, NeuralOptions
from convcore._neural_transpose import TransposeOptions
from convcore._problem import ConvProblem
from convcore._signal import SignalOptions
from convcore._typing import Shape

__all__ = ["OPERATIONS", "Operation"]

_Dtypes: TypeAlias = tuple[str, str, str]
_Build: TypeAlias = Callable[[Named, Named, _Dtypes, tuple[Any, ...], Surely], ConvProblem]


@dataclass(frozen=True, slots=True, eq=False)
class Operation:
    """A public operation.

    Attributes
    ----------
    name : str
    data, kernel : str
        What the user calls the operand that is slid over and the one that slides.
    arguments : tuple of str
        The arrays in the order in which the user passes them.
    build : callable
        From named shapes, dtypes (data, kernel, result), own options and `surely` to the problem.
    """

    name: str
    data: str
    kernel: str
    arguments: tuple[str, ...]
    build: _Build


def _convolve(
    x: Named, w: Named, dtypes: _Dtypes, own: tuple[Any, ...], surely: Surely
) -> ConvProblem:
    options = SignalOptions(*own).checked(len(x.shape), dtypes[2])
    return options.problem((x.shape, w.shape), dtypes, surely, correlate=False)


def _correlate(
    x: Named, w: Named, dtypes: _Dtypes, own: tuple[Any, ...], surely: Surely
) -> ConvProblem:
    options = SignalOptions(*own).checked(len(x.shape), dtypes[2])
    return options.problem((x.shape, w.shape), dtypes, surely, correlate=True)


def _conv(x: Named, w: Named, dtypes: _Dtypes, own: tuple[Any, ...], surely: Surely) -> ConvProblem:
    options = NeuralOptions(*own).checked(len(x.shape), len(w.shape), dtypes[2])
    return options.forward(x, w, dtypes, surely)


def _conv_transpose(
    x: Named, w: Named, dtypes: _Dtypes, own: tuple[Any, ...], surely: Surely
) -> ConvProblem:
    output_padding, output_size, *shared = own
    options = TransposeOptions(NeuralOptions(*shared), output_padding, output_size)
    return options.checked(len(x.shape), len(w.shape), dtypes[2]).problem(x, w, dtypes, surely)


def _conv_input_grad(
    grad: Named, w: Named, dtypes: _Dtypes, own: tuple[Any, ...], surely: Surely
) -> ConvProblem:
    input_shape, *shared = own
    # What is unknown of grad may be said as unknown of the input too.
    lazy = any(size != size for size in grad.shape)
    x = Named("input_shape", _parse_shape("input_shape", input_shape, unknown=lazy))
    options = NeuralOptions(*shared).checked(len(x.shape), len(w.shape), dtypes[2])
    forward = options.forward(x, w, dtypes, surely)
    _check_grad(grad, forward.y_shape, surely)
    return forward.input_grad()


def _conv_weight_grad(
    x: Named, grad: Named, dtypes: _Dtypes, own: tuple[Any, ...], surely: Surely
) -> ConvProblem:
    weight_shape, *shared = own
    w = Named("weight_shape", _parse_shape("weight_shape", weight_shape))
    options = NeuralOptions(*shared).checked(len(x.shape), len(w.shape), dtypes[2])
    forward = options.forward(x, w, dtypes, surely)
    _check_grad(grad, forward.y_shape, surely)
    return forward.weight_grad()


def _parse_shape(name: str, shape: Any, *, unknown: bool = False) -> Shape:
    if is_single(shape):
        raise OptionError(f"{name}={shape!r} is not a shape; allowed is a tuple of sizes")
    return tuple(
        size if unknown and size != size else as_int(name, size, least=0)
        for size in as_tuple(name, shape)
    )


def _check_grad(grad: Named, shape: Shape, surely: Surely) -> None:
    agree = len(grad.shape) == len(shape) and not any(
        a == a and b == b and surely(ne, a, b) for a, b in zip(grad.shape, shape, strict=True)
    )
    if not agree:
        raise ShapeError(
            f"grad has shape {tuple(grad.shape)}; the output of this convolution has shape {shape}"
        )


OPERATIONS: dict[str, Operation] = {
    op.name: op
    for op in (
        Operation("convolve", "x1", "x2", ("x1", "x2"), _convolve),
        Operation("correlate", "x1", "x2", ("x1", "x2"), _correlate),
        Operation("conv", "x", "w", ("x", "w", "bias"), _conv),
        Operation("conv_transpose", "x", "w", ("x", "w", "bias"), _conv_transpose),
        Operation("conv_input_grad", "grad", "w", ("w", "grad"), _conv_input_grad),
        Operation("conv_weight_grad", "x", "grad", ("x", "grad"), _conv_weight_grad),
    )
}
