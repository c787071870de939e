"""The fake CuPy as a library of the conformance suite."""

from dataclasses import dataclass

from convcore_conformance.dtypes import DTYPES
from convcore_conformance.libraries import Library

__all__ = ["OnCPU", "on_cpu"]


@dataclass(frozen=True, eq=False)
class OnCPU(Library):
    """Its namespace is the backend's, and no array of it becomes NumPy's by itself."""

    @property
    def xp(self):
        from convcore_cupy._namespace import NAMESPACE

        return NAMESPACE

    def numpy(self, array):
        return array.get()


def on_cpu(name):
    return OnCPU(name, "cupy", "cupy", frozenset(DTYPES))
