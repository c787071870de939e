"""The backend's answers to convcore."""

from collections.abc import Mapping
from functools import partial
from typing import Any, final

from convcore.plugins import (
    DTYPES,
    PORTABLE_METHODS,
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

__all__ = ["ExampleBackend"]

_GAPS = (Gap("notimpl", "bfloat16", "NumPy, which holds the numbers, has no such dtype"),)


@final
class ExampleBackend:
    """The portable algorithms, and the library's own convolution of one signal."""

    name = "example"
    array_types = ("example_arrays.Array",)
    refused_types: Mapping[str, str] = {}

    @property
    def capabilities(self) -> Capabilities:
        """What is here; where the import fails, its message is the reason that users see."""
        import example_arrays

        return Capabilities(
            version=example_arrays.__version__,
            devices=example_arrays.DEVICES,
            dtypes=tuple(name for name in DTYPES if name != "bfloat16"),
            methods=(*PORTABLE_METHODS, "native"),
            native_ranks=(1,),
            gaps=_GAPS,
        )

    def device(self, x: Any) -> Device:
        """Where an array lies: anything that has a hash and compares."""
        return str(x.device)

    def surely(self, compare: Comparison, a: Size, b: Size) -> bool:
        """Whether sizes compare so; other than this only where sizes may be symbols."""
        return bool(compare(a, b))

    def namespace(self, x: Any) -> Namespace:
        """The array API namespace; also of no array."""
        import example_arrays

        return example_arrays

    def methods(self, problem: ConvProblem, device: Device) -> tuple[Candidate, ...]:
        """All ways to run a problem."""
        from convcore_example._engines import candidates

        return candidates(problem, self.namespace(None))

    def lower(self, problem: ConvProblem, engine: str, device: Device) -> Run:
        """One of them, ready to run."""
        from convcore_example._engines import lower

        return lower(problem, engine, self.namespace(None))

    def lend(self, x: Any, device: Device) -> Any:
        """Another library's array as one of this, for ``backend="example"``."""
        take = partial(self.namespace(None).from_dlpack, device=device)
        return lend_by(take, x, self.name)

    def give_back(self, y: Any, like: Any) -> Any:
        """The result as an array of the library that lent."""
        return return_to(y, like)
