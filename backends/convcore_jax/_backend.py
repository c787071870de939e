"""The JAX backend's answers to convcore."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, final

from convcore.plugins import (
    Candidate,
    Capabilities,
    Comparison,
    ConvProblem,
    Device,
    Namespace,
    Run,
    Size,
)

__all__ = ["JAXBackend"]


@final
class JAXBackend:
    """XLA's convolutions where they are right and fast, engines of its own elsewhere.

    JAX is imported inside the methods, none of which is asked anything before an array exists.
    """

    name = "jax"
    array_types = ("jax.Array",)
    refused_types: Mapping[str, str] = {}

    @property
    def capabilities(self) -> Capabilities:
        from convcore_jax._capabilities import capabilities

        return capabilities()

    def device(self, x: Any) -> Device:
        return _place_of()(x)

    def surely(self, compare: Comparison, a: Size, b: Size) -> bool:
        try:
            return bool(compare(a, b))
        except Exception as error:
            # By name, since JAX's releases differ in which module has the class.
            if type(error).__name__ != "InconclusiveDimensionOperation":
                raise
            return False

    def namespace(self, x: Any) -> Namespace:
        from convcore_jax._namespace import namespace

        return namespace()

    def methods(self, problem: ConvProblem, device: Device) -> tuple[Candidate, ...]:
        # Imported late, so that importing convcore imports no JAX.
        from convcore_jax._engines import candidates
        from convcore_jax._places import named

        return candidates(problem, named(device))

    def lower(self, problem: ConvProblem, engine: str, device: Device) -> Run:
        from convcore_jax._engines import lower
        from convcore_jax._places import named

        return lower(problem, engine, named(device))

    def lend(self, x: Any, device: Device) -> Any:
        from convcore_jax._lending import lend

        return lend(x, device)

    def give_back(self, y: Any, like: Any) -> Any:
        from convcore_jax._lending import give_back

        return give_back(y, like)


@lru_cache(maxsize=1)
def _place_of() -> Callable[[Any], Device]:
    # Kept, because every call asks it and an import statement takes longer than the answer.
    from convcore_jax._places import place_of

    return place_of
