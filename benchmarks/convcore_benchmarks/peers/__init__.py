"""The peers: what convcore's users would otherwise call, a table for each library."""

from functools import cache
from importlib import import_module
from importlib.util import find_spec

from ._peer import Peer

__all__ = ["LIBRARIES", "Peer", "beside"]

LIBRARIES = ("numpy", "scipy", "torch", "jax")
"""Those that can be handed NumPy's arrays."""


def beside(backend: str) -> tuple[Peer, ...]:
    """The peers of a backend's arrays, of the libraries that are installed.

    Parameters
    ----------
    backend : str
        Arrays of NumPy can be handed to any of them; others have their own library alone.

    Returns
    -------
    tuple of Peer
    """
    names = LIBRARIES if backend == "numpy" else {backend}.intersection((*LIBRARIES, "cupy"))
    return tuple(peer for name in names if find_spec(name) for peer in _peers(name))


@cache
def _peers(library: str) -> tuple[Peer, ...]:
    found: tuple[Peer, ...] = import_module(f"{__name__}._{library}").PEERS
    return found
