"""convcore on NumPy: the embedded default."""

from convcore.plugins import Backend, hookimpl
from convcore_numpy._backend import NumPyBackend

__all__ = ["convcore_backend"]


@hookimpl
def convcore_backend() -> Backend:
    """The NumPy backend."""
    return NumPyBackend()
