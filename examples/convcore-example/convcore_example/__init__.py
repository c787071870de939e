"""convcore on the arrays of `example_arrays`."""

from convcore.plugins import Backend, hookimpl
from convcore_example._backend import ExampleBackend

__all__ = ["convcore_backend"]


@hookimpl
def convcore_backend() -> Backend:
    """The backend: an object that has not imported its library yet."""
    return ExampleBackend()
