"""The ways to run a problem on blocks: those of the blocks' own backend, block by block."""

from dataclasses import replace
from typing import Any

import dask.array as da
import numpy as np
from array_api_compat import array_namespace
from dask.tokenize import tokenize

from convcore.plugins import Accuracy, Blocks, Candidate, ConvProblem, Device, Run
from convcore_dask._graph import make_array
from convcore_dask._tasks import Order

__all__ = ["candidates", "lazy", "lower"]

# A transform of the whole problem would have to gather it; blocks of it are overlap-add.
_METHODS = {"direct": ("direct",), "overlap_add": ("fft", "overlap_add"), "native": ("native",)}


def candidates(problem: ConvProblem, device: Device) -> tuple[Candidate, ...]:
    """What the blocks' backend offers for the whole problem, one candidate for each method."""
    offered = _offered(problem, _blocks(device))
    found = []
    for method, inner in _METHODS.items():
        able = [c for c in offered if c.method in inner]
        if able:
            fastest = min(able, key=lambda c: c.seconds)
            accuracy = _summed(problem, _weakest(able))
            workspace = min(c.workspace for c in able)
            why = f"{fastest.why}, block by block"
            found.append(Candidate(method, method, accuracy, fastest.seconds, workspace, why))
    return tuple(found)


def lower(problem: ConvProblem, engine: str, device: Device) -> Run:
    """Lower a problem to a graph that is built from the operands' chunks."""
    blocks, methods = _blocks(device), _METHODS[engine]
    able = [c for c in _offered(problem, blocks) if c.method in methods]
    order = Order(methods, _weakest(able))
    # Blocks run side by side already, unless threads are asked for.
    problem = replace(problem, threads=problem.threads or 1)

    def run(x: Any, w: Any, bias: Any) -> Any:
        return make_array(problem, order, [lazy(a) for a in (x, w, bias) if a is not None])

    return run


def lazy(array: Any) -> Any:
    """A Dask array as it is; any other as one block, copied, as it may change before it is used."""
    if isinstance(array, da.Array):
        return array
    block = array_namespace(array).asarray(array, copy=True)
    name = f"convcore-operand-{tokenize(block)}"
    key = (name, *(0 for _ in block.shape))
    return da.Array({key: block}, name, tuple((n,) for n in block.shape), meta=block)


def _blocks(device: Device) -> Blocks:
    return device if isinstance(device, Blocks) else Blocks.of("NumPy's array", np.empty(0))


def _offered(problem: ConvProblem, blocks: Blocks) -> tuple[Candidate, ...]:
    # An unknown batch changes neither what can run nor which is fastest.
    sizes = {atom: size if size == size else 1 for atom, size in problem.sizes.items()}
    return blocks.backend.methods(replace(problem, sizes=sizes), blocks.device)


def _weakest(able: list[Candidate]) -> Accuracy:
    return next(c.accuracy for c in able if all(o.accuracy.keeps(c.accuracy) for o in able))


def _summed(problem: ConvProblem, accuracy: Accuracy) -> Accuracy:
    """The class of a sum of parts, each of this one.

    Componentwise bounds add up, as every part has terms of its own. Of normwise ones, parts of
    channels have disjoint operands, so their norms' products add up to at most the whole's; parts
    of the taps share samples, each at most 2 an axis (`make_cuts`), which is a factor of sqrt(2).
    Adding up in pairs makes log2(parts) roundings, fewer than log2(L) + C: one more c.
    """
    if accuracy.name != "normwise":
        return accuracy
    return Accuracy("normwise", 2 ** (len(problem.axes) / 2) * (accuracy.constant + 1))
