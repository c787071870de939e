"""The text detector of PP-OCRv4, a DBNet (Liao et al., 2020), as data: nodes and constants.

The weights come with the package rapidocr-onnxruntime, under the Apache licence 2.0. ONNX Runtime
runs the same graph as the reference, with every intermediate result laid open.
"""

from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import onnx
import onnxruntime
from onnx import helper, numpy_helper

from libraries import Array

__all__ = ["Model", "Node", "load", "reference"]


class Node(NamedTuple):
    """One operator of the graph, and the names of what it takes and gives."""

    operator: str
    inputs: list[str]
    output: str
    attributes: dict[str, Any]


class Model(NamedTuple):
    """A graph in the order of its evaluation; "x" goes in, what the last node gives comes out."""

    nodes: list[Node]
    constants: dict[str, Array]
    proto: Any


def load() -> Model:
    """Read the detector from the installed package, without importing it."""
    found = find_spec("rapidocr_onnxruntime")
    if found is None or found.origin is None:
        raise SystemExit("install rapidocr-onnxruntime, which holds the weights")
    proto = onnx.load(Path(found.origin).parent / "models" / "ch_PP-OCRv4_det_infer.onnx")
    every = [_node(node) for node in proto.graph.node]
    constants = {
        node.output: numpy_helper.to_array(node.attributes["value"]).copy()  # which is not frozen
        for node in every
        if _is_constant(node)
    }
    return Model([node for node in every if not _is_constant(node)], constants, proto)


def _is_constant(node: Node) -> bool:
    return node.operator == "Constant"


def _node(proto: Any) -> Node:
    (output,) = proto.output
    attributes = {a.name: helper.get_attribute_value(a) for a in proto.attribute}
    return Node(proto.op_type, list(proto.input), output, attributes)


def reference(model: Model, x: Array) -> dict[str, Array]:
    """Run ONNX Runtime, with no node fused or rewritten; give the result of every node by name."""
    names = [node.output for node in model.nodes]
    laid_open = onnx.ModelProto()
    laid_open.CopyFrom(model.proto)
    del laid_open.graph.output[:]
    laid_open.graph.output.extend(onnx.ValueInfoProto(name=name) for name in names)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(
        laid_open.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    return dict(zip(names, session.run(names, {"x": x}), strict=True))
