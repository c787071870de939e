"""The backend of every library without a plugin: the portable algorithms in its own namespace."""

from collections.abc import Mapping
from typing import Any, cast, final

import array_api_compat

from convcore._backend import PORTABLE_METHODS, Candidate, Capabilities
from convcore._dtypes import DTYPES
from convcore._problem import ConvProblem
from convcore._typing import Comparison, Device, Namespace, Run, Size

__all__ = ["ArrayAPIBackend"]


@final
class ArrayAPIBackend:
    """Convolutions in one array API namespace, by nothing but the standard."""

    array_types: tuple[str, ...] = ()
    refused_types: Mapping[str, str] = {}

    def __init__(self, xp: Namespace) -> None:
        self._xp = xp
        self.name: str = xp.__name__

    @property
    def capabilities(self) -> Capabilities:
        """What the namespace has of what the spec names."""
        # Imported late, here and below: the algorithms cost 10 ms that importing convcore need
        # not pay.
        from convcore.algorithms import has_fft

        dtypes = tuple(name for name in DTYPES if getattr(self._xp, name, None) is not None)
        methods = PORTABLE_METHODS if has_fft(self._xp) else ("direct",)
        return Capabilities(getattr(self._xp, "__version__", ""), (), dtypes, methods)

    def device(self, x: Any) -> Device:
        """The standard's device attribute."""
        return cast(Device, array_api_compat.device(x))

    def surely(self, compare: Comparison, a: Size, b: Size) -> bool:
        """Whether they compare so: sizes are numbers."""
        return bool(compare(a, b))

    def namespace(self, x: Any) -> Namespace:
        """The namespace this backend was made for."""
        return self._xp

    def methods(self, problem: ConvProblem, device: Device) -> tuple[Candidate, ...]:
        """The portable algorithms."""
        from convcore import algorithms

        return algorithms.candidates(problem, self._xp)

    def lower(self, problem: ConvProblem, engine: str, device: Device) -> Run:
        """A portable algorithm in this namespace."""
        from convcore import algorithms

        return algorithms.lower(problem, engine, self._xp)

    def lend(self, x: Any, device: Device) -> Any:
        """The array itself: these algorithms run in whatever namespace it has."""
        return x

    def give_back(self, y: Any, like: Any) -> Any:
        """The result itself, which is in like's namespace already."""
        return y
