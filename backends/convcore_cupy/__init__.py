"""convcore on CuPy."""

from convcore.plugins import Backend, hookimpl
from convcore_cupy._backend import CuPyBackend

__all__ = ["convcore_backend"]


@hookimpl
def convcore_backend() -> Backend:
    """The CuPy backend."""
    return CuPyBackend()
