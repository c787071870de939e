"""Every convolution of the detector, computed anew from what ONNX Runtime computed it from."""

from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from dbnet_model import Model, Node
from dbnet_network import CONVOLUTIONS, options
from libraries import Array, Library, doubled
from rounding import rounding_of

__all__ = ["Replay", "replays"]


class Replay(NamedTuple):
    """A convolution of the graph with its operands, ONNX Runtime's result, and the bound."""

    node: Node
    operands: list[Array]
    result: Array
    allowed: Array

    @property
    def kind(self) -> str:
        """What a reader calls such a layer."""
        taps = "x".join(map(str, self.operands[1].shape[2:]))
        depthwise = "depthwise " if self.node.attributes["group"] > 1 else ""
        return f"{depthwise}{self.node.operator} {taps}"

    def ratio(self, library: Library) -> float:
        """Give the largest difference of a library's result, over the bound."""
        operation = partial(CONVOLUTIONS[self.node.operator], **options(self.node.attributes))
        ours: Array = library.run(operation, *self.operands)
        return float(np.max(np.abs(doubled(ours) - self.result) / self.allowed))


def replays(model: Model, values: Mapping[str, Array]) -> list[Replay]:
    """Give all convolutions of the graph, in order; `values` has ONNX Runtime's results by name."""
    known = {**model.constants, **values}
    return [_replay(n, known) for n in model.nodes if n.operator in CONVOLUTIONS]


def _replay(node: Node, known: Mapping[str, Any]) -> Replay:
    operands = [known[name] for name in node.inputs]
    x, w, *bias = operands
    operation, result = CONVOLUTIONS[node.operator], known[node.output]
    # ONNX Runtime sums the same terms in float32 in an order of its own: it is of the class too.
    allowed = 2 * rounding_of(
        operation, x, w, *(bias or [None]), dtype=result.dtype, **options(node.attributes)
    )
    return Replay(node, operands, result, allowed)
