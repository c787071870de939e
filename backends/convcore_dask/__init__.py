"""convcore on Dask."""

from convcore.plugins import Backend, hookimpl
from convcore_dask._backend import DaskBackend

__all__ = ["convcore_backend"]


@hookimpl
def convcore_backend() -> Backend:
    """The Dask backend."""
    return DaskBackend()
