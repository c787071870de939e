"""convcore on JAX."""

from convcore.plugins import Backend, hookimpl
from convcore_jax._backend import JAXBackend

__all__ = ["convcore_backend"]


@hookimpl
def convcore_backend() -> Backend:
    """The JAX backend."""
    return JAXBackend()
