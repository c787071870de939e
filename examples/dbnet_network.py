"""An interpreter of the detector's operators: convcore's convolutions and the array API."""

from collections.abc import Callable, Mapping
from typing import Any

from array_api_compat import array_namespace

import convcore
from dbnet_model import Node

__all__ = ["CONVOLUTIONS", "detect", "options"]

CONVOLUTIONS: dict[str, Callable[..., Any]] = {
    "Conv": convcore.conv,
    "ConvTranspose": convcore.conv_transpose,
}


def options(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Give a convolution's attributes as convcore's options; ONNX has all lows before all highs."""
    pads = attributes["pads"]
    return {
        "stride": tuple(attributes["strides"]),
        "padding": list(zip(pads[: len(pads) // 2], pads[len(pads) // 2 :], strict=True)),
        "dilation": tuple(attributes["dilations"]),
        "groups": attributes["group"],
    }


def detect(nodes: list[Node], x: Any, constants: Mapping[str, Any]) -> Any:
    """Evaluate the graph on any library's arrays: from a page (1, 3, H, W) to a map of text."""
    values = {"x": x, **constants}
    for node in nodes:
        values[node.output] = _evaluate(node, [values[name] for name in node.inputs])
    return values[nodes[-1].output]


def _evaluate(node: Node, inputs: list[Any]) -> Any:
    if node.operator in CONVOLUTIONS:
        return CONVOLUTIONS[node.operator](*inputs, **options(node.attributes))
    return _OPERATORS[node.operator](array_namespace(inputs[0]), *inputs, **node.attributes)


def _batch_norm(xp: Any, x: Any, scale: Any, shift: Any, mean: Any, var: Any, **facts: Any) -> Any:
    scale, shift, mean, var = (xp.reshape(v, (-1, 1, 1)) for v in (scale, shift, mean, var))
    return (x - mean) / xp.sqrt(var + facts["epsilon"]) * scale + shift


def _clip(xp: Any, x: Any, low: Any, high: Any) -> Any:
    return xp.minimum(xp.maximum(x, low), high)


def _hard_sigmoid(xp: Any, x: Any, *, alpha: float, beta: float) -> Any:
    return _clip(xp, alpha * x + beta, xp.zeros_like(x), xp.ones_like(x))


def _magnified(xp: Any, x: Any, _region: Any, scales: Any, **_kind: Any) -> Any:
    """Repeat every pixel: all that "nearest" is where the scales are whole."""
    down, across = int(scales[2]), int(scales[3])
    return xp.repeat(xp.repeat(x, down, axis=2), across, axis=3)


_OPERATORS: dict[str, Callable[..., Any]] = {
    "Add": lambda xp, a, b: a + b,
    "BatchNormalization": _batch_norm,
    "Clip": _clip,
    "Concat": lambda xp, *arrays, axis: xp.concat(arrays, axis=axis),
    "Div": lambda xp, a, b: a / b,
    "GlobalAveragePool": lambda xp, x: xp.mean(x, axis=(2, 3), keepdims=True),
    "HardSigmoid": _hard_sigmoid,
    "Mul": lambda xp, a, b: a * b,
    "Relu": lambda xp, x: xp.maximum(x, xp.zeros_like(x)),
    "Resize": _magnified,
    "Sigmoid": lambda xp, x: (1 + xp.tanh(x / 2)) / 2,  # which overflows nowhere
}
