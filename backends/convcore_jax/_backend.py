"""The JAX backend's answers to convcore."""

from collections.abc import Mapping
from typing import Any, final

from convcore import algorithms
from convcore.plugins import (
    DTYPES,
    PORTABLE_METHODS,
    Candidate,
    Capabilities,
    ConvProblem,
    Device,
    Namespace,
    Run,
    lend_by,
    return_to,
)

__all__ = ["JAXBackend"]


@final
class JAXBackend:
    """Skeleton: the portable algorithms."""

    name = "jax"
    array_types = ("jax.Array",)
    refused_types: Mapping[str, str] = {}

    @property
    def capabilities(self) -> Capabilities:
        import jax

        return Capabilities(jax.__version__, ("cpu",), tuple(DTYPES), PORTABLE_METHODS)

    def tracing(self) -> bool:
        return False

    def device(self, x: Any) -> Device:
        return None

    def surely(self, predicate: Any) -> bool:
        return bool(predicate)

    def namespace(self, x: Any) -> Namespace:
        import jax.numpy

        return jax.numpy

    def methods(self, problem: ConvProblem, device: Device) -> tuple[Candidate, ...]:
        return algorithms.candidates(problem, self.namespace(None))

    def lower(self, problem: ConvProblem, engine: str, device: Device) -> Run:
        return algorithms.lower(problem, engine, self.namespace(None))

    def lend(self, x: Any, device: Device) -> Any:
        return lend_by(self.namespace(None).from_dlpack, x, "JAX")

    def give_back(self, y: Any, like: Any) -> Any:
        return return_to(y, like)
