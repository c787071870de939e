"""Running a part of a problem on blocks, by the backend they have: what wrapping backends need."""

from dataclasses import replace
from functools import lru_cache
from typing import Any

from convcore._backend import Accuracy
from convcore._blocks import Blocks
from convcore._choice import choose
from convcore._dtypes import dtype_name
from convcore._errors import DTypeError, MethodError, ShapeError
from convcore._options import Options
from convcore._places import common_device, find_owner
from convcore._problem import ConvProblem
from convcore._tuning import offered
from convcore._typing import Run

__all__ = ["clear_parts", "run_part"]

_NAMES = ("x", "w", "bias")


def run_part(
    problem: ConvProblem,
    x: Any,
    w: Any,
    bias: Any = None,
    *,
    methods: tuple[str, ...],
    accuracy: Accuracy,
) -> Any:
    """Run a problem on arrays that are in memory, by their own backend; options are not read.

    Parameters
    ----------
    problem : ConvProblem
        Sizes that are nan are read off the arrays.
    x, w, bias : array
        Of one library, on one device.
    methods : tuple of str
        The methods of the spec that may run it.
    accuracy : Accuracy
        The class that its result must be of.

    Raises
    ------
    ArrayTypeError, DeviceError, DTypeError, ShapeError
        For arrays of another problem.
    MethodError
        Where the backend has no such method for it.
    """
    arrays = (x, w, bias)
    backend = find_owner(_NAMES, arrays)
    blocks = Blocks(backend, common_device(_NAMES, arrays, backend))
    problem = _measured(problem, x, w)
    for name, array, dtype, shape in (
        ("x", x, problem.x_dtype, problem.x_shape),
        ("w", w, problem.w_dtype, problem.w_shape),
    ):
        if tuple(array.shape) != shape:
            raise ShapeError(f"a block of {name} has shape {tuple(array.shape)}, not {shape}")
        if dtype_name(array.dtype, name) != dtype:
            raise DTypeError(f"a block of {name} has dtype {array.dtype}, not {dtype}")
    return _lowered(problem, blocks, methods, accuracy)(x, w, bias)


def _measured(problem: ConvProblem, x: Any, w: Any) -> ConvProblem:
    """The problem, with the sizes of these arrays where it does not know its own."""
    if all(size == size for size in problem.sizes.values()):
        return problem
    # An axis of unknown length is never one that several atoms share.
    met = {
        atoms: size
        for layout, array in ((problem.x, x), (problem.w, w))
        for atoms, size in zip(layout, array.shape, strict=True)
    }
    sizes = {a: size if size == size else met[(a,)] for a, size in problem.sizes.items()}
    return replace(problem, sizes=sizes)


@lru_cache(maxsize=1024)
def _lowered(
    problem: ConvProblem, blocks: Blocks, methods: tuple[str, ...], accuracy: Accuracy
) -> Run:
    found = offered(blocks.backend, problem, blocks.device)
    able = [c for c in found if c.method in methods and c.accuracy.keeps(accuracy)]
    if not able:
        raise MethodError(
            f"backend {blocks.backend.name!r} has none of the methods {', '.join(methods)} of "
            f"class {accuracy} for a part of this problem; allowed are "
            + ", ".join(sorted({repr(c.method) for c in found}))
        )
    chosen, _ = choose(problem, able, Options())
    return blocks.backend.lower(problem, chosen.name, blocks.device)


def clear_parts() -> None:
    """Forget every part that was planned."""
    _lowered.cache_clear()
