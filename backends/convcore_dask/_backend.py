"""The Dask backend's answers to convcore."""

from collections.abc import Mapping
from typing import Any, final

from convcore.plugins import (
    DTYPES,
    BackendError,
    Blocks,
    Candidate,
    Capabilities,
    Comparison,
    ConvProblem,
    Device,
    Gap,
    Namespace,
    Run,
    Size,
    lend_by,
    return_to,
)

__all__ = ["DaskBackend"]

_PLANNING = Gap(
    "notyet",
    "array.query-planning",
    "Dask's experimental expressions take no graph of one's own: set array.query-planning to "
    "False before dask.array is imported",
)
_GAPS = (
    Gap(
        "never",
        "fft",
        "a transform of the whole would have to gather it in one place; of blocks, it is "
        'overlap_add: say method="overlap_add"',
    ),
    _PLANNING,
)


@final
class DaskBackend:
    """Lazy arrays of blocks: every block of the result is a problem for the blocks' own backend."""

    name = "dask"
    array_types = ("dask.array.Array",)
    refused_types: Mapping[str, str] = {}

    @property
    def capabilities(self) -> Capabilities:
        import dask

        _check_planning()
        dtypes = tuple(name for name in DTYPES if name != "bfloat16")
        methods = ("direct", "overlap_add", "native")
        transforms = ("lazy",)
        return Capabilities(
            dask.__version__, (), dtypes, methods, transforms, gaps=_GAPS, wraps=True
        )

    def device(self, x: Any) -> Device:
        # An operand beside a Dask array may be what a block is.
        return Blocks.of("a Dask array's block", getattr(x, "_meta", x))

    def surely(self, compare: Comparison, a: Size, b: Size) -> bool:
        return bool(compare(a, b))

    def namespace(self, x: Any) -> Namespace:
        import array_api_compat.dask.array

        return array_api_compat.dask.array

    def methods(self, problem: ConvProblem, device: Device) -> tuple[Candidate, ...]:
        from convcore_dask._engines import candidates

        _check_planning()
        return candidates(problem, device)

    def lower(self, problem: ConvProblem, engine: str, device: Device) -> Run:
        from convcore_dask._engines import lower

        return lower(problem, engine, device)

    def lend(self, x: Any, device: Device) -> Any:
        import dask.array as da
        import numpy as np

        from convcore_dask._engines import lazy

        if isinstance(device, Blocks):  # an operand of a plan, in its blocks' library
            return lazy(x)
        plain = x if isinstance(x, np.ndarray) else lend_by(np.from_dlpack, x, "Dask")
        # Dask divides by what an empty array holds, where its chunks are to be small.
        return da.from_array(plain, chunks="auto" if plain.size else -1)

    def give_back(self, y: Any, like: Any) -> Any:
        import numpy as np

        result = y.compute()
        mine = type(like) is np.ndarray or isinstance(like, np.generic)
        return result if mine else return_to(result, like)


def _check_planning() -> None:
    import dask.array

    if getattr(dask.array, "ARRAY_EXPR_ENABLED", False):
        raise BackendError(f"Dask's array.query-planning is on: {_PLANNING.reason}")
