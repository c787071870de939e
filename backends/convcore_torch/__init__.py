"""convcore on PyTorch."""

from convcore.plugins import Backend, hookimpl
from convcore_torch._backend import TorchBackend

__all__ = ["convcore_backend"]


@hookimpl
def convcore_backend() -> Backend:
    """The PyTorch backend."""
    return TorchBackend()
