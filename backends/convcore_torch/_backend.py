"""The PyTorch backend's answers to convcore."""

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

__all__ = ["TorchBackend"]


@final
class TorchBackend:
    """Skeleton: the portable algorithms."""

    name = "torch"
    array_types = ("torch.Tensor",)
    refused_types: Mapping[str, str] = {}

    @property
    def capabilities(self) -> Capabilities:
        import torch

        return Capabilities(torch.__version__, ("cpu",), tuple(DTYPES), PORTABLE_METHODS)

    def tracing(self) -> bool:
        return False

    def device(self, x: Any) -> Device:
        return None

    def surely(self, predicate: Any) -> bool:
        return bool(predicate)

    def namespace(self, x: Any) -> Namespace:
        from array_api_compat import torch

        return torch

    def methods(self, problem: ConvProblem, device: Device) -> tuple[Candidate, ...]:
        return algorithms.candidates(problem, self.namespace(None))

    def lower(self, problem: ConvProblem, engine: str, device: Device) -> Run:
        return algorithms.lower(problem, engine, self.namespace(None))

    def lend(self, x: Any, device: Device) -> Any:
        return lend_by(self.namespace(None).from_dlpack, x, "PyTorch")

    def give_back(self, y: Any, like: Any) -> Any:
        return return_to(y, like)
