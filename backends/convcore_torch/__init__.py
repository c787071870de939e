"""convcore on PyTorch."""

from collections.abc import Callable
from typing import Any

from convcore.plugins import Backend, Compiler, hookimpl
from convcore_torch._backend import TorchBackend

__all__ = ["convcore_backend", "convcore_compiler"]


@hookimpl
def convcore_backend() -> Backend:
    """The PyTorch backend."""
    return TorchBackend()


@hookimpl
def convcore_compiler() -> Compiler:
    """Dynamo, the front of ``torch.compile``."""
    return Compiler("torch._dynamo", _tracing)


def _tracing() -> Callable[..., Any] | None:
    import torch

    if not torch.compiler.is_compiling():
        return None
    from convcore_torch._graph import in_graph

    traced: Callable[..., Any] = in_graph
    return traced
